package io.adamant.reproduce;

import io.adamant.results.Metrics;
import io.adamant.stats.RateGrid.Edge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/**
 * The best learning rate of a cell on one seed, between the grid's points: the vertex of the least
 * squares parabola of validation loss over log2 of the rate, kept within the rates tried; where the
 * losses do not bend upwards, the best rate tried. A vertex that is not within the rates tried is
 * no measurement: {@link #edge}.
 */
final class BestRate {
  private BestRate() {}

  /** log2 of the best rate for each fresh seed. */
  static double[] log2(Tuned tuned) {
    return log2(tuned.rows());
  }

  /** NaN for a seed that diverged at every rate. */
  private static double[] log2(Map<Double, List<RunRow>> rows) {
    double[] found = new double[rows.values().iterator().next().size()];
    for (int s = 0; s < found.length; s++) {
      List<double[]> points = new ArrayList<>();
      for (Map.Entry<Double, List<RunRow>> entry : rows.entrySet()) {
        double loss = entry.getValue().get(s).quantity(Metrics.VAL_LOSS);
        if (Double.isFinite(loss)) {
          points.add(new double[] {log2(entry.getKey()), loss});
        }
      }
      found[s] = points.isEmpty() ? Double.NaN : vertex(points);
    }
    return found;
  }

  /** The end of the rates tried at which, or beyond which, some seed's best rate lies. */
  static Edge edge(NavigableMap<Double, List<RunRow>> rows) {
    double low = log2(rows.firstKey());
    double high = log2(rows.lastKey());
    Edge edge = Edge.NONE;
    for (double best : log2(rows)) {
      if (best >= high) {
        return Edge.HIGHEST;
      }
      edge = best <= low ? Edge.LOWEST : edge;
    }
    return edge;
  }

  static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }

  /** Of points (x, y), at least one. */
  static double vertex(List<double[]> points) {
    double lowest = points.get(0)[0];
    double loss = Double.POSITIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double centre = 0;
    for (double[] point : points) {
      if (point[1] < loss) {
        loss = point[1];
        lowest = point[0];
      }
      min = Math.min(min, point[0]);
      max = Math.max(max, point[0]);
      centre += point[0] / points.size();
    }
    if (points.size() < 3) {
      return lowest;
    }
    double[] s = new double[5]; // sums of x^k
    double[] t = new double[3]; // sums of x^k y
    for (double[] point : points) {
      double x = point[0] - centre;
      for (int k = 0; k < 5; k++) {
        s[k] += Math.pow(x, k);
      }
      for (int k = 0; k < 3; k++) {
        t[k] += Math.pow(x, k) * (point[1] - loss);
      }
    }
    double bend = determinant(t[2], s[3], s[2], t[1], s[2], s[1], t[0], s[1], s[0]);
    double slope = determinant(s[4], t[2], s[2], s[3], t[1], s[1], s[2], t[0], s[0]);
    double all = determinant(s[4], s[3], s[2], s[3], s[2], s[1], s[2], s[1], s[0]);
    if (!(bend / all > 0)) {
      return lowest;
    }
    return Math.max(min, Math.min(max, centre - slope / (2 * bend)));
  }

  private static double determinant(
      double a, double b, double c, double d, double e, double f, double g, double h, double i) {
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  }
}
