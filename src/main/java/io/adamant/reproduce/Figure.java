package io.adamant.reproduce;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.PlotLines;
import io.adamant.stats.Curve;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A chart as it is kept beside a claim's numbers.
 *
 * @param id names its PNG file
 * @param title what is shown
 * @param x label of the abscissa
 * @param y label of the ordinate
 * @param lines at least one
 */
record Figure(String id, String title, String x, String y, List<Line> lines) {

  /**
   * A line.
   *
   * @param name in the legend
   * @param meaning what it is: measured, published, formula, ...
   * @param colour key of the palette
   * @param xs rising
   * @param ys as many
   * @param low lower edge of its band; empty for none
   * @param high upper edge of its band; empty for none
   */
  record Line(
      String name,
      String meaning,
      int colour,
      List<Double> xs,
      List<Double> ys,
      List<Double> low,
      List<Double> high) {
    private static final double UNKNOWN = 1e30; // JSON has no NaN
    private static final MathContext DIGITS = new MathContext(7);

    Line {
      xs = List.copyOf(xs);
      ys = List.copyOf(ys);
      low = List.copyOf(low);
      high = List.copyOf(high);
    }

    static Line of(String name, String meaning, int colour, double[] xs, double[] ys) {
      return new Line(name, meaning, colour, list(xs), list(ys), List.of(), List.of());
    }

    static boolean isUnknown(double value) {
      return Math.abs(value) >= UNKNOWN / 10;
    }

    Line banded(double[] from, double[] to) {
      return new Line(name, meaning, colour, xs, ys, list(from), list(to));
    }

    private static List<Double> list(double[] values) {
      return Arrays.stream(values)
          .map(v -> Double.isFinite(v) ? new BigDecimal(v).round(DIGITS).doubleValue() : UNKNOWN)
          .boxed()
          .toList();
    }

    /** The same over the abscissa of its lowest point, so that lines far apart can be compared. */
    Line overLowest() {
      if (ys.isEmpty()) {
        return this;
      }
      double lowest = xs.get(ys.indexOf(Collections.min(ys)));
      return new Line(
          name, meaning, colour, xs.stream().map(x -> x / lowest).toList(), ys, low, high);
    }

    /** The same with fewer points, for what is kept in files. */
    Line thinned(int points) {
      if (xs.size() <= points) {
        return this;
      }
      List<Integer> keep = new ArrayList<>();
      for (int i = 0; i < points; i++) {
        keep.add((int) Math.round(i * (xs.size() - 1.0) / (points - 1)));
      }
      return new Line(
          name, meaning, colour, at(keep, xs), at(keep, ys), at(keep, low), at(keep, high));
    }

    private static List<Double> at(List<Integer> keep, List<Double> values) {
      return values.isEmpty() ? values : keep.stream().map(values::get).toList();
    }

    private Series series() {
      Style style =
          switch (meaning) {
            case "formula" -> Style.DASHED;
            case "published" -> Style.DOTTED;
            default -> Style.SOLID;
          };
      Series line = new Series(name, meaning, style, colour, curve(ys));
      return low.isEmpty() ? line : line.within(curve(low), curve(high));
    }

    private Curve curve(List<Double> values) {
      return Curve.of(
          xs.stream().mapToDouble(x -> x).toArray(),
          values.stream().mapToDouble(y -> isUnknown(y) ? Double.NaN : y).toArray());
    }
  }

  /** Values in the order of rising abscissae, where they came by falling ones. */
  static double[] reversed(double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[x.length - 1 - i];
    }
    return y;
  }

  Chart chart() {
    List<Series> series = new ArrayList<>();
    lines.forEach(line -> series.add(line.series()));
    return PlotLines.chart(id, title, x, y, series);
  }
}
