package io.adamant.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The tokens of a file, mapped into memory in segments because one mapping ends at 2 GiB.
 *
 * <p>A token is an unsigned 16-bit or a signed 32-bit number, little-endian. The mapping outlives
 * the channel and the file's name; it goes when this object is collected.
 */
final class TokenMap implements TokenView {
  /** Bytes of a segment: a power of two, so that no token lies across a border. */
  static final int SEGMENT = 1 << 30;

  private final List<ByteBuffer> segments;
  private final int segmentBytes;
  private final int width;
  private final long size;

  private TokenMap(List<ByteBuffer> segments, int segmentBytes, int width, long size) {
    this.segments = segments;
    this.segmentBytes = segmentBytes;
    this.width = width;
    this.size = size;
  }

  /** Bytes of a token of a vocabulary. */
  static int width(int vocab) {
    return vocab <= 1 << 16 ? Short.BYTES : Integer.BYTES;
  }

  /**
   * Maps tokens.
   *
   * @param channel an open file
   * @param start offset in bytes of the first token
   * @param size the number of tokens
   * @param width bytes of a token, 2 or 4
   * @param segmentBytes bytes of a segment, a multiple of 4
   */
  static TokenMap of(FileChannel channel, long start, long size, int width, int segmentBytes)
      throws IOException {
    List<ByteBuffer> segments = new ArrayList<>();
    long bytes = size * width;
    for (long at = 0; at < bytes; at += segmentBytes) {
      long length = Math.min(segmentBytes, bytes - at);
      segments.add(
          channel.map(MapMode.READ_ONLY, start + at, length).order(ByteOrder.LITTLE_ENDIAN));
    }
    return new TokenMap(List.copyOf(segments), segmentBytes, width, size);
  }

  /** Tokens as bytes of a width, whatever they are stored in. */
  static ByteBuffer bytes(TokenView tokens, long start, int count, int width) {
    long[] read = new long[count];
    tokens.read(start, count, read, 0);
    ByteBuffer bytes = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
    for (long token : read) {
      if (width == Short.BYTES) {
        bytes.putShort((short) token);
      } else {
        bytes.putInt((int) token);
      }
    }
    return bytes.flip();
  }

  @Override
  public long size() {
    return size;
  }

  /** The bytes of all tokens, in order, each buffer a fresh view. */
  List<ByteBuffer> bytes() {
    return segments.stream().map(ByteBuffer::duplicate).toList();
  }

  int get(long index) {
    Objects.checkIndex(index, size);
    long at = index * width;
    return token(segments.get((int) (at / segmentBytes)), (int) (at % segmentBytes));
  }

  private int token(ByteBuffer segment, int at) {
    return width == Short.BYTES ? Short.toUnsignedInt(segment.getShort(at)) : segment.getInt(at);
  }

  @Override
  public void read(long start, int count, long[] target, int offset) {
    Objects.checkFromIndexSize(start, count, size);
    Objects.checkFromIndexSize(offset, count, target.length);
    long at = start * width;
    int done = 0;
    while (done < count) {
      ByteBuffer segment = segments.get((int) (at / segmentBytes));
      int from = (int) (at % segmentBytes);
      int here = Math.min(count - done, (segment.limit() - from) / width);
      copy(segment, from, here, target, offset + done);
      done += here;
      at += (long) here * width;
    }
  }

  /** Copies in bulk first: a call for each token is several times slower before the JIT's best. */
  private void copy(ByteBuffer segment, int from, int count, long[] target, int offset) {
    ByteBuffer bytes = segment.slice(from, count * width).order(ByteOrder.LITTLE_ENDIAN);
    if (width == Short.BYTES) {
      short[] tokens = new short[count];
      bytes.asShortBuffer().get(tokens);
      for (int i = 0; i < count; i++) {
        target[offset + i] = tokens[i] & 0xffffL;
      }
    } else {
      int[] tokens = new int[count];
      bytes.asIntBuffer().get(tokens);
      for (int i = 0; i < count; i++) {
        target[offset + i] = tokens[i];
      }
    }
  }

  int width() {
    return width;
  }
}
