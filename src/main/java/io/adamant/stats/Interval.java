package io.adamant.stats;

import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * A confidence interval.
 *
 * @param low lower end; −∞ when the sample says nothing
 * @param high upper end, at least low; +∞ when the sample says nothing
 * @param level confidence, in (0, 1), for example 0.95
 */
public record Interval(double low, double high, double level) {
  /**
   * Checks the ends and the level.
   *
   * @throws IllegalArgumentException if low is not at most high or level not in (0, 1)
   */
  public Interval {
    if (!(low <= high)) {
      throw new IllegalArgumentException("low is " + low + ", high " + high + "; low <= high");
    }
    Samples.requireFraction("level", level);
  }

  /**
   * Whether a value lies in the interval, ends included.
   *
   * @param value any double
   * @return true if low ≤ value ≤ high
   */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /**
   * Half the width, the number after ± for a symmetric interval.
   *
   * @return (high − low)/2, infinite for an unbounded interval
   */
  public double halfWidth() {
    return (high - low) / 2;
  }

  /**
   * Student's interval: centre ± t_{(1+level)/2, dof}·standardError.
   *
   * @param centre the estimate
   * @param standardError its standard error, at least 0; NaN where it is unknown
   * @param degreesOfFreedom of the standard error, above 0
   * @param level confidence, in (0, 1)
   * @return the interval; all reals where the standard error is unknown
   */
  public static Interval student(
      double centre, double standardError, double degreesOfFreedom, double level) {
    double t = Samples.tQuantile((1 + level) / 2, degreesOfFreedom);
    return around(centre, t * standardError, level);
  }

  /**
   * The two-sided p-value of Student's test that the true value is some number: 1 less the level of
   * the interval that ends at it.
   *
   * @param number such as the end of a margin
   * @param centre the estimate
   * @param standardError its standard error, above 0; NaN where it is unknown
   * @param degreesOfFreedom of the standard error, above 0
   * @return in [0, 1]; 1 where the standard error is unknown
   */
  public static double pValue(
      double number, double centre, double standardError, double degreesOfFreedom) {
    double t = (centre - number) / standardError;
    return Double.isNaN(t) ? 1 : Samples.twoSidedP(t, degreesOfFreedom);
  }

  /**
   * The interval of a share that is known from independent trials, which covers it at least as
   * often as it says.
   *
   * <p>Source: Clopper and Pearson (1934): its ends are quantiles of Beta(k, n − k + 1) and Beta(k
   * + 1, n − k), for k of n.
   *
   * @param count trials that are counted, 0 to trials
   * @param trials at least 1
   * @param level confidence, in (0, 1)
   */
  public static Interval ofShare(int count, int trials, double level) {
    double tail = (1 - level) / 2;
    int others = trials - count;
    return new Interval(
        count == 0
            ? 0
            : new BetaDistribution(null, count, others + 1).inverseCumulativeProbability(tail),
        others == 0
            ? 1
            : new BetaDistribution(null, count + 1, others).inverseCumulativeProbability(1 - tail),
        level);
  }

  /**
   * The two-sided p-value of the exact binomial test: 1 less the level of {@link #ofShare} that
   * ends at a number.
   *
   * @param number the share that is tested, in [0, 1]
   * @param count trials that are counted
   * @param trials at least 1
   * @return in [0, 1]
   */
  public static double pValueOfShare(double number, int count, int trials) {
    BinomialDistribution tested = new BinomialDistribution(null, trials, number);
    double below = tested.cumulativeProbability(count);
    double above = 1 - tested.cumulativeProbability(count - 1);
    return Math.min(1, 2 * Math.min(below, above));
  }

  /** Centre ± half width; all reals when the half width is not defined. */
  static Interval around(double centre, double halfWidth, double level) {
    return Double.isNaN(halfWidth)
        ? new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, level)
        : new Interval(centre - halfWidth, centre + halfWidth, level);
  }
}
