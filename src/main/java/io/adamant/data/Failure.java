package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the user's that cannot be read. */
final class Failure {
  private Failure() {}

  /** Bad input, in one line. */
  static InputException unreadable(Object what, IOException e) {
    return new InputException("cannot read %s: %s".formatted(what, StorageException.reason(e)), e);
  }

  /** The bytes of a file. */
  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw unreadable(file.toAbsolutePath(), e);
    }
  }
}
