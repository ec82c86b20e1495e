package io.adamant.chart;

import io.adamant.stats.Curve;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Thins a long curve for drawing. Points are left out, never averaged: of each of 249 equal spans
 * of x the lowest and the highest point stay, and so do the first and the last, so that no spike is
 * lost.
 */
public final class Thinning {
  /** Most points that a drawn line has. */
  public static final int MOST = 500;

  /** How it is done, for the reader of a report. */
  public static final String STATED =
      "Lines of more than 500 points are thinned for drawing: in each of 249 equal spans of "
          + "steps the lowest and the highest point are kept; nothing is averaged.";

  private static final int SPANS = (MOST - 2) / 2;

  private Thinning() {}

  /** Indices of the points to draw, rising. */
  public static int[] indices(Curve curve) {
    int n = curve.size();
    SortedSet<Integer> kept = new TreeSet<>();
    if (n <= MOST) {
      for (int i = 0; i < n; i++) {
        kept.add(i);
      }
      return toArray(kept);
    }
    kept.add(0);
    kept.add(n - 1);
    double first = curve.x(0);
    double width = (curve.x(n - 1) - first) / SPANS;
    int start = 0;
    for (int span = 1; span <= SPANS; span++) {
      int end = start;
      while (end < n && (span == SPANS || curve.x(end) < first + span * width)) {
        end++;
      }
      addExtremes(curve, start, end, kept);
      start = end;
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

  private static int[] toArray(SortedSet<Integer> indices) {
    return indices.stream().mapToInt(Integer::intValue).toArray();
  }
}
