package io.adamant.theory;

import io.adamant.base.PublicApi;
import java.util.Arrays;
import org.apache.commons.math3.special.Erf;

/**
 * AdamW without the coordinates that go against the gradient: u = m·1(m·g &gt; 0)/(p·√v), p the
 * share of the others, 1/2 + arccos(beta1)/π.
 *
 * <p>Its RMS is exact, for large tensors, by the integral of {@link RatioUpdate}: gradients
 * weighted by e^{−τv} stay independent, m and g Gaussian with a correlation ρ(τ), and of two such
 *
 * <pre>E m²·1(m·g &gt; 0) = E m²·[1/2 + (arcsin ρ + ρ·√(1 − ρ²))/π].</pre>
 *
 * <p>Its correlation over steps takes v at its expectation, and for the fluctuation of v the factor
 * by which that changes the sum of AdamW's correlations. With v constant, E u_t·u_{t+k} depends on
 * m_t and m_{t+k−1} only, which are Gaussian with correlation beta1^{k−1}, and by Mehler's
 * expansion
 *
 * <pre>
 * p²·E u_t·u_{t+k} = Σ_n F_n·H_n·beta1^{n(k−1)},   X = m/√r,
 * F_n = E he_n(X)·E[kept part of the next m | X],   H_n = E he_n(X)·E[kept part of m | X],
 * </pre>
 *
 * <p>he_n the Hermite polynomials of unit variance; even orders vanish. Assumptions: those of
 * {@link NoiseUpdate}. Derived here; theory.md §12.
 */
@PublicApi
public final class CautiousUpdate implements NoiseUpdate {

  private static final int ORDERS = 200;
  private static final int POINTS = 4000;
  private static final double REACH = 13; // in standard deviations

  private final double beta1;
  private final RatioUpdate adamw;
  private final double rms;
  private final double meanSquare; // of the kept part of m, v at its expectation
  private final double[] products = new double[ORDERS]; // F_n·H_n

  /**
   * Cautious AdamW.
   *
   * @param beta1 coefficient of m, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   */
  public CautiousUpdate(double beta1, double beta2) {
    this.beta1 = beta1;
    adamw = RatioUpdate.adamw(beta1, beta2);
    GeometricSeries m = RatioUpdate.average(beta1);
    double square =
        RatioUpdate.integral(
            tau -> {
              RatioUpdate.Tilted p = new RatioUpdate.Tilted(m, 0, beta2, tau);
              double correlation = (1 - beta1) / Math.sqrt(p.first * p.square);
              return p.density(0) * p.square * keptShare(correlation);
            });
    double newest = Math.sqrt(1 - beta1 * beta1); // Corr(m, g)
    rms = Math.sqrt(square) / SignUpdate.aligned(newest);
    meanSquare = EffectiveBatch.noiseRatio(beta1) * keptShare(newest);
    if (beta1 > 0) {
      expand(newest);
    }
  }

  /** E x²·1(x·y &gt; 0)/E x² of two Gaussians without means. */
  private static double keptShare(double correlation) {
    double rho = Math.min(1, correlation);
    return 0.5 + (Math.asin(rho) + rho * Math.sqrt((1 - rho) * (1 + rho))) / Math.PI;
  }

  /** F_n and H_n by the midpoint rule over X &gt; 0: both functions are odd. */
  private void expand(double newest) {
    double deviation = Math.sqrt(EffectiveBatch.noiseRatio(beta1));
    double width = REACH / POINTS;
    double[] f = new double[ORDERS];
    double[] h = new double[ORDERS];
    for (int i = 0; i < POINTS; i++) {
      double x = (i + 0.5) * width;
      double weight = 2 * density(x) * width;
      double z = beta1 * x / newest; // beta1·m over 1 − beta1
      double next = (1 - beta1) * (z / 2 + z * below(-z) + density(0) - density(z));
      double own = deviation * x * below(x * newest / beta1);
      double before = 0;
      double hermite = 1;
      for (int n = 0; n < ORDERS; n++) {
        f[n] += weight * hermite * next;
        h[n] += weight * hermite * own;
        double after = (x * hermite - Math.sqrt(n) * before) / Math.sqrt(n + 1.0);
        before = hermite;
        hermite = after;
      }
    }
    Arrays.setAll(products, n -> n % 2 == 1 ? f[n] * h[n] : 0);
  }

  private static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  private static double below(double x) {
    return 0.5 * Erf.erfc(-x / Math.sqrt(2));
  }

  @Override
  public double rms() {
    return rms;
  }

  @Override
  public double correlation(double discount) {
    double total = 0;
    for (int n = 1; n < ORDERS; n += 2) {
      total += products[n] * discount / (1 - discount * Math.pow(beta1, n));
    }
    double carried = beta1 * discount;
    double linear = 2 * carried / (1 - carried); // c(z) − 1 of an average
    double fluctuation = linear > 0 ? (adamw.correlation(discount) - 1) / linear : 1;
    return 1 + fluctuation * 2 * total / meanSquare;
  }
}
