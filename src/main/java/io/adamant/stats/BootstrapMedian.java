package io.adamant.stats;

import java.util.Arrays;
import java.util.Random;

/**
 * The median with Efron's percentile bootstrap interval.
 *
 * <p>The same sample, level, resamples and seed give the same interval on every machine. With few
 * values the interval is too short: its ends are order statistics, and for n = 3 even [min, max]
 * covers the median of a continuous distribution with probability 0.75 only, 0.94 for n = 5, 0.998
 * for n = 10.
 *
 * @param median the sample's median
 * @param interval percentile interval
 * @param resamples samples drawn with replacement
 * @param seed of the draws
 */
public record BootstrapMedian(double median, Interval interval, int resamples, long seed) {
  /**
   * Bootstraps the median.
   *
   * @param x at least one finite value
   * @param level confidence, in (0, 1)
   * @param resamples at least 100; 10,000 fixes the ends well
   * @param seed of the draws
   * @return the median and its interval
   * @throws IllegalArgumentException if an argument is not as stated
   */
  public static BootstrapMedian of(double[] x, double level, int resamples, long seed) {
    double median = Quartiles.quantile(x, 0.5);
    Samples.requireFraction("level", level);
    if (resamples < 100) {
      throw new IllegalArgumentException("resamples is " + resamples + "; at least 100 are needed");
    }
    Random random = new Random(seed);
    double[] medians = new double[resamples];
    double[] draw = new double[x.length];
    for (int r = 0; r < resamples; r++) {
      for (int i = 0; i < draw.length; i++) {
        draw[i] = x[random.nextInt(x.length)];
      }
      Arrays.sort(draw);
      medians[r] = Quartiles.ofSorted(draw, 0.5);
    }
    Arrays.sort(medians);
    double tail = (1 - level) / 2;
    Interval interval =
        new Interval(
            Quartiles.ofSorted(medians, tail), Quartiles.ofSorted(medians, 1 - tail), level);
    return new BootstrapMedian(median, interval, resamples, seed);
  }
}
