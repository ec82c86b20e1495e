package io.adamant.cli;

import io.adamant.base.InputException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Options that a study and its workers share; used as a mixin. */
final class StudyOptions {

  static final int DEFAULT_LEASE_SECONDS = 60;

  private static final int MAX_JOBS = 256;

  @Option(
      names = "--lease",
      paramLabel = "SECONDS",
      defaultValue = "" + DEFAULT_LEASE_SECONDS,
      description =
          "Seconds without a sign of life after which another worker's run is taken over (default:"
              + " ${DEFAULT-VALUE}). Use the same value for all processes of a study.")
  private double seconds;

  Duration lease() {
    if (!(seconds >= 0.5 && seconds <= 86_400)) {
      throw InputException.badValue("--lease", seconds, "0.5 to 86400 seconds");
    }
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** Refuses a number of workers that is not one, if there is any. */
  static void requireJobs(Integer jobs) {
    if (jobs != null && (jobs < 1 || jobs > MAX_JOBS)) {
      throw InputException.badValue("--jobs", jobs, "1 to " + MAX_JOBS);
    }
  }
}
