package io.adamant.theory;

import io.adamant.base.PublicApi;

/**
 * What becomes of Adam's direction m/√v when beta1 = beta2 = beta: a mean over the root of its own
 * square plus a running variance (Proposition 1), and why only then (Proposition 2).
 *
 * <p>Averages start from zero without bias correction, epsilon = 0. Both propositions are exact
 * identities (relative error 1e-15). The paper's proofs have slips: "a²m_k" should be a²m_k², the
 * equal-beta line has m_{k+1}² for m_k², and a division by √((1−β2) − (1−β1)²) needs that to be
 * positive.
 *
 * <p>Source: arXiv 2505.21829 (2), (3), (12 in v2), appendix C; theory.md §6.
 */
@PublicApi
public final class EqualBetas {

  private EqualBetas() {}

  /**
   * d_k = EMA[g]_k/√(EMA[g²]_k) (2), the direction of Adam after the given gradients.
   *
   * @param gradients g_0 … g_k of one coordinate, not all zero
   * @param beta coefficient of both averages, in [0, 1)
   */
  public static double direction(double[] gradients, double beta) {
    check(gradients, beta);
    double m = 0;
    double v = 0;
    for (double g : gradients) {
      m = beta * m + (1 - beta) * g;
      v = beta * v + (1 - beta) * g * g;
    }
    return m / Math.sqrt(v);
  }

  /**
   * The same direction by Proposition 1 (3): m_k/√(m_k² + beta·EMA[(m_{k−1} − g_k)²]), with m_{−1}
   * = 0.
   *
   * @param gradients g_0 … g_k of one coordinate, not all zero
   * @param beta coefficient of both averages, in [0, 1)
   */
  public static double directionByVariance(double[] gradients, double beta) {
    check(gradients, beta);
    double m = 0;
    double deviation = 0;
    for (double g : gradients) {
      deviation = beta * deviation + (1 - beta) * (m - g) * (m - g);
      m = beta * m + (1 - beta) * g;
    }
    return m / Math.sqrt(m * m + beta * deviation);
  }

  /**
   * The direction from mean and standard deviation (9): sign(m)/√(1 + σ²/m²), 0 at m = 0. With SNR
   * = m/σ it is sign(m)/√(1 + 1/SNR²).
   *
   * @param mean m, finite
   * @param deviation σ, at least 0
   */
  public static double directionFromSnr(double mean, double deviation) {
    Arguments.finite("mean", mean);
    double ratio = Arguments.nonNegative("deviation", deviation) / mean;
    return mean == 0 ? 0 : Math.signum(mean) / Math.sqrt(1 + ratio * ratio);
  }

  /**
   * The quadratic form q of Proposition 2. The gap X_k = v_k − m_k² obeys X_k = beta2·X_{k−1} +
   * q(m_{k−1}, g_k), q(m, g) = mm·m² + 2·mg·m·g + gg·g². It is a perfect square, so that the update
   * can be written with an average of squares, iff its determinant −(beta1 − beta2)² vanishes; else
   * it is indefinite, v − m² can turn negative and |m/√v| pass 1.
   *
   * @param mm beta2 − beta1²
   * @param mg −beta1·(1 − beta1)
   * @param gg (1 − beta2) − (1 − beta1)²
   */
  public record GapForm(double mm, double mg, double gg) {

    /**
     * The form for two coefficients.
     *
     * @param beta1 momentum coefficient, in [0, 1)
     * @param beta2 second-moment coefficient, in [0, 1)
     */
    public static GapForm of(double beta1, double beta2) {
      Arguments.beta("beta1", beta1);
      Arguments.beta("beta2", beta2);
      double fresh = 1 - beta1;
      return new GapForm(beta2 - beta1 * beta1, -beta1 * fresh, (1 - beta2) - fresh * fresh);
    }

    /**
     * q(m, g).
     *
     * @param m first argument, the momentum
     * @param g second argument, the gradient
     * @return mm·m² + 2mg·m·g + gg·g²
     */
    public double at(double m, double g) {
      return mm * m * m + 2 * mg * m * g + gg * g * g;
    }

    /** mm·gg − mg², which is −(beta1 − beta2)². */
    public double determinant() {
      return mm * gg - mg * mg;
    }
  }

  private static void check(double[] gradients, double beta) {
    Arguments.beta("beta", beta);
    double largest = 0;
    for (double g : gradients) {
      largest = Math.max(largest, Math.abs(Arguments.finite("gradient", g)));
    }
    Arguments.positive("largest |gradient|", largest);
  }
}
