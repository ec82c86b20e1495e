package io.adamant.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Files that appear complete or not at all, whoever else writes the same one. */
final class AtomicFile {
  /** The end of a temporary file's name. */
  static final String SUFFIX = ".tmp";

  private AtomicFile() {}

  /** A name beside {@code target} that no other writer uses. */
  static Path temporary(Path target) {
    String name = target.getFileName() + "." + UUID.randomUUID() + SUFFIX;
    return target.resolveSibling(name);
  }

  /** Gives a finished file, already forced to the disk, its name; the last writer wins. */
  static void publish(Path temporary, Path target) throws IOException {
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Writes a small file. */
  static void write(Path target, byte[] content) throws IOException {
    Path temporary = temporary(target);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      publish(temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
