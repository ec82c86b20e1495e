package io.adamant.stats;

/** How two arms are compared. */
public enum Design {
  /** Seed by seed: both arms share the seeds and the data. */
  PAIRED,
  /** As independent samples. */
  UNPAIRED
}
