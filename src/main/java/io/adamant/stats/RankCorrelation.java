package io.adamant.stats;

import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.correlation.KendallsCorrelation;

/**
 * Kendall's &tau;-b of pairs with an interval by Fisher's transformation, whose variance for &tau;
 * is about 0.437/(n&minus;4): Fieller, Hartley and Pearson 1957, "Tests for rank correlation
 * coefficients. I", Biometrika 44, equation (6.2). It is good for |&tau;| &lt; 0.8 and n from about
 * ten, and rough below.
 *
 * @param n number of pairs
 * @param tau in [&minus;1, 1]; NaN where all values of one side are equal or n &lt; 2
 * @param interval of &tau;; all reals for n &lt; 5 and where &tau; is unknown
 */
public record RankCorrelation(int n, double tau, Interval interval) {

  private static final double VARIANCE = 0.437;
  private static final int FEWEST = 5;

  /**
   * Correlates the ranks.
   *
   * <p>Where all pairs agree the transformation has no value; half a pair is then taken to
   * disagree: &tau; = &plusmn;(1 &minus; 1/P) for the other end of the interval, with P = n(n
   * &minus; 1)/2 pairs of pairs.
   *
   * @param x finite values
   * @param y as many
   * @param level confidence, in (0, 1)
   * @return &tau;-b = (C &minus; D)/&radic;((P &minus; T_x)(P &minus; T_y)) of C concordant and D
   *     discordant ones among P, of which T are tied
   * @throws IllegalArgumentException if the lengths differ or the level is not in (0, 1)
   */
  public static RankCorrelation of(double[] x, double[] y, double level) {
    if (x.length != y.length) {
      throw new IllegalArgumentException("x has " + x.length + " values, y has " + y.length);
    }
    Samples.requireFraction("level", level);
    int n = x.length;
    double tau = n < 2 ? Double.NaN : new KendallsCorrelation().correlation(x, y);
    if (n < FEWEST || Double.isNaN(tau)) {
      return new RankCorrelation(
          n, tau, new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, level));
    }
    double most = 1 - 2.0 / (n * (n - 1.0));
    double z = atanh(Math.max(-most, Math.min(most, tau)));
    double half =
        new NormalDistribution().inverseCumulativeProbability((1 + level) / 2)
            * Math.sqrt(VARIANCE / (n - 4));
    return new RankCorrelation(
        n,
        tau,
        new Interval(
            Math.min(tau, Math.tanh(z - half)), Math.max(tau, Math.tanh(z + half)), level));
  }

  private static double atanh(double x) {
    return 0.5 * Math.log((1 + x) / (1 - x));
  }

  /**
   * The share of pairs of untied pairs that keep their order.
   *
   * @return (1 + &tau;)/2
   */
  public double concordance() {
    return (1 + tau) / 2;
  }
}
