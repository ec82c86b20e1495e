package io.adamant.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder that Adamant or its libraries write to.
 *
 * @param name what is in it
 * @param path where it is
 * @param needed whether a training writes to it
 * @param exists whether it is there yet; what is not is made at need
 * @param writable whether it, or the nearest folder above that exists, may be written
 * @param freeBytes room on its disk; -1 if unknown
 */
public record Folder(
    String name, Path path, boolean needed, boolean exists, boolean writable, long freeBytes) {

  static Folder of(String name, Path path, boolean needed) {
    Path standing = path.toAbsolutePath().normalize();
    while (!Files.exists(standing) && standing.getParent() != null) {
      standing = standing.getParent();
    }
    return new Folder(
        name,
        path.toAbsolutePath().normalize(),
        needed,
        Files.isDirectory(path),
        Files.isDirectory(standing) && Files.isWritable(standing),
        freeBytes(standing));
  }

  private static long freeBytes(Path path) {
    try {
      FileStore store = Files.getFileStore(path);
      return store.getUsableSpace();
    } catch (IOException e) {
      return -1;
    }
  }
}
