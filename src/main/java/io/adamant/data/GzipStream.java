package io.adamant.data;

import io.adamant.base.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The text in a gzip file, which may hold several members, checked to the last byte. Java's own
 * stream takes whatever follows a member for its end, so that damage between members would lose the
 * rest without a word. Zeros after the last member are padding, as gzip has it.
 */
final class GzipStream extends InputStream {
  private static final int BUFFER = 1 << 16;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final InputStream in;
  private final String name;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 check = new CRC32();
  private final byte[] buffer = new byte[BUFFER];
  private int position;
  private int limit;

  /** Offset in the file of the first byte of {@code buffer}. */
  private long bufferStart;

  /** Offset in the file of the current member. */
  private long memberStart;

  private boolean inMember;
  private boolean ended;

  GzipStream(InputStream in, String name) {
    this.in = in;
    this.name = name;
  }

  /** Whether these are the first bytes of a gzip file. */
  static boolean isGzip(byte[] head) {
    return head.length > 1 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      if (!inMember && !beginMember()) {
        ended = true;
        break;
      }
      try {
        int read = inflater.inflate(target, offset, length);
        position = limit - inflater.getRemaining();
        if (read > 0) {
          check.update(target, offset, read);
          return read;
        }
      } catch (DataFormatException e) {
        throw damaged("damaged data", bufferStart + limit - inflater.getRemaining());
      }
      if (inflater.finished()) {
        endMember();
      } else if (inflater.needsDictionary()) {
        throw damaged("damaged data", bufferStart + position);
      } else if (fill()) {
        inflater.setInput(buffer, 0, limit);
      } else {
        throw damaged(
            "the file ends within the member that began at byte " + memberStart,
            bufferStart + limit);
      }
    }
    return -1;
  }

  private boolean beginMember() throws IOException {
    memberStart = bufferStart + position;
    int first = next();
    if (first < 0 && memberStart > 0) {
      return false;
    }
    if (first == 0 && memberStart > 0) {
      for (int padding = next(); padding >= 0; padding = next()) {
        if (padding != 0) {
          throw damaged("something after the zeros that pad it", bufferStart + position - 1);
        }
      }
      return false;
    }
    if (first != 0x1f || next() != 0x8b) {
      String what = memberStart == 0 ? "no gzip header" : "bytes after a member that are no gzip";
      throw damaged(what, memberStart);
    }
    int method = needed();
    int flags = needed();
    if (method != 8 || (flags & RESERVED) != 0) {
      throw damaged("a damaged header", memberStart);
    }
    for (int i = 0; i < 6; i++) {
      needed(); // time, flags of the compressor and its system
    }
    if ((flags & EXTRA) != 0) {
      int length = needed() | needed() << 8;
      for (int i = 0; i < length; i++) {
        needed();
      }
    }
    for (int text : new int[] {NAME, COMMENT}) {
      for (boolean open = (flags & text) != 0; open; ) {
        open = needed() != 0; // to the zero that ends it
      }
    }
    if ((flags & HEADER_CRC) != 0) {
      needed();
      needed();
    }
    inflater.reset();
    inflater.setInput(buffer, position, limit - position);
    check.reset();
    inMember = true;
    return true;
  }

  private void endMember() throws IOException {
    position = limit - inflater.getRemaining();
    if (word() != check.getValue()) {
      throw damaged("a wrong checksum of the member that ends", bufferStart + position);
    }
    if (word() != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw damaged("a wrong length of the member that ends", bufferStart + position);
    }
    inMember = false;
  }

  private long word() throws IOException {
    return needed() | needed() << 8 | needed() << 16 | (long) needed() << 24;
  }

  private int needed() throws IOException {
    int value = next();
    if (value < 0) {
      throw damaged(
          "the file ends within the member that began at byte " + memberStart, bufferStart + limit);
    }
    return value;
  }

  private int next() throws IOException {
    if (position == limit && !fill()) {
      return -1;
    }
    return buffer[position++] & 0xff;
  }

  private boolean fill() throws IOException {
    bufferStart += limit;
    position = 0;
    limit = Math.max(0, in.read(buffer, 0, BUFFER));
    return limit > 0;
  }

  private InputException damaged(String what, long offset) {
    return Compression.GZIP.damaged(name, what, offset);
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
