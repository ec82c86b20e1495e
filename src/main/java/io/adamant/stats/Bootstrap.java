package io.adamant.stats;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** Efron's percentile bootstrap. */
public final class Bootstrap {

  private Bootstrap() {}

  /**
   * An interval for a statistic: quantiles of its values in samples that are drawn with
   * replacement.
   *
   * @param x at least one finite value
   * @param statistic of a sample, whose order it may change
   * @param level confidence, in (0, 1)
   * @param resamples samples to draw, at least 100; 10,000 fixes the ends well
   * @param seed of the draws
   * @return the interval; the same on every machine
   * @throws IllegalArgumentException if an argument is not as stated
   */
  public static Interval percentile(
      double[] x, ToDoubleFunction<double[]> statistic, double level, int resamples, long seed) {
    Samples.require("sample", x, 1);
    Samples.requireFraction("level", level);
    if (resamples < 100) {
      throw new IllegalArgumentException("resamples is " + resamples + "; at least 100 are needed");
    }
    Random random = new Random(seed);
    double[] values = new double[resamples];
    double[] draw = new double[x.length];
    for (int r = 0; r < resamples; r++) {
      for (int i = 0; i < draw.length; i++) {
        draw[i] = x[random.nextInt(x.length)];
      }
      values[r] = statistic.applyAsDouble(draw);
    }
    Arrays.sort(values);
    double tail = (1 - level) / 2;
    return new Interval(
        Quartiles.ofSorted(values, tail), Quartiles.ofSorted(values, 1 - tail), level);
  }
}
