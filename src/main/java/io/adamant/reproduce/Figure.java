package io.adamant.reproduce;

import io.adamant.report.Chart;
import io.adamant.report.Chart.Band;
import io.adamant.report.Chart.Series;
import io.adamant.report.Chart.Style;
import io.adamant.report.Curve;
import io.adamant.report.PlotLines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
   * @param low lower edge of its band; null for none
   * @param high upper edge of its band; null for none
   */
  record Line(
      String name,
      String meaning,
      int colour,
      double[] xs,
      double[] ys,
      double[] low,
      double[] high) {

    static Line of(String name, String meaning, int colour, double[] xs, double[] ys) {
      return new Line(name, meaning, colour, xs, ys, null, null);
    }

    /** The same with fewer points, for what is kept in files. */
    Line thinned(int points) {
      if (xs.length <= points) {
        return this;
      }
      int[] keep = new int[points];
      for (int i = 0; i < points; i++) {
        keep[i] = (int) Math.round(i * (xs.length - 1.0) / (points - 1));
      }
      return new Line(
          name, meaning, colour, at(keep, xs), at(keep, ys), at(keep, low), at(keep, high));
    }

    private static double[] at(int[] keep, double[] values) {
      return values == null
          ? null
          : Arrays.stream(keep)
              .mapToDouble(i -> Double.isFinite(values[i]) ? (double) (float) values[i] : 1e30)
              .toArray();
    }

    private Series series() {
      Style style =
          switch (meaning) {
            case "formula" -> Style.DASHED;
            case "published" -> Style.DOTTED;
            default -> Style.SOLID;
          };
      Optional<Band> band =
          low == null
              ? Optional.empty()
              : Optional.of(new Band(Curve.of(xs, known(low)), Curve.of(xs, known(high))));
      return new Series(name, meaning, style, colour, false, Curve.of(xs, known(ys)), band);
    }

    private static double[] known(double[] values) {
      return Arrays.stream(values)
          .map(v -> Double.isFinite(v) && Math.abs(v) < 1e29 ? v : Double.NaN)
          .toArray();
    }
  }

  Chart chart() {
    List<Series> series = new ArrayList<>();
    lines.forEach(line -> series.add(line.series()));
    return PlotLines.chart(id, title, x, y, series);
  }
}
