package io.adamant.config;

import io.adamant.base.PublicApi;

/**
 * What happens when finite losses show that a run has gone wrong: a spike, a plateau, a blow-up.
 */
@PublicApi
public enum DivergencePolicy {
  /** It is recorded in {@code summary.json}, and training continues. */
  CONTINUE,
  /** The run ends as diverged. */
  STOP
}
