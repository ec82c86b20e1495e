package io.adamant.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Appends tokens to a file, little-endian, two or four bytes each. */
final class TokenWriter {
  private final FileChannel channel;
  private final int width;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
  private long position;
  private long count;

  TokenWriter(FileChannel channel, long position, int width) {
    this.channel = channel;
    this.position = position;
    this.width = width;
  }

  long count() {
    return count;
  }

  void write(int[] tokens) throws IOException {
    for (int token : tokens) {
      if (buffer.remaining() < width) {
        flush();
      }
      if (width == Short.BYTES) {
        buffer.putShort((short) token);
      } else {
        buffer.putInt(token);
      }
    }
    count += tokens.length;
  }

  void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      position += channel.write(buffer, position);
    }
    buffer.clear();
  }
}
