package io.adamant.config;

import io.adamant.base.PublicApi;

/** What stands before the parts of a model. */
@PublicApi
public enum Norm {
  /** gain·x/√(mean(x²) + ε) (Zhang and Sennrich 2019, eq. 4). */
  RMS,
  /** gain·(x − mean(x))/√(var(x) + ε), and a bias where it has one (Ba et al. 2016, eq. 4). */
  LAYER
}
