package io.adamant.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --results}, for every command that writes results; used as a mixin. */
final class ResultsOption {

  @Option(
      names = "--results",
      paramLabel = "DIR",
      defaultValue = "results",
      description = "Where results are written (default: ${DEFAULT-VALUE}).")
  private Path directory;

  /** The directory, relative to where the user stands; it need not exist. */
  Path directory() {
    return directory;
  }
}
