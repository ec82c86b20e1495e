package io.adamant.config;

import io.adamant.base.PublicApi;

/** Number format of the model's matrix products; weights and optimizer state are always fp32. */
@PublicApi
public enum Precision {
  /** IEEE single precision throughout. */
  FP32,
  /** bfloat16 matrix products. */
  BF16
}
