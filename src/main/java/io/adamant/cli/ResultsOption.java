package io.adamant.cli;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --results}, for every command that writes results; used as a mixin. */
final class ResultsOption {

  @Option(
      names = "--results",
      paramLabel = "DIR",
      defaultValue = "results",
      description = "Where to write results (default: ${DEFAULT-VALUE}).")
  private Path directory;

  /** The directory, relative to the working directory; it need not exist. */
  Path directory() {
    return directory;
  }

  /**
   * Tries whether a folder in it can be written, and leaves nothing: whoever works long learns at
   * the start that it cannot.
   *
   * @throws InputException if a file lies where a folder should be
   * @throws StorageException if it cannot be written
   */
  void require(String name) {
    Path folder = directory.resolve(name).toAbsolutePath();
    while (!Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "--results %s: %s is a file; expected: a folder".formatted(directory, folder));
    }
    try {
      Files.delete(Files.createFile(DurableFiles.temporary(folder.resolve("trial"))));
    } catch (IOException e) {
      throw new StorageException(
          "write to the folder", folder, e, "--results DIR names another one");
    }
  }

  /** A folder in it, tried and made. */
  Path folder(String name) {
    require(name);
    Path folder = directory.resolve(name);
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new StorageException("make the folder", folder, e);
    }
  }
}
