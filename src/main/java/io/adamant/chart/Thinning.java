package io.adamant.chart;

import io.adamant.stats.Curve;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Thins a long curve for drawing. Points are left out, never averaged: of each of many equal spans
 * of x the lowest and the highest point stay, and so do the first, the last and every spike.
 *
 * <p>A spike is a point with |y − median| &gt; 5 · 1.4826 · MAD, the median and the median absolute
 * deviation being those of up to ten points before it and ten after; 1.4826 MAD is the standard
 * deviation of normal numbers (Hampel's identifier).
 */
public final class Thinning {
  /** Most points that a drawn line has, its spikes not counted. */
  public static final int MOST = 500;

  /** How it is done, for the reader of a report. */
  public static final String STATED =
      "Lines of more than 500 points are thinned for drawing: in each of 249 equal spans of "
          + "steps the lowest and the highest point are kept, and so is every point more than five "
          + "robust deviations (1.4826 MAD) from its neighbours; nothing is averaged.";

  private static final double SPIKE = 5 * 1.4826;
  private static final int NEIGHBOURS = 10; // on each side

  private Thinning() {}

  /** Indices of the points to draw, rising. */
  public static int[] indices(Curve curve) {
    return indices(curve, MOST);
  }

  /** The same where a line has at most so many points, at least four, beside its spikes. */
  public static int[] indices(Curve curve, int most) {
    int n = curve.size();
    int spans = (most - 2) / 2;
    SortedSet<Integer> kept = new TreeSet<>();
    if (n <= most) {
      for (int i = 0; i < n; i++) {
        kept.add(i);
      }
      return toArray(kept);
    }
    kept.add(0);
    kept.add(n - 1);
    double first = curve.x(0);
    double width = (curve.x(n - 1) - first) / spans;
    int start = 0;
    for (int span = 1; span <= spans; span++) {
      int end = start;
      while (end < n && (span == spans || curve.x(end) < first + span * width)) {
        end++;
      }
      addExtremes(curve, start, end, kept);
      start = end;
    }
    double[] ys = curve.ys();
    for (int i = 0; i < n; i++) {
      if (isSpike(ys, i)) {
        kept.add(i);
      }
    }
    return toArray(kept);
  }

  private static void addExtremes(Curve curve, int start, int end, SortedSet<Integer> kept) {
    int low = -1;
    int high = -1;
    for (int i = start; i < end; i++) {
      double y = curve.y(i);
      if (!Double.isNaN(y)) {
        low = low < 0 || y < curve.y(low) ? i : low;
        high = high < 0 || y > curve.y(high) ? i : high;
      }
    }
    if (low >= 0) {
      kept.add(low);
      kept.add(high);
    }
  }

  /** Whether a point lies more than five robust deviations from its neighbours. */
  static boolean isSpike(double[] ys, int index) {
    double[] near = new double[2 * NEIGHBOURS];
    int count = 0;
    int end = Math.min(ys.length, index + NEIGHBOURS + 1);
    for (int i = Math.max(0, index - NEIGHBOURS); i < end; i++) {
      if (i != index && !Double.isNaN(ys[i])) {
        near[count++] = ys[i];
      }
    }
    if (count < 2 || Double.isNaN(ys[index])) {
      return false;
    }
    double median = median(near, count);
    for (int i = 0; i < count; i++) {
      near[i] = Math.abs(near[i] - median);
    }
    return Math.abs(ys[index] - median) > SPIKE * median(near, count);
  }

  private static double median(double[] values, int count) {
    Arrays.sort(values, 0, count);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
  }

  private static int[] toArray(SortedSet<Integer> indices) {
    return indices.stream().mapToInt(Integer::intValue).toArray();
  }
}
