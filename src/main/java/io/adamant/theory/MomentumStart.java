package io.adamant.theory;

import io.adamant.base.PublicApi;

/** How a moving average begins. */
@PublicApi
public enum MomentumStart {
  /** It has run for long: every step has the stationary distribution. */
  STATIONARY,
  /** It begins at zero and is used as it is: early steps are too small. */
  ZERO,
  /** It begins at zero and is divided by 1 − beta^t, as in AdamW: early steps are noisy. */
  ZERO_BIAS_CORRECTED
}
