package io.adamant.chart;

import java.util.List;

/** What the colours of a map of losses span: from the best to where a loss is plainly bad. */
public final class HeatRange {
  private static final double SPREADS = 3;

  private HeatRange() {}

  /**
   * From the lowest value to the highest, or to three times as far above the lowest as the median
   * is: one setting that almost diverged must not make all others look alike.
   */
  public static Range of(List<Double> values) {
    double[] sorted =
        values.stream().filter(Double::isFinite).mapToDouble(v -> v).sorted().toArray();
    if (sorted.length == 0) {
      return new Range(0, 1);
    }
    double low = sorted[0];
    double median = sorted[sorted.length / 2];
    double far = low + SPREADS * (median - low);
    double high =
        median > low ? Math.min(sorted[sorted.length - 1], far) : sorted[sorted.length - 1];
    return new Range(low, high > low ? high : low + Math.max(1e-9, Math.abs(low) * 1e-3));
  }
}
