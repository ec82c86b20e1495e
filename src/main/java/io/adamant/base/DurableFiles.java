package io.adamant.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Files and names that appear complete or not at all, whoever else writes the same one, and that
 * survive a kill and a power cut: content is forced to the disk before its name, and the name by
 * forcing the folder that holds it.
 */
public final class DurableFiles {

  /** The end of the name of a file that is being written. */
  public static final String TEMPORARY = ".tmp";

  private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> UNFINISHED.forEach(DurableFiles::discard), "discard"));
  }

  private DurableFiles() {}

  private static void discard(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      return; // a folder with content, which its next writer takes away
    }
  }

  /**
   * Writes a file, whole or not at all; the last of several writers wins.
   *
   * @param file where; folders above it are made
   * @param text content, in UTF-8
   * @return the file
   * @throws UncheckedIOException if it cannot be written
   */
  public static Path write(Path file, String text) {
    return write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes a file, whole or not at all; the last of several writers wins.
   *
   * @param file where; folders above it are made
   * @param content its bytes
   * @return the file
   * @throws UncheckedIOException if it cannot be written
   */
  public static Path write(Path file, byte[] content) {
    Path target = file.toAbsolutePath();
    try {
      Files.createDirectories(target.getParent());
      Path temporary = temporary(target);
      try {
        writeForced(temporary, content);
        publish(temporary, target);
      } finally {
        Files.deleteIfExists(temporary);
        UNFINISHED.remove(temporary);
      }
      return file;
    } catch (IOException e) {
      throw new StorageException("write", file, e);
    }
  }

  /**
   * A hidden name next to a file that no other writer uses. A file that still has it when the
   * program ends, as after a signal, is deleted.
   *
   * @param target the file
   * @return a path that ends in {@link #TEMPORARY}
   */
  public static Path temporary(Path target) {
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + TEMPORARY);
    UNFINISHED.add(temporary);
    return temporary;
  }

  /**
   * Writes a file in place, for a folder that is published as a whole, and forces its content.
   *
   * @param file where
   * @param content its bytes
   * @throws IOException if it cannot be written
   */
  public static void writeForced(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /**
   * Gives a forced file or folder its name, in place of what had it, and forces the name.
   *
   * @param temporary on the same file system
   * @param target its name
   * @throws IOException if that fails
   */
  public static void publish(Path temporary, Path target) throws IOException {
    try {
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) { // some mounted folders
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
    UNFINISHED.remove(temporary);
    force(target.toAbsolutePath().getParent());
  }

  /**
   * Renames in one step: of several who try, one succeeds.
   *
   * @param from a file or folder
   * @param to its new name on the same file system; a file that has it is replaced
   * @throws IOException if that fails, {@link java.nio.file.NoSuchFileException} where somebody was
   *     faster
   */
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Makes a folder whose name is on the disk.
   *
   * @param folder where
   * @throws IOException if it cannot be made
   */
  public static void createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      force(folder.toAbsolutePath().getParent());
    }
  }

  /**
   * Forces a folder's entries to the disk.
   *
   * @param folder which
   * @throws IOException if that fails
   */
  public static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Deletes a folder with all that is in it, if it is there.
   *
   * @param folder which
   * @throws IOException if that fails
   */
  public static void deleteFolder(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
