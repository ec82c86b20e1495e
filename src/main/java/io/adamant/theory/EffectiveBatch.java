package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import java.util.List;

/**
 * How far averaging gradients in a momentum buffer reduces their noise, and the batch that would do
 * the same.
 *
 * <p>For m_t = beta1·m_{t−1} + (1 − beta1)·g_t over independent gradients of covariance Σ/B and a
 * gradient that does not move, Cov[m_t] → r·Σ/B with r = (1 − beta1)/(1 + beta1), as if the batch
 * were B/r.
 *
 * <p>Validity: exact for one step at a frozen gradient. It does not carry over to the best learning
 * rate of a whole training run: successive m_t are correlated, and the gain is given back over 1/(1
 * − beta1) steps (theory.md §2.3).
 *
 * <p>Source: kexue.fm 11301, "Magnifying Batch Size"; theory.md §0 and §2.2.
 */
@PublicApi
public final class EffectiveBatch {

  private static final Law FROZEN =
      NoiseScale.ONE_STEP.valid(
          NoiseScale.ONE_STEP.validity() + "; not a whole run (theory.md §2.3)");

  static final Quantity BATCH_MAGNIFICATION =
      new Quantity(
          "batch-magnification",
          "how momentum enlarges the batch, for one step and for a run",
          List.of(Inputs.BETA1, Inputs.BATCH, Inputs.STEPS.or(100)),
          law(FROZEN, "noise_ratio", "r = (1 − beta1)/(1 + beta1)")
              .in(Unit.VARIANCES)
              .valid("independent gradients, t ≫ 1/(1 − beta1)")
              .is(v -> noiseRatio(v.beta1())),
          law(FROZEN, "magnification", "(1 + beta1)/(1 − beta1)")
              .in(Unit.RATIO)
              .is(v -> magnification(v.beta1())),
          law(FROZEN, "effective_batch", "B(1 + beta1)/(1 − beta1)")
              .in(Unit.SAMPLES)
              .is(v -> effectiveBatch(v.beta1(), v.batch())),
          law(
                  FROZEN,
                  "long_run_signum_rate_ratio",
                  "best rate of Signum over SignSGD's in a noisy run, 1/√c(beta1)")
              .in(Unit.RATIO)
              .error("measured 0.27–0.30 at small B for beta1 = 0.9, rising to 0.8–0.9 at huge B")
              .valid("noise dominates, many steps")
              .source("theory.md §2.3")
              .is(v -> LongRun.signumRateRatio(v.beta1())),
          law(
                  FROZEN,
                  "noise_ratio_after",
                  "variance kept after t steps from zero, r(1 − beta1^{2t})")
              .in(Unit.VARIANCES)
              .valid("independent gradients")
              .is(v -> noiseRatioAfter(v.beta1(), v.steps())),
          law(FROZEN, "mean_after", "mean held after t steps from zero, 1 − beta1^t")
              .in(Unit.SHARE)
              .valid("a gradient that does not move, no bias correction")
              .is(v -> meanAfter(v.beta1(), v.steps())));

  private EffectiveBatch() {}

  /**
   * The noise ratio r = (1 − beta1)/(1 + beta1): the variance of a stationary, normalised momentum
   * buffer over that of one gradient.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static double noiseRatio(double beta1) {
    Arguments.beta("beta1", beta1);
    return (1 - beta1) / (1 + beta1);
  }

  /**
   * The noise ratio t steps after a start from zero: (1 − beta1)²(1 − beta1^{2t})/(1 − beta1²),
   * which rises to {@link #noiseRatio(double)}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param steps steps t taken, at least 1
   */
  public static double noiseRatioAfter(double beta1, long steps) {
    Arguments.steps("steps", steps);
    return noiseRatio(beta1) * (1 - Math.pow(beta1, 2.0 * steps));
  }

  /**
   * The share of the gradient's mean that the buffer holds t steps after a start from zero, without
   * bias correction: 1 − beta1^t.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param steps steps t taken, at least 1
   */
  public static double meanAfter(double beta1, long steps) {
    Arguments.beta("beta1", beta1);
    Arguments.steps("steps", steps);
    return 1 - Math.pow(beta1, (double) steps);
  }

  /**
   * The factor (1 + beta1)/(1 − beta1) by which momentum enlarges the batch.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static double magnification(double beta1) {
    return 1 / noiseRatio(beta1);
  }

  /**
   * The batch that has, without momentum, the noise of batch {@code batch} with momentum beta1: B(1
   * + beta1)/(1 − beta1).
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param batch batch B in samples, above 0
   */
  public static double effectiveBatch(double beta1, double batch) {
    return Arguments.positive("batch", batch) * magnification(beta1);
  }
}
