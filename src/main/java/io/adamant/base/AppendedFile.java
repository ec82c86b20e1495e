package io.adamant.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** A file that bytes are added to; every error names it. */
public final class AppendedFile implements AutoCloseable {

  private final Path file;
  private final FileChannel channel;

  /**
   * Opens it.
   *
   * @param file where
   * @param options how
   * @throws UncheckedIOException if it cannot be opened
   */
  public AppendedFile(Path file, OpenOption... options) {
    this.file = file;
    try {
      channel = FileChannel.open(file, options);
    } catch (IOException e) {
      throw new StorageException("open", file, e);
    }
  }

  /** Keeps the first bytes only; what is written next follows them. */
  public void keep(long bytes) {
    try {
      channel.truncate(bytes).position(bytes);
    } catch (IOException e) {
      throw new StorageException("write", file, e);
    }
  }

  /** Waits until what was written would survive a power failure. */
  public void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new StorageException("write", file, e);
    }
  }

  /** Adds all of the bytes. */
  public void write(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new StorageException("write", file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StorageException("close", file, e);
    }
  }
}
