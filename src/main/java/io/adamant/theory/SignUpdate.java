package io.adamant.theory;

import io.adamant.base.PublicApi;

/**
 * The sign of a weighted sum of gradients x = Σ_j a_j·g_{t−j}: Signum, Lion, and Lion without the
 * coordinates that go against the gradient.
 *
 * <p>Gaussian signs correlate by the arcsine law, (2/π)·arcsin ρ. The cautious sign needs nothing
 * more: sign(x) where x·g &gt; 0 and else 0 is (sign x + sign g)/2. So with p = P(x·g &gt; 0) = 1/2
 * + arcsin(Corr(x, g))/π,
 *
 * <pre>
 * sign:      RMS = 1,      ρ_k = (2/π)·arcsin Corr(x_t, x_{t+k})
 * cautious:  RMS = 1/√p,   ρ_k = [arcsin Corr(x_t, x_{t+k}) + arcsin Corr(x_{t+k}, g_t)]/(2πp)
 * </pre>
 *
 * <p>Exact under the assumptions of {@link NoiseUpdate}, for tensors so large that the share of
 * kept coordinates is p. Both correlations of Lion's x fall as beta2^k. Derived here; theory.md §5,
 * §12.
 *
 * @param first Corr(x_t, x_{t+1})
 * @param ratio by which this correlation, and that of x with g, falls a step
 * @param kept p; 1 where nothing is masked
 * @param firstGradient Corr(x_{t+1}, g_t) where masked, else 0
 */
@PublicApi
public record SignUpdate(double first, double ratio, double kept, double firstGradient)
    implements NoiseUpdate {

  /**
   * Signum, and SignSGD at beta1 = 0: the sign of m.
   *
   * @param beta1 coefficient of m, in [0, 1)
   */
  public static SignUpdate signum(double beta1) {
    return new SignUpdate(Arguments.beta("beta1", beta1), beta1, 1, 0);
  }

  /**
   * Lion: the sign of beta1·m + (1 − beta1)·g, m the average (beta2) up to the step before.
   *
   * @param beta1 within the sign, in [0, 1)
   * @param beta2 coefficient of m, in [0, 1)
   * @param cautious whether coordinates with another sign than the gradient's are left out and the
   *     others divided by their share
   */
  public static SignUpdate lion(double beta1, double beta2, boolean cautious) {
    double fresh = 1 - Arguments.beta("beta1", beta1);
    double stored = beta1 * beta1 * EffectiveBatch.noiseRatio(Arguments.beta("beta2", beta2));
    double next = beta1 * (1 - beta2); // a_1
    double variance = fresh * fresh + stored;
    double first = (fresh * next + stored * beta2) / variance;
    double deviation = Math.sqrt(variance);
    return cautious
        ? new SignUpdate(first, beta2, aligned(fresh / deviation), next / deviation)
        : new SignUpdate(first, beta2, 1, 0);
  }

  /** The probability that two Gaussians without means, of this correlation, have one sign. */
  static double aligned(double correlation) {
    return 0.5 + Math.asin(Math.min(1, correlation)) / Math.PI;
  }

  @Override
  public double rms() {
    return 1 / Math.sqrt(kept);
  }

  @Override
  public double correlation(double discount) {
    double total = 0;
    double x = first;
    double g = firstGradient;
    double weight = discount;
    while (weight * Math.max(x, g) > 1e-18) {
      total += weight * (Math.asin(x) + Math.asin(g));
      x *= ratio;
      g *= ratio;
      weight *= discount;
    }
    return 1 + (kept == 1 ? 4 : 1 / kept) / Math.PI * total;
  }
}
