package io.adamant.measure;

import io.adamant.theory.UpdateRms;
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
    return biasCorrection
        ? Optional.of(WeightRmsRecursion.adamw(beta1, beta2, 0, initialRms))
        : Optional.empty();
  }
}
