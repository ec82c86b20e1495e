package io.adamant.theory;

import io.adamant.base.PublicApi;

/**
 * The update u of a rule on pure noise, once its state is stationary: gradients independent over
 * steps and coordinates, Gaussian, without a mean; epsilon negligible.
 *
 * <p>Two numbers tell what such updates do to weights: their RMS, and how they correlate over
 * steps, c(z) = Σ_{k∈Z} z^|k|·ρ_k with ρ_k the correlation of u_t with u_{t+k}. Everything else
 * follows exactly for long vectors, by the sums of w_t = −lr·Σ_k z^k·u_{t−k}.
 *
 * <p>Source: theory.md §5 and §12.
 */
@PublicApi
public interface NoiseUpdate {

  /** RMS(u) over coordinates. */
  double rms();

  /**
   * c(z) = 1 + 2·Σ_{k≥1} z^k·ρ_k.
   *
   * @param discount z, in [0, 1]
   */
  double correlation(double discount);

  /**
   * The same with v at its expectation, as the mean field has it: √r and 1/r for AdamW.
   *
   * @return this update where there is no v
   */
  default NoiseUpdate meanField() {
    return this;
  }

  /** c = c(1), by which weights spread faster than under independent updates of the same RMS. */
  default double spread() {
    return correlation(1);
  }

  /**
   * The weight RMS where decay and updates balance: w² = lr²·RMS(u)²·c(z)/(1 − z²), z = 1 −
   * lr·weightDecay, which is lr·RMS(u)²·c/(2·weightDecay) where lr·weightDecay is small.
   *
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  default double weightRms(double lr, double weightDecay) {
    Arguments.positive("lr", lr);
    Arguments.positive("weightDecay", weightDecay);
    double z = Arguments.shrink(lr, weightDecay);
    return lr * rms() * Math.sqrt(correlation(z) / ((1 - z) * (1 + z)));
  }

  /**
   * The angle that a weight vector turns a step where decay and updates balance, in radians: the
   * law of cosines of {@link LongRun#equilibriumAngle}. Where lr·weightDecay is small it is
   * √(2·lr·weightDecay/c).
   *
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  default double angle(double lr, double weightDecay) {
    return LongRun.equilibriumAngle(lr, weightDecay, rms(), weightRms(lr, weightDecay));
  }

  /**
   * The angle a step where the norm is held instead: w ← R·x/‖x‖, x = w − ε·R·u/‖u‖. Putting w back
   * to its norm is a decay that sets itself, z = R/‖x‖, so that
   *
   * <pre>1/z² = 1 + ε²·c(z),   cos θ = z·(1 + ε²·(c(z) − 1)/2)</pre>
   *
   * <p>which is arctan ε for independent updates and tends to ε for small ones of any rule.
   *
   * @param step ε, the step's norm over the weight's, above 0
   */
  default double fixedNormAngle(double step) {
    Arguments.positive("step", step);
    double low = 0; // of 1 − z: the left side of the first equation grows with it
    double high = 1;
    while (high - low > 1e-13 * high) {
      double lost = 0.5 * (low + high);
      double z = 1 - lost;
      if (lost * (1 + z) < z * z * step * step * correlation(z)) {
        low = lost;
      } else {
        high = lost;
      }
    }
    double z = 1 - high;
    double half = 0.5 * (high - 0.5 * z * step * step * (correlation(z) - 1)); // sin²(θ/2)
    return 2 * Math.asin(Math.sqrt(Math.min(1, Math.max(0, half))));
  }

  /**
   * The step ε of a run at a fixed norm that turns as fast as one with decay, step by step:
   * lr·RMS(u) /((1 − lr·weightDecay)·RMS(w)), near √(2·lr·weightDecay/c).
   *
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  default double matchingStep(double lr, double weightDecay) {
    double z = Arguments.shrink(lr, weightDecay);
    return LongRun.anglePerStep(lr, rms(), weightRms(lr, weightDecay)) / z;
  }
}
