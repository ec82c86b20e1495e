package io.adamant.measure;

import io.adamant.theory.SignFlips;

/**
 * A momentum m_t = &beta; m_{t&minus;1} + s x_t, m_1 = f x_1, where x is g or sign(g): what its
 * changes of sign are told from.
 *
 * @param beta &beta;, in (0, 1)
 * @param share s, 1 &minus; &beta; of an average
 * @param first f, s of an average from zero and 1 of one from the first gradient
 * @param ofSigns whether x is sign(g)
 */
record MomentumKind(double beta, double share, double first, boolean ofSigns) {

  static MomentumKind of(GradientAverage average) {
    double share = 1 - average.beta();
    return new MomentumKind(average.beta(), share, average.fromGradient() ? 1 : share, false);
  }

  /**
   * The share of coordinates whose m changes its sign in a step, on white Gaussian noise; see
   * {@link SignFlips}.
   *
   * @param step t, at least 2
   */
  double flips(long step) {
    return ofSigns
        ? SignFlips.shareOfSigns(beta, first / share, step)
        : SignFlips.share(SignFlips.correlation(beta, first / share, step));
  }
}
