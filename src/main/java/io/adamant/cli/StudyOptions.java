package io.adamant.cli;

import io.adamant.base.InputException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What a study and its workers are told alike; used as a mixin. */
final class StudyOptions {

  static final int DEFAULT_LEASE_SECONDS = 60;

  @Option(
      names = "--lease",
      paramLabel = "SECONDS",
      defaultValue = "" + DEFAULT_LEASE_SECONDS,
      description =
          "How long a worker on another machine may give no sign of life until its run is taken"
              + " over (default: ${DEFAULT-VALUE}). Give all processes of a study the same.")
  private double seconds;

  Duration lease() {
    if (!(seconds >= 0.5 && seconds <= 86_400)) {
      throw InputException.badValue("--lease", seconds, "0.5 to 86400 seconds");
    }
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
