package io.adamant.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * Appends portions of tokens to a file, little-endian, two or four bytes each.
 *
 * <p>A journal has 8 bytes for each portion: the number of its tokens, and the CRC-32C of its text
 * and of its tokens' bytes. What a writer that was killed has left is taken as it is as long as
 * text and tokens match the journal; from the first portion that does not, because it is torn or
 * the text is another, tokens and journal are written anew. So nothing has to be forced to the disk
 * on the way: what a power cut loses does not match.
 */
final class TokenWriter {
  /** Bytes of the journal for a portion. */
  static final int RECORD = 8;

  private final FileChannel tokens;
  private final Optional<FileChannel> journal;
  private final long start;
  private final int width;
  private long recordsRead;
  private long tokensRead;
  private long portions;
  private long count;
  private long kept;
  private boolean again;

  /** A writer that nobody has to go on after. */
  TokenWriter(FileChannel tokens, long start, int width) {
    this(tokens, Optional.empty(), start, width);
  }

  /**
   * Goes on where another stopped, or begins.
   *
   * @param tokens the file
   * @param journal of it; both may have anything in them
   * @param start offset in bytes of the first token
   * @param width bytes of a token, 2 or 4
   */
  TokenWriter(FileChannel tokens, Optional<FileChannel> journal, long start, int width) {
    this.tokens = tokens;
    this.journal = journal;
    this.start = start;
    this.width = width;
  }

  /**
   * What the journal says of a portion: the index of its first token, their number, and the sum.
   */
  record Earlier(long first, int count, int crc) {}

  /** A portion's tokens as the file has them, from an index on that is −1 if it does not yet. */
  record Portion(ByteBuffer bytes, int count, int crc, long first) {}

  /**
   * Looks the next portion up in the journal: call it once for each, in their order.
   *
   * @return empty where the earlier writer did not come so far
   */
  Optional<Earlier> next() throws IOException {
    ByteBuffer record = ByteBuffer.allocate(RECORD);
    if (journal.isEmpty() || journal.get().read(record, recordsRead * RECORD) < RECORD) {
      return Optional.empty();
    }
    Earlier earlier = new Earlier(tokensRead, record.getInt(0), record.getInt(Integer.BYTES));
    recordsRead++;
    tokensRead += earlier.count();
    return Optional.of(earlier);
  }

  /**
   * The tokens of a portion: those in the file where they are the journal's, else encoded now. May
   * be called by several threads.
   *
   * @param text what they stand for, by which another text is told
   * @param earlier what the journal says
   * @param encode makes them
   */
  Portion portion(byte[] text, Optional<Earlier> earlier, Supplier<int[]> encode) {
    return earlier.flatMap(record -> there(text, record)).orElseGet(() -> encoded(text, encode));
  }

  private Portion encoded(byte[] text, Supplier<int[]> encode) {
    int[] ids = encode.get();
    ByteBuffer bytes = ByteBuffer.allocate(ids.length * width).order(ByteOrder.LITTLE_ENDIAN);
    if (width == Short.BYTES) {
      for (int id : ids) {
        bytes.putShort((short) id);
      }
    } else {
      bytes.asIntBuffer().put(ids);
    }
    bytes.clear();
    return new Portion(bytes, ids.length, crc(text, bytes), -1);
  }

  private Optional<Portion> there(byte[] text, Earlier record) {
    long length = (long) record.count() * width;
    long at = start + record.first() * width;
    try {
      if (length < 0 || length > Integer.MAX_VALUE || at < start || at + length > tokens.size()) {
        return Optional.empty();
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) length);
      while (bytes.hasRemaining() && tokens.read(bytes, at + bytes.position()) > 0) {}
      bytes.clear();
      return crc(text, bytes) == record.crc()
          ? Optional.of(new Portion(bytes, record.count(), record.crc(), record.first()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // a part of the disk that cannot be read is written anew
    }
  }

  private static int crc(byte[] text, ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(text);
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /** Appends a portion; in the order of {@link #next}. */
  void write(Portion portion) throws IOException {
    again = portion.first() == count;
    if (again) {
      kept += portion.count();
    } else {
      writeAll(tokens, portion.bytes(), start + count * width);
      if (journal.isPresent()) {
        ByteBuffer record = ByteBuffer.allocate(RECORD);
        record.putInt(portion.count()).putInt(portion.crc()).flip();
        writeAll(journal.get(), record, portions * RECORD);
      }
    }
    portions++;
    count += portion.count();
  }

  /** Appends tokens that stand for no text. */
  void write(int[] ids) throws IOException {
    write(encoded(new byte[0], () -> ids));
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  long count() {
    return count;
  }

  /** How many of them an earlier writer has left. */
  long kept() {
    return kept;
  }

  /** Whether the last portion was there. */
  boolean again() {
    return again;
  }

  /** Cuts off what an earlier writer may have left behind the last token. */
  void end() throws IOException {
    tokens.truncate(start + count * width);
  }
}
