package io.adamant.chart;

import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.util.Collection;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * What an axis spans, with ends that are easy to read.
 *
 * @param low lower end
 * @param high upper end, above low
 */
public record Range(double low, double high) {
  private static final int INTERVALS = 5;
  private static final double LOWEST = 1e-6;

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if an end is not finite or they are not in order
   */
  public Range {
    if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
      throw new IllegalArgumentException("range is [" + low + ", " + high + "]; low < high");
    }
  }

  /**
   * Covers curves on a linear axis, and 0 if asked to, ends rounded outwards to 1, 2 or 5 times a
   * power of ten; [0, 1] where there is no value.
   */
  public static Range linear(Collection<Curve> curves, boolean fromZero) {
    double min = values(curves).min().orElse(0);
    double max = values(curves).max().orElse(1);
    min = fromZero ? Math.min(0, min) : min;
    max = fromZero ? Math.max(0, max) : max;
    if (min == max) {
      double half = Math.max(Math.abs(min) / 2, 1e-12);
      min = fromZero && min >= 0 ? min : min - half;
      max += half;
    }
    double interval = nice((max - min) / INTERVALS);
    double low = Math.floor(min / interval + 1e-9) * interval;
    double high = Math.ceil(max / interval - 1e-9) * interval;
    return new Range(low, high);
  }

  /**
   * Covers the positive values of curves on a logarithmic axis, ends rounded outwards to 1, 2 or 5
   * times a power of ten, at most six decades below the highest; [1, 10] where there is none.
   */
  public static Range logarithmic(Collection<Curve> curves) {
    return logarithmic(curves, LOWEST);
  }

  /** The same with every positive value, however many decades below the highest. */
  static Range wholeLogarithmic(Collection<Curve> curves) {
    return logarithmic(curves, 0);
  }

  private static Range logarithmic(Collection<Curve> curves, double lowest) {
    double min = values(curves).filter(y -> y > 0).min().orElse(1);
    double max = values(curves).filter(y -> y > 0).max().orElse(10);
    double high = nice(max);
    double low = 1 / nice(1 / Math.max(min, high * lowest));
    return new Range(low < high ? low : high / 10, high);
  }

  /** Whether a linear axis would squeeze curves: positive, and spread over a factor above 20. */
  public static boolean needsLog(Collection<Curve> curves) {
    double min = values(curves).filter(y -> y != 0).min().orElse(1);
    double max = values(curves).max().orElse(1);
    return min > 0 && max > 20 * min;
  }

  /**
   * What the colours of a map of losses span: from the lowest value to the highest, or to three
   * times as far above the lowest as the median is. One setting that almost diverged must not make
   * all others look alike.
   */
  public static Range ofColours(List<Double> values) {
    double[] sorted =
        values.stream().filter(Double::isFinite).mapToDouble(v -> v).sorted().toArray();
    if (sorted.length == 0) {
      return new Range(0, 1);
    }
    double low = sorted[0];
    double far = low + 3 * (sorted[sorted.length / 2] - low);
    double high = far > low ? Math.min(sorted[sorted.length - 1], far) : sorted[sorted.length - 1];
    return new Range(low, high > low ? high : low + Math.max(1e-9, Math.abs(low) * 1e-3));
  }

  static boolean positive(Collection<Curve> curves) {
    return values(curves).allMatch(y -> y > 0);
  }

  private static DoubleStream values(Collection<Curve> curves) {
    return curves.stream().flatMapToDouble(c -> DoubleStream.of(Statistics.present(c)));
  }

  /** The smallest of 1, 2, 5, 10, 20, … that is at least a positive number. */
  private static double nice(double atLeast) {
    double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= atLeast * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }
}
