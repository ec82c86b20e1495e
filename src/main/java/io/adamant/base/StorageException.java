package io.adamant.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A file or folder that could not be written or read: a full disk, a read-only folder, a file
 * server that is away. Neither the input nor the work is at fault, so the same command goes on once
 * there is room; the program ends with exit code 1 and one line.
 */
public final class StorageException extends UncheckedIOException {

  private static final long serialVersionUID = 1L;

  private static final Pattern LASTING =
      Pattern.compile(
          "No space left|Disk quota|File too large|Read-only file system|Permission denied");

  /**
   * Says what failed, where and why.
   *
   * @param action such as {@code write} or {@code read}
   * @param path the file or folder; the message has its absolute path
   * @param cause gives the reason
   */
  public StorageException(String action, Path path, IOException cause) {
    super("cannot %s %s: %s".formatted(action, path.toAbsolutePath(), reason(cause)), cause);
  }

  /**
   * The same with a way out.
   *
   * @param action such as {@code write}
   * @param path the file or folder
   * @param cause gives the reason
   * @param remedy what the user can do
   */
  public StorageException(String action, Path path, IOException cause, String remedy) {
    super(
        "cannot %s %s: %s; %s".formatted(action, path.toAbsolutePath(), reason(cause), remedy),
        cause);
  }

  /**
   * What another process said of it.
   *
   * @param message one line
   */
  public StorageException(String message) {
    super(message, new IOException(message));
  }

  /**
   * Whether trying again is no use before somebody has mended it, as far as the system's words tell
   * (in English; elsewhere nothing is known of it).
   *
   * @param e a failed read or write
   * @return true on a full or read-only disk, an exhausted quota, or without permission
   */
  public static boolean isLasting(UncheckedIOException e) {
    return e.getCause() instanceof AccessDeniedException
        || LASTING.matcher(reason(e.getCause())).find();
  }

  /**
   * Words for a failed read or write: Java's own messages are often nothing but the path.
   *
   * @param e what Java says
   * @return a few words without the path
   */
  public static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof NotDirectoryException) {
      return "not a folder";
    }
    if (e instanceof FileSystemLoopException) {
      return "its symbolic links form a loop";
    }
    if (e instanceof UnknownHostException) {
      return "there is no network, or no " + e.getMessage();
    }
    String message =
        e instanceof FileSystemException system && system.getReason() != null
            ? system.getReason()
            : e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }
}
