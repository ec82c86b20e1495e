package io.adamant.stats;

import java.util.TreeSet;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;
import org.apache.commons.math3.analysis.solvers.BrentSolver;
import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;

/**
 * The power of the two-sided t-test, from the noncentral t distribution.
 *
 * <p>T = (Z + δ)/S with Z standard normal, S² = χ²_df/df: P(|T| > c) = ∫ [Φ(δ − cs) + Φ(−δ − cs)]
 * f_S(s) ds, c the two-sided critical value. Integrated numerically; absolute error below 1e-9.
 */
public final class TTestPower {
  private static final int PANELS = 6;

  /** Gauss-Legendre on [−1, 1]. */
  private static final GaussIntegrator LEGENDRE = new GaussIntegratorFactory().legendre(40);

  private TTestPower() {}

  /**
   * The probability that the test rejects.
   *
   * @param noncentrality δ, the true difference in standard errors
   * @param degreesOfFreedom at least 1
   * @param alpha error rate, in (0, 1)
   * @return the power, alpha at δ = 0
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static double of(double noncentrality, double degreesOfFreedom, double alpha) {
    Samples.requireFraction("alpha", alpha);
    if (!(degreesOfFreedom >= 1) || !Double.isFinite(noncentrality)) {
      throw new IllegalArgumentException(
          "noncentrality is "
              + noncentrality
              + ", degreesOfFreedom "
              + degreesOfFreedom
              + "; finite and >= 1");
    }
    double critical = Samples.tQuantile(1 - alpha / 2, degreesOfFreedom);
    double[] edges = panels(Math.abs(noncentrality), degreesOfFreedom, critical);
    double power = 0;
    for (int panel = 1; panel < edges.length; panel++) {
      double half = (edges[panel] - edges[panel - 1]) / 2;
      double centre = edges[panel - 1] + half;
      // s = x²: for df between 1 and 2 the density has a root at 0 that x² smooths.
      power +=
          half
              * LEGENDRE.integrate(
                  p -> {
                    double x = centre + half * p;
                    double s = x * x;
                    double tails =
                        normal(noncentrality - critical * s)
                            + normal(-noncentrality - critical * s);
                    return tails * density(s, degreesOfFreedom) * 2 * x;
                  });
    }
    return Math.min(1, power);
  }

  /**
   * Edges of the panels, as x = √s: even over the mass of S, and closer where Φ(δ − cs) falls from
   * 1 to 0, which for few degrees of freedom and a small alpha is a sliver near 0.
   */
  private static double[] panels(double noncentrality, double df, double critical) {
    double reach = 12 / Math.sqrt(2 * df); // S: mean near 1, variance near 1/(2 df)
    double low = Math.max(0, 1 - reach);
    double high = 1 + reach;
    TreeSet<Double> edges = new TreeSet<>();
    for (int i = 0; i <= PANELS; i++) {
      edges.add(low + i * (high - low) / PANELS);
    }
    for (double deviations : new double[] {-8, 0, 8}) {
      double edge = (noncentrality + deviations) / critical;
      if (edge > low && edge < high) {
        edges.add(edge);
      }
    }
    return edges.stream().mapToDouble(Math::sqrt).toArray();
  }

  /** The smallest δ ≥ 0 whose power is as asked. */
  static double noncentrality(double power, double degreesOfFreedom, double alpha) {
    double high = 1;
    while (of(high, degreesOfFreedom, alpha) < power) {
      high *= 2;
    }
    return new BrentSolver(1e-12, 1e-12)
        .solve(200, delta -> of(delta, degreesOfFreedom, alpha) - power, 0, high);
  }

  private static double normal(double x) {
    return Erf.erfc(-x / Math.sqrt(2)) / 2;
  }

  /** f_S(s) = 2 (df/2)^{df/2} s^{df−1} e^{−df s²/2} / Γ(df/2). */
  private static double density(double s, double df) {
    double half = df / 2;
    double log =
        Math.log(2)
            + half * Math.log(half)
            - Gamma.logGamma(half)
            + (df - 1) * Math.log(s)
            - half * s * s;
    return Math.exp(log);
  }
}
