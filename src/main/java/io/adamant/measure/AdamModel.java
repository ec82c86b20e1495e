package io.adamant.measure;

import io.adamant.theory.UpdateRms;
import io.adamant.theory.WeightRms;
import io.adamant.theory.WeightRmsRecursion;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Averages of g over the root of averages of g&sup2;: AdamW, SoftSign-Adam and, with beta1 = 0,
 * RMSprop.
 *
 * @param beta1 coefficient of m, in [0, 1)
 * @param beta2 coefficient of v, in [0, 1)
 * @param eps ε of the denominator
 * @param epsInside √(v + ε²) and not √v + ε
 * @param biasCorrection m/(1 − beta1^t) and v/(1 − beta2^t)
 * @param fromGradient m_1 = g_1 and v_1 = g_1²
 */
record AdamModel(
    double beta1,
    double beta2,
    double eps,
    boolean epsInside,
    boolean biasCorrection,
    boolean fromGradient)
    implements UpdateModel {

  @Override
  public Optional<AdamModel> adam() {
    return Optional.of(this);
  }

  /** What m is divided by after {@code step} ≥ 1 steps. */
  double firstCorrection(long step) {
    return biasCorrection ? 1 - Math.pow(beta1, (double) step) : 1;
  }

  /** What v is divided by after {@code step} ≥ 1 steps. */
  double secondCorrection(long step) {
    return biasCorrection ? 1 - Math.pow(beta2, (double) step) : 1;
  }

  /** Whether m and v average over the same steps, so that v − m² is a variance. */
  boolean equalBetas() {
    return beta1 == beta2;
  }

  /**
   * What the fluctuation of v does to the update RMS: second order over mean field (theory.md
   * &sect;4), stationary. Stated error of their product: &minus;0.9&hellip;+0.2 % for beta2 ≥ 0.9,
   * &minus;6.7&hellip;+0.9 % for 0.6 ≤ beta2 &lt; 0.9.
   */
  double secondOrderFactor(double snr) {
    double s = Math.max(0, snr);
    return UpdateRms.secondOrder(beta1, beta2, s) / UpdateRms.meanField(beta1, s);
  }

  @Override
  public Optional<GradientAverage> average() {
    return Optional.of(new GradientAverage(beta1, fromGradient));
  }

  /**
   * E u² &asymp; E m&#770;²/(denominator at E v&#770;)², which is (snr + r)/(snr + 1) in the
   * stationary limit without ε (theory.md &sect;4), with the averages as they are at step t.
   *
   * <p>With beta1 = 0, m is g whatever the snr.
   */
  @Override
  public OptionalDouble meanSquare(OptionalDouble snr, double gradientSquare, long step) {
    if (beta1 > 0 && snr.isEmpty()) {
      return OptionalDouble.empty();
    }
    GradientAverage m = new GradientAverage(beta1, fromGradient);
    double s = beta1 > 0 ? Math.max(0, snr.getAsDouble()) : 0;
    double a = m.meanShare(step);
    double filtered = (a * a * s + m.noiseShare(step)) / (s + 1); // E m²/E g²
    if (biasCorrection) {
      filtered /= a * a;
    }
    boolean filling = !fromGradient && !biasCorrection;
    double v = gradientSquare * (filling ? 1 - Math.pow(beta2, (double) step) : 1);
    double root = Math.sqrt(v);
    double square = epsInside ? v + eps * eps : (root + eps) * (root + eps);
    return square > 0
        ? OptionalDouble.of(filtered * gradientSquare / square)
        : OptionalDouble.empty();
  }

  @Override
  public OptionalDouble freeRms() {
    return OptionalDouble.of(UpdateRms.parameterFree(beta1));
  }

  /** With v at its expectation to second order and ε negligible; only bias correction is solved. */
  @Override
  public Optional<WeightRmsRecursion> weights(double initialRms) {
    return biasCorrection ? Optional.of(weights(initialRms, 0)) : Optional.empty();
  }

  /** The same with a signal whose direction never changes; only with bias correction. */
  WeightRmsRecursion weights(double initialRms, double snr) {
    return WeightRmsRecursion.adamw(beta1, beta2, snr, initialRms);
  }

  /** &radic;(&eta;/2&lambda;), so that the angle per step is &radic;(2&eta;&lambda;r). */
  @Override
  public OptionalDouble equilibriumWeightRms(double lr, double weightDecay) {
    return lr > 0 && weightDecay > 0 && lr * weightDecay < 1
        ? OptionalDouble.of(WeightRms.stationaryMeanField(lr, weightDecay))
        : OptionalDouble.empty();
  }
}
