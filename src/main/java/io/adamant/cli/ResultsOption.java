package io.adamant.cli;

import io.adamant.base.InputException;
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
   * A folder in it, made at once: whoever works long learns at the start that it cannot be written.
   *
   * @throws InputException with one line if it cannot be made or written
   */
  Path folder(String name) {
    Path folder = directory.resolve(name);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw refused(folder, "made", e);
    }
    if (!Files.isWritable(folder)) {
      throw refused(folder, "written", null);
    }
    return folder;
  }

  private InputException refused(Path folder, String what, IOException cause) {
    return new InputException(
        "--results %s: folder %s cannot be %s; expected: a folder that you may write to"
            .formatted(directory, folder, what),
        cause);
  }
}
