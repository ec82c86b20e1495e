package io.adamant.study;

import io.adamant.base.DurableFiles;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Whole folders: published, linked, deleted. */
final class Folders {

  private Folders() {}

  /**
   * Gives a folder its final name in one step that replaces nothing: rename(2) moves a folder onto
   * a name that is free and refuses one that holds a folder with files.
   *
   * @param folder complete, not empty
   * @param target its name for good
   * @return whether this call did it; false if another one was first, or took the folder away
   */
  static boolean publish(Path folder, Path target) {
    try {
      Files.createDirectories(target.getParent());
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        return false; // rename(2) would say so too; spares a message from some file servers
      }
      DurableFiles.rename(folder, target);
      force(target.getParent());
      return true;
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException | NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      if (Files.exists(target)) {
        return false; // EEXIST and ENOTEMPTY have no exception of their own in a rename
      }
      throw new StorageException("publish", target, e);
    }
  }

  /** The same files under another folder: hard links, or copies where the system has no links. */
  static void link(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Path twin = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(twin);
        } else {
          linkFile(path, twin);
        }
      }
    }
  }

  private static void linkFile(Path file, Path twin) throws IOException {
    try {
      Files.createLink(twin, file);
    } catch (UnsupportedOperationException e) {
      Files.copy(file, twin);
    } catch (IOException e) {
      if (!Files.exists(file)) {
        throw e;
      }
      Files.copy(file, twin);
    }
  }

  /**
   * Deletes a folder. Its name goes first, in one step, so that nobody takes what is left for the
   * whole. Somebody may be writing into it still; what that leaves behind goes with a later call.
   */
  static void delete(Path folder) {
    Path doomed = folder.resolveSibling(".deleted-" + UUID.randomUUID());
    try {
      DurableFiles.rename(folder, doomed);
    } catch (IOException e) {
      return; // gone already
    }
    deleteContent(doomed);
  }

  /** Deletes what it can of a folder whose name says that it is doomed. */
  static void deleteContent(Path doomed) {
    try (Stream<Path> tree = Files.walk(doomed)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      return;
    }
  }

  static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
