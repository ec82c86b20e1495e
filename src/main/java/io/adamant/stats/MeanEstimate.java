package io.adamant.stats;

/**
 * A mean with Student's interval: x̄ ± t_{(1+level)/2, n−1} s/√n, exact for normal samples.
 *
 * @param n number of values
 * @param mean x̄
 * @param standardDeviation s, with divisor n − 1; NaN for one value
 * @param interval for the mean; unbounded for one value
 */
public record MeanEstimate(int n, double mean, double standardDeviation, Interval interval) {
  /**
   * Estimates the mean.
   *
   * @param x at least one finite value
   * @param level confidence, in (0, 1)
   * @return the estimate
   * @throws IllegalArgumentException if x is empty or holds a value that is not finite, or level is
   *     not in (0, 1)
   */
  public static MeanEstimate of(double[] x, double level) {
    Samples.require("sample", x, 1);
    Samples.requireFraction("level", level);
    double mean = Samples.mean(x);
    double s = Math.sqrt(Samples.variance(x));
    double halfWidth =
        x.length == 1
            ? Double.NaN
            : Samples.tQuantile((1 + level) / 2, x.length - 1.0) * s / Math.sqrt(x.length);
    return new MeanEstimate(x.length, mean, s, Interval.around(mean, halfWidth, level));
  }
}
