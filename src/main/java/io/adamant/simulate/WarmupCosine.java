package io.adamant.simulate;

import io.adamant.base.InputException;

/**
 * A learning rate that rises linearly from 0 and falls by a cosine to 0: with K steps and W of
 * warm-up, η_k = η k/W for k &lt; W, then η (1 + cos(π (k − W)/(K − W)))/2.
 *
 * @param peak η, finite and not negative
 * @param steps K, at least 1
 * @param warmup W, from 0 to K − 1
 */
record WarmupCosine(double peak, int steps, int warmup) {
  WarmupCosine {
    if (!(peak >= 0 && Double.isFinite(peak))) {
      throw new InputException("peak is " + peak + "; it must be finite and >= 0");
    }
    if (steps < 1 || warmup < 0 || warmup >= steps) {
      throw new InputException(
          "steps is " + steps + ", warmup " + warmup + "; 0 <= warmup < steps");
    }
  }

  /** The rate of step k = 0, …, K − 1. */
  double at(int k) {
    if (k < warmup) {
      return peak * k / warmup;
    }
    // StrictMath: the same bits on every machine, since a sign method amplifies the last one.
    return peak * (1 + StrictMath.cos(Math.PI * (k - warmup) / (steps - warmup))) / 2;
  }
}
