package io.adamant.data;

import io.adamant.base.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.Optional;

/**
 * Cuts a text into documents at separator lines, and long documents into pieces.
 *
 * <p>From {@code target} characters on, a piece ends at the next place where a GPT-2 style
 * pre-tokenizer starts a new word whatever comes before: before a single space, or after a single
 * line feed, that stands between two characters that are not white space. A text without such
 * places is cut at {@code limit} characters, between two code points. The cuts depend on the text
 * alone, never on how the reads come in.
 */
final class PieceReader {
  /** Characters of a piece that is looking for its end. */
  static final int TARGET = 1 << 17;

  /** Characters after which a piece ends wherever it is. */
  static final int LIMIT = 16 * TARGET;

  private final Characters characters;
  private final boolean separators;
  private final int target;
  private final int limit;
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

  PieceReader(InputStream in, String name) {
    this(in, name, TARGET, LIMIT);
  }

  PieceReader(InputStream in, String name, int target, int limit) {
    this(new Utf8Reader(in, name)::read, true, name, target, limit);
  }

  /** The pieces of one document, in which a separator is text. */
  static PieceReader ofDocument(String text) {
    return new PieceReader(new StringReader(text)::read, false, "", TARGET, LIMIT);
  }

  private PieceReader(
      Characters characters, boolean separators, String name, int target, int limit) {
    this.characters = characters;
    this.separators = separators;
    this.name = name;
    if (target < 2 || limit < target + TextCorpus.SEPARATOR.length() + 2) {
      throw new IllegalArgumentException(
          "target must be at least 2 and limit well above it, found %s and %s"
              .formatted(target, limit));
    }
    this.target = target;
    this.limit = limit;
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
    lineStart = 0;
    insideDocument = false;
    return exists ? Optional.of(new Piece(text, true)) : Optional.empty();
  }

  private Piece cutAt(int cut) {
    Piece piece = new Piece(pending.substring(0, cut), false);
    pending.delete(0, cut);
    lineStart = lineStart >= cut ? lineStart - cut : -1;
    insideDocument = true;
    return piece;
  }

  /** Where to cut, given that the last character is at {@code last}; 0 for not yet. */
  private int cut(int last) {
    if (isSolid(pending.charAt(last)) && isSolid(pending.charAt(last - 2))) {
      char between = pending.charAt(last - 1);
      if (between == ' ') {
        return last - 1;
      }
      if (between == '\n') {
        return last;
      }
    }
    if (last < limit || Character.isLowSurrogate(pending.charAt(last))) {
      return 0;
    }
    boolean separatorPossible = last - lineStart <= TextCorpus.SEPARATOR.length();
    return separatorPossible ? lineStart : last;
  }

  /** UTF-16 units one by one, −1 at the end. */
  @FunctionalInterface
  private interface Characters {
    int read() throws IOException;
  }

  private static boolean isSolid(char c) {
    return !Character.isWhitespace(c) && !Character.isSpaceChar(c) && !Character.isISOControl(c);
  }
}
