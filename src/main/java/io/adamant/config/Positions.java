package io.adamant.config;

import io.adamant.base.PublicApi;

/** How a model knows where a token stands. */
@PublicApi
public enum Positions {
  /** Queries and keys are turned by their position (Su et al. 2021, eq. 34). */
  ROTARY,
  /** A learned vector for each position is added to the embedding. */
  LEARNED,
  /** Not at all, but for the causal mask. */
  NONE
}
