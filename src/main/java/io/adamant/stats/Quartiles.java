package io.adamant.stats;

import java.util.Arrays;

/**
 * Median and quartiles of a sample.
 *
 * @param lower first quartile
 * @param median the median
 * @param upper third quartile
 */
public record Quartiles(double lower, double median, double upper) {
  /**
   * The quartiles of a sample.
   *
   * @param x at least one finite value
   * @return lower quartile, median, upper quartile
   * @throws IllegalArgumentException if x is empty or holds a value that is not finite
   */
  public static Quartiles of(double[] x) {
    double[] sorted = sorted(x);
    return new Quartiles(ofSorted(sorted, 0.25), ofSorted(sorted, 0.5), ofSorted(sorted, 0.75));
  }

  /**
   * A quantile by linear interpolation between order statistics: with h = (n − 1)p, x_(⌊h⌋) + (h −
   * ⌊h⌋)(x_(⌊h⌋+1) − x_(⌊h⌋)), Hyndman and Fan's type 7, the default of NumPy and R.
   *
   * @param x at least one finite value
   * @param p in [0, 1]
   * @return the quantile
   * @throws IllegalArgumentException if x is empty or holds a value that is not finite, or p is not
   *     in [0, 1]
   */
  public static double quantile(double[] x, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("p is " + p + "; it must lie in [0, 1]");
    }
    return ofSorted(sorted(x), p);
  }

  static double ofSorted(double[] sorted, double p) {
    double h = (sorted.length - 1) * p;
    int below = (int) Math.floor(h);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (h - below) * (sorted[above] - sorted[below]);
  }

  private static double[] sorted(double[] x) {
    double[] sorted = Samples.require("sample", x, 1).clone();
    Arrays.sort(sorted);
    return sorted;
  }
}
