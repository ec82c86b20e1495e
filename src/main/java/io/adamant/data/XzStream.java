package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;

/**
 * What is in an xz file, which may hold several streams, checked to the last byte; what the library
 * finds wrong becomes one line with the file and the byte.
 */
final class XzStream extends FilterInputStream {
  /** Every preset of xz needs less than 70 MiB; a larger dictionary is unusual. */
  private static final int MEMORY_KIB = 512 * 1024;

  private final CountingStream file;
  private final String name;

  private XzStream(InputStream xz, CountingStream file, String name) {
    super(xz);
    this.file = file;
    this.name = name;
  }

  static XzStream of(CountingStream file, String name) throws IOException {
    try {
      return new XzStream(new XZInputStream(file, MEMORY_KIB), file, name);
    } catch (IOException e) {
      throw damaged(e, file, name);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      return super.read(target, offset, length);
    } catch (IOException e) {
      throw damaged(e, file, name);
    }
  }

  /** Nothing is known to be there: the library would throw here what it found wrong. */
  @Override
  public int available() {
    return 0;
  }

  private static InputException damaged(IOException e, CountingStream file, String name) {
    String what =
        e instanceof EOFException ? "the file ends too early" : StorageException.reason(e);
    if (e instanceof MemoryLimitException) {
      what = "it needs more than 512 MiB of memory";
    } else if (e instanceof org.tukaani.xz.XZFormatException) {
      what = file.count() > 32 ? "bytes after a stream that are no xz" : "no xz header";
    }
    return Compression.XZ.damaged(name, what, file.count());
  }
}
