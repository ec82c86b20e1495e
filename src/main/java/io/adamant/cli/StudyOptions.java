package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.slurm.SlurmJob;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Options that a study and its workers share; used as a mixin. */
final class StudyOptions {

  static final int DEFAULT_LEASE_SECONDS = 60;

  private static final int MAX_JOBS = 256;
  private static final int IDLE_SECONDS = 300;
  private static final int FOREVER_SECONDS = 1_000_000_000;

  @Option(
      names = "--lease",
      paramLabel = "SECONDS",
      defaultValue = "" + DEFAULT_LEASE_SECONDS,
      description =
          "Seconds without a sign of life after which another worker's run is taken over (default:"
              + " ${DEFAULT-VALUE}). Use the same value for all processes of a study.")
  private double seconds;

  @Option(
      names = "--idle",
      paramLabel = "SECONDS",
      description =
          "Seconds without a free run, while others train all that are left, after which this"
              + " process ends (default: "
              + IDLE_SECONDS
              + " in a Slurm job, to give the node back; elsewhere it waits).")
  private Double idleSeconds;

  /** How long to wait for a run to become free. */
  Duration idle() {
    double limit =
        idleSeconds != null
            ? idleSeconds
            : SlurmJob.here().isPresent() ? IDLE_SECONDS : FOREVER_SECONDS;
    if (!(limit >= 0 && limit <= FOREVER_SECONDS)) {
      throw InputException.badValue("--idle", limit, "0 to " + FOREVER_SECONDS + " seconds");
    }
    return Duration.ofMillis(Math.round(limit * 1000));
  }

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
