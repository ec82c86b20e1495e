package io.adamant.data;

import io.adamant.base.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.Locale;
import java.util.Optional;

/**
 * Cuts a text into documents at separator lines, and long documents into pieces.
 *
 * <p>From {@code target} characters on, a piece ends at the next place that the tokenizer's {@link
 * CutRule} allows. A text without such places stays whole up to {@code most} characters; a longer
 * one is refused. The cuts depend on the text alone, never on how the reads come in.
 */
final class PieceReader {
  /** Characters of a piece that is looking for its end. */
  static final int TARGET = 1 << 17;

  /** Characters after which any provable place is good enough. */
  static final int LIMIT = 16 * TARGET;

  /** Characters that a piece may have at most. */
  static final int MOST = 1 << 26;

  private final Characters characters;
  private final boolean separators;
  private final CutRule cuts;
  private final int target;
  private final int limit;
  private final int most;
  private final StringBuilder pending = new StringBuilder();

  /** Where the current line starts in {@code pending}; −1 if it started in an earlier piece. */
  private int lineStart;

  /** Whether an earlier piece of the current document has been handed out. */
  private boolean insideDocument;

  private final String name;

  /** How many characters of {@link TextCorpus#SEPARATOR} have just been read. */
  private int marked;

  /** Whether the current line has a whole {@link TextCorpus#SEPARATOR}. */
  private boolean hasSeparator;

  private long line = 1;

  /** The number of the current document in this text, from 1 on; empty ones do not count. */
  private long document = 1;

  PieceReader(InputStream in, String name, Reading reading) {
    this(in, name, reading, TARGET, LIMIT, MOST);
  }

  PieceReader(InputStream in, String name, Reading reading, int target, int limit, int most) {
    this(
        new Utf8Reader(in, name, reading.replaceInvalid())::read,
        true,
        name,
        reading.cuts(),
        target,
        limit,
        most);
  }

  /** The pieces of one document, in which a separator is text. */
  static PieceReader ofDocument(String text, String name, CutRule cuts) {
    return new PieceReader(new StringReader(text)::read, false, name, cuts, TARGET, LIMIT, MOST);
  }

  private PieceReader(
      Characters characters,
      boolean separators,
      String name,
      CutRule cuts,
      int target,
      int limit,
      int most) {
    if (target < 2) {
      throw new IllegalArgumentException("target must be at least 2, found " + target);
    }
    this.characters = characters;
    this.separators = separators;
    this.name = name;
    this.cuts = cuts;
    this.target = target;
    this.limit = limit;
    this.most = most;
  }

  /** The next piece, or empty at the end of the text. */
  Optional<Piece> next() throws IOException {
    for (int c = characters.read(); c >= 0; c = characters.read()) {
      pending.append((char) c);
      look((char) c);
      if (c == '\n') {
        boolean separator = isSeparator(textEnd());
        endLine(separator);
        if (separator) {
          pending.setLength(lineStart);
          Optional<Piece> piece = endDocument();
          if (piece.isPresent()) {
            return piece;
          }
        } else {
          lineStart = pending.length();
        }
      }
      if (pending.length() > target) {
        int cut = cut(pending.length() - 1);
        if (cut > 0) {
          return Optional.of(cutAt(cut));
        } else if (pending.length() > most) {
          throw tooLong();
        }
      }
    }
    boolean separator = isSeparator(pending.length());
    endLine(separator);
    if (separator) {
      pending.setLength(lineStart);
    }
    return endDocument();
  }

  private void look(char c) {
    if (c != TextCorpus.SEPARATOR.charAt(marked)) {
      marked = 0; // its first character occurs nowhere else in it
    }
    if (c == TextCorpus.SEPARATOR.charAt(marked) && ++marked == TextCorpus.SEPARATOR.length()) {
      marked = 0;
      hasSeparator = true;
    }
  }

  private void endLine(boolean separator) {
    if (separators && hasSeparator && !separator) {
      throw new InputException(
          "%s has %s within line %s; documents are separated by lines of nothing but %s"
              .formatted(name, TextCorpus.SEPARATOR, line, TextCorpus.SEPARATOR));
    }
    hasSeparator = false;
    line++;
  }

  /** Where the line that has just ended stops, its line break left out. */
  private int textEnd() {
    int end = pending.length() - 1;
    return end > 0 && pending.charAt(end - 1) == '\r' ? end - 1 : end;
  }

  private boolean isSeparator(int lineEnd) {
    String separator = TextCorpus.SEPARATOR;
    return separators
        && lineStart >= 0
        && lineEnd - lineStart == separator.length()
        && pending.indexOf(separator, lineStart) == lineStart;
  }

  /** Ends the document with what is pending; empty if the document has no text. */
  private Optional<Piece> endDocument() {
    String text = pending.toString();
    boolean exists = insideDocument || !text.isBlank();
    pending.setLength(0);
    if (pending.capacity() > 2 * LIMIT) {
      pending.trimToSize(); // of a document as long as few are
    }
    lineStart = 0;
    insideDocument = false;
    document += exists ? 1 : 0;
    return exists ? Optional.of(new Piece(text, true)) : Optional.empty();
  }

  private Piece cutAt(int cut) {
    Piece piece = new Piece(pending.substring(0, cut), false);
    int next = cuts.next(cut);
    pending.delete(0, next);
    lineStart = lineStart >= next ? lineStart - next : -1;
    insideDocument = true;
    return piece;
  }

  /** Where to cut, given that the last character is at {@code last}; 0 for not yet. */
  private int cut(int last) {
    int cut = cuts.end(pending, last, last >= limit);
    return separators && cut > lineStart && lineMayBeSeparator() ? 0 : cut;
  }

  /** UTF-16 units one by one, −1 at the end. */
  @FunctionalInterface
  private interface Characters {
    int read() throws IOException;
  }

  private boolean lineMayBeSeparator() {
    String separator = TextCorpus.SEPARATOR + "\r";
    return lineStart >= 0
        && pending.length() - lineStart <= separator.length()
        && separator.startsWith(pending.substring(lineStart));
  }

  /** Reads on to the end of the document, to say how long it is. */
  private InputException tooLong() throws IOException {
    long length = pending.length();
    StringBuilder start = new StringBuilder(); // of the line, as far as it tells a separator
    for (int c = characters.read(); c >= 0; c = characters.read()) {
      length++;
      if (c != '\n') {
        if (start.length() <= TextCorpus.SEPARATOR.length() + 1) {
          start.append((char) c);
        }
      } else if (start.toString().strip().equals(TextCorpus.SEPARATOR)) {
        length -= start.length() + 1;
        break;
      } else {
        start.setLength(0);
      }
    }
    return new InputException(
        String.format(
            Locale.ROOT,
            "%s: document %d has %,d characters, and its tokenizer cannot be given it in parts; the most is %,d: put lines %s between shorter documents",
            name,
            document,
            length,
            most,
            TextCorpus.SEPARATOR));
  }
}
