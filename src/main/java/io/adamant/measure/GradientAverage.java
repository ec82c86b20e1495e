package io.adamant.measure;

import io.adamant.theory.EffectiveBatch;

/**
 * How an optimizer's state m averages gradients: m_t = Σ_k w_k·g_{t−k} with the weights of an
 * exponential moving average, at any step t and not only in the stationary limit.
 *
 * <p>Of independent gradients with mean μ and variance σ², m_t has the mean a·μ and the variance
 * ρ·σ², where a = Σ w_k and ρ = Σ w_k². From zero a = 1 − beta^t and ρ = r(1 − beta^{2t}); from the
 * first gradient a = 1 and ρ = r(1 − beta^{2(t−1)}) + beta^{2(t−1)}. Both tend to a = 1, ρ = r = (1
 * − beta)/(1 + beta). Exact; source: theory.md &sect;0 and &sect;2.
 *
 * @param beta coefficient of the average, in [0, 1)
 * @param fromGradient whether m_1 is the first gradient, and not (1 − beta) of it
 */
record GradientAverage(double beta, boolean fromGradient) {

  /** The share a of the gradients' mean that m holds after {@code step} ≥ 1 steps. */
  double meanShare(long step) {
    return fromGradient ? 1 : EffectiveBatch.meanAfter(beta, step);
  }

  /** The share ρ of the gradients' variance that m holds after {@code step} ≥ 1 steps. */
  double noiseShare(long step) {
    if (!fromGradient) {
      return EffectiveBatch.noiseRatioAfter(beta, step);
    }
    double first = Math.pow(beta, 2.0 * (step - 1));
    return EffectiveBatch.noiseRatio(beta) * (1 - first) + first;
  }

  /**
   * Splits ‖g‖² into signal and noise: the two equations ‖g‖² = ‖μ‖² + ‖σ‖² and ‖m‖² = a²‖μ‖² +
   * ρ‖σ‖², solved. Their quotient is the inversion of theory.md &sect;4, with the start of the
   * average accounted for.
   *
   * <p>Exact in expectation for independent gradients; gradients that resemble the ones before
   * (they do, in training) count as signal. Linear in both norms, so parts may be added up in any
   * order.
   *
   * @param momentumSquare ‖m‖², of the same coordinates
   * @param gradientSquare ‖g‖² of this step
   * @param step t, 1 after the first update
   * @return the split; not a number where a² = ρ, that is at the first step or at beta = 0
   */
  GradientSplit split(double momentumSquare, double gradientSquare, long step) {
    double a = meanShare(step);
    double rho = noiseShare(step);
    double determinant = a * a - rho;
    if (determinant <= 1e-9) {
      return GradientSplit.UNDEFINED;
    }
    return new GradientSplit(
        (momentumSquare - rho * gradientSquare) / determinant,
        (a * a * gradientSquare - momentumSquare) / determinant);
  }

  /**
   * The sampling variance of signal &minus; snr&middot;noise after {@link #split}, which over
   * noise&sup2; is that of the ratio: the sum over coordinates of e&sup2; with e = (1 + s)m&sup2;
   * &minus; (&rho; + s a&sup2;)g&sup2; over a&sup2; &minus; &rho;, where s is the snr and E e = 0.
   *
   * <p>It takes coordinates for independent. Those of a network are not: their noise is shared, and
   * the true scatter is larger by up to the root of coordinates over effective dimension.
   *
   * @param snr the pooled ratio s
   * @param moments of the same coordinates
   * @param step t
   */
  double variance(double snr, MixedMoments moments, long step) {
    double a = meanShare(step);
    double rho = noiseShare(step);
    double m = 1 + snr;
    double g = rho + snr * a * a;
    double sum = m * m * moments.m4() - 2 * m * g * moments.m2g2() + g * g * moments.g4();
    double determinant = a * a - rho;
    return Math.max(0, sum) / (determinant * determinant);
  }
}
