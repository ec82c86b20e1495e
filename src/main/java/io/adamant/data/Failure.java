package io.adamant.data;

import io.adamant.base.InputException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Sizes, and words for a failed read or write: Java's own messages are often nothing but the path.
 */
final class Failure {
  private Failure() {}

  /** Bad input, in one line. */
  static InputException unreadable(Object what, IOException e) {
    return new InputException("cannot read %s: %s".formatted(what, reason(e)), e);
  }

  /** The bytes of a file. */
  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw unreadable(file.toAbsolutePath(), e);
    }
  }

  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof FileSystemLoopException) {
      return "its symbolic links form a loop";
    }
    if (e instanceof UnknownHostException) {
      return "there is no network, or no " + e.getMessage();
    }
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }
}
