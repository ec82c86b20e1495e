package io.adamant.report;

import io.adamant.base.InputException;
import java.util.Locale;

/** How far a run came; the order is that of the comparison table, best first. */
public enum RunStatus {
  /** Trained to its last step. */
  FINISHED,
  /** Stopped by its user, with a checkpoint to continue from. */
  INTERRUPTED,
  /** Without a summary: still training, or killed. */
  UNFINISHED,
  /** Ended by non-finite or skipped steps. */
  DIVERGED,
  /** Ended by an error. */
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
            + "; allowed: finished, interrupted, diverged, failed");
  }
}
