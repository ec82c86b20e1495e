package io.adamant.data;

import io.adamant.base.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The text behind a stretch of tokens: its bytes of UTF-8 and its hash, whatever the tokenizer.
 *
 * <p>Of every portion that is encoded it keeps where the portion ends, in tokens and in bytes: 16
 * bytes for some 64 KB of text.
 */
final class TextIndex {
  /** Stands after each document in the hash; no UTF-8 has such a byte. */
  static final byte DOCUMENT_END = (byte) 0xff;

  private final Sha256 sha = new Sha256();
  private long[] tokens = new long[64];
  private long[] bytes = new long[64];
  private int portions;

  /**
   * Writes a piece as {@link #add} takes it.
   *
   * @param piece of a document
   * @param spacesLeftOut whether a space stood between it and the next of the same document
   * @param text where it goes
   */
  static void write(Piece piece, boolean spacesLeftOut, ByteArrayOutputStream text) {
    text.writeBytes(piece.text().getBytes(StandardCharsets.UTF_8));
    if (piece.endsDocument()) {
      text.write(DOCUMENT_END);
    } else if (spacesLeftOut) {
      text.write(' ');
    }
  }

  /**
   * Adds a portion.
   *
   * @param count tokens of it
   * @param text UTF-8 with {@link #DOCUMENT_END} after each document
   * @param documents that end in it
   */
  void add(int count, byte[] text, int documents) {
    sha.add(java.nio.ByteBuffer.wrap(text));
    if (portions == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * portions);
      bytes = Arrays.copyOf(bytes, 2 * portions);
    }
    tokens[portions] = tokens() + count;
    bytes[portions] = bytes() + text.length - documents;
    portions++;
  }

  long tokens() {
    return portions == 0 ? 0 : tokens[portions - 1];
  }

  /** Bytes of all the text, ends of documents not counted. */
  long bytes() {
    return portions == 0 ? 0 : bytes[portions - 1];
  }

  /** Identifies the text and its documents; call it once. */
  String sha256() {
    return sha.hex();
  }

  /**
   * Bytes of the text that the first tokens stand for. Within a portion they are counted by
   * decoding, which is exact for tokenizers that keep every byte.
   *
   * @param count at most all
   * @param all the tokens, from the first of this text on
   * @param tokenizer that made them
   */
  long bytesOf(long count, TokenMap all, Tokenizer tokenizer) {
    int found = Arrays.binarySearch(tokens, 0, portions, count);
    int before = found >= 0 ? found : -found - 2; // the last portion that ends at or before it
    long from = before < 0 ? 0 : tokens[before];
    long known = before < 0 ? 0 : bytes[before];
    int[] rest = new int[Math.toIntExact(count - from)];
    int texts = 0;
    for (long at = from; at < count; at++) {
      int token = all.get(at);
      if (token != tokenizer.endOfText()) {
        rest[texts++] = token;
      }
    }
    String text = texts == 0 ? "" : tokenizer.decode(Arrays.copyOf(rest, texts));
    return known + text.getBytes(StandardCharsets.UTF_8).length;
  }
}
