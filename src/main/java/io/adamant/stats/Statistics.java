package io.adamant.stats;

import java.util.Arrays;

/** Summaries of curves; missing values are left out, NaN where none is left. */
public final class Statistics {
  private Statistics() {}

  public static double min(Curve curve) {
    return Arrays.stream(present(curve)).min().orElse(Double.NaN);
  }

  public static double max(Curve curve) {
    return Arrays.stream(present(curve)).max().orElse(Double.NaN);
  }

  public static double median(Curve curve) {
    return median(curve.ys());
  }

  public static double median(double[] values) {
    double[] y = Arrays.stream(values).filter(Double::isFinite).toArray();
    return y.length == 0 ? Double.NaN : Quartiles.of(y).median();
  }

  public static double mean(double[] values) {
    return Arrays.stream(values).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
  }

  public static double meanOfLast(Curve curve, int count) {
    double[] y = present(curve);
    return mean(Arrays.copyOfRange(y, Math.max(0, y.length - count), y.length));
  }

  public static double[] present(Curve curve) {
    return Arrays.stream(curve.ys()).filter(Double::isFinite).toArray();
  }
}
