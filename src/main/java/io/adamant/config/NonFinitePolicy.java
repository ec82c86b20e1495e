package io.adamant.config;

import io.adamant.base.PublicApi;

/** What happens at a step whose loss or gradient norm is not finite. */
@PublicApi
public enum NonFinitePolicy {
  /** The step changes nothing and training continues, up to {@code training.max_skipped} times. */
  SKIP,
  /** The run ends as diverged. */
  STOP
}
