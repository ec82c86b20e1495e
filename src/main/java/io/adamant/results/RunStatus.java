package io.adamant.results;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.Locale;

/** How a run ended, or that it has not; in the order of the comparison table, best first. */
@PublicApi
public enum RunStatus {
  /** Trained to its last step. */
  FINISHED,
  /** Stopped at a rung of its study, since others were better there; its checkpoint is kept. */
  STOPPED,
  /** Stopped by its user; the same command resumes from the checkpoint. */
  INTERRUPTED,
  /** Without a summary: still training, or killed. */
  UNFINISHED,
  /** The guard gave up on non-finite steps: a result, not an error. */
  DIVERGED,
  /** Ended by an error; the same command resumes from the last checkpoint. */
  FAILED;

  /**
   * Whether the run ended badly.
   *
   * @return true for diverged and failed
   */
  public boolean bad() {
    return this == DIVERGED || this == FAILED;
  }

  /**
   * The word for it.
   *
   * @return lower case
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static RunStatus of(String word, String where) {
    for (RunStatus status : values()) {
      if (status.word().equals(word)) {
        return status;
      }
    }
    throw new InputException(
        where
            + ": status is "
            + (word.isEmpty() ? "missing" : word)
            + "; allowed: finished, stopped, interrupted, diverged, failed");
  }
}
