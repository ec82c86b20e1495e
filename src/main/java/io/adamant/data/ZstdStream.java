package io.adamant.data;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What is in a zstd file, which may hold several frames and skippable ones, checked to the last
 * byte. A window may have 128 MiB, as for the zstd program without an option. zstd-jni's own stream
 * neither refuses what follows the last frame nor says where it stopped.
 */
final class ZstdStream extends InputStream {
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE = 0x184d2a50;

  /** Bytes handed to the library at once: a position in a message is exact to as many. */
  private static final int INPUT = 1 << 12;

  private final InputStream in;
  private final String name;
  private final ZstdDecompressCtx context;
  private final ByteBuffer input =
      ByteBuffer.allocateDirect(INPUT).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final ByteBuffer output = ByteBuffer.allocateDirect(1 << 17).limit(0);
  private final byte[] chunk = new byte[INPUT];

  /** Offset in the file of the end of {@code input}. */
  private long read;

  private long frameStart;
  private boolean inFrame;
  private boolean ended;

  ZstdStream(InputStream in, String name, ZstdDecompressCtx context) {
    this.in = in;
    this.name = name;
    this.context = context;
  }

  /** Whether these are the first bytes of a zstd file. */
  static boolean isZstd(byte[] head) {
    return head.length >= Integer.BYTES
        && isMagic(ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt());
  }

  private static boolean isMagic(int word) {
    return word == MAGIC || (word & ~0xf) == SKIPPABLE;
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
    while (!output.hasRemaining()) {
      if (ended || (!inFrame && !beginFrame())) {
        ended = true;
        return -1;
      }
      decompress();
    }
    int some = Math.min(length, output.remaining());
    output.get(target, offset, some);
    return some;
  }

  private boolean beginFrame() throws IOException {
    while (input.remaining() < Integer.BYTES && fill()) {
      // a magic number may come in parts
    }
    frameStart = offset();
    if (!input.hasRemaining() && frameStart > 0) {
      return false;
    }
    if (input.remaining() < Integer.BYTES || !isMagic(input.getInt(input.position()))) {
      String what = frameStart == 0 ? "no zstd header" : "bytes after a frame that are no zstd";
      throw Compression.ZSTD.damaged(name, what, frameStart);
    }
    inFrame = true;
    return true;
  }

  private void decompress() throws IOException {
    output.clear();
    long before = offset();
    try {
      inFrame = !context.decompressDirectByteBufferStream(output, input);
    } catch (ZstdException e) {
      throw Compression.ZSTD.damaged(name, reason(e), before);
    }
    output.flip();
    // With room left in the output, the library has given all that it has.
    boolean wantsMore = inFrame && output.limit() < output.capacity() && !input.hasRemaining();
    if (wantsMore && !fill()) {
      throw Compression.ZSTD.damaged(
          name, "the file ends within the frame that began at byte " + frameStart, offset());
    }
  }

  private static String reason(ZstdException e) {
    String said = e.getMessage() == null ? "damaged data" : e.getMessage();
    return said.contains("requires too much memory")
        ? "a window of more than 128 MiB (compress with --long=27 at most)"
        : said;
  }

  /** Reads on; false at the end of the file. */
  private boolean fill() throws IOException {
    input.compact();
    int more = in.read(chunk, 0, input.remaining());
    if (more > 0) {
      input.put(chunk, 0, more);
      read += more;
    }
    input.flip();
    return more > 0;
  }

  private long offset() {
    return read - input.remaining();
  }

  @Override
  public void close() throws IOException {
    context.close();
    in.close();
  }
}
