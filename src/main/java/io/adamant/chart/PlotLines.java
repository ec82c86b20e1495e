package io.adamant.chart;

import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Band;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.stats.Curve;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Charts of numbers that come from no run directory: lines by name, axes chosen by their data. */
public final class PlotLines {

  private PlotLines() {}

  /** What was simulated or computed: a solid line. */
  public static Series solid(String name, int colour, double[] x, double[] y) {
    return new Series(name, "simulated", Style.SOLID, colour, Curve.of(x, finite(y)));
  }

  /** A formula: a dashed line. */
  public static Series dashed(String name, int colour, double[] x, double[] y) {
    return new Series(name, "formula", Style.DASHED, colour, Curve.of(x, finite(y)));
  }

  /** A dotted line, for something between the two. */
  public static Series dotted(String name, String meaning, int colour, double[] x, double[] y) {
    return new Series(name, meaning, Style.DOTTED, colour, Curve.of(x, finite(y)));
  }

  /** A solid line with a band from low to high. */
  public static Series banded(
      String name, int colour, double[] x, double[] y, double[] low, double[] high) {
    return solid(name, colour, x, y).within(Curve.of(x, finite(low)), Curve.of(x, finite(high)));
  }

  private static double[] finite(double[] y) {
    return Arrays.stream(y).map(v -> Double.isFinite(v) ? v : Double.NaN).toArray();
  }

  /**
   * A chart. An axis is logarithmic where its positive values spread over a factor above 20, one of
   * learning rates wherever they differ: their grids are geometric.
   */
  public static Chart chart(String id, String title, String x, String y, List<Series> lines) {
    return new Chart(id, title, horizontal(x, lines), vertical(y, "", lines), lines);
  }

  /**
   * Logarithmic where the values spread over a factor above 20, steps excepted: they are read on a
   * linear axis, as in every other report.
   */
  public static Axis horizontal(String label, List<Series> lines) {
    double[] all = lines.stream().flatMapToDouble(s -> Arrays.stream(s.line().xs())).toArray();
    double min = Arrays.stream(all).min().orElse(0);
    double max = Arrays.stream(all).max().orElse(1);
    boolean log = min > 0 && max > (rates(label) ? 1 : 20) * min && !label.equals("step");
    Optional<Range> range = min < max ? Optional.of(new Range(min, max)) : Optional.empty();
    return new Axis(label, "", log, range);
  }

  private static boolean rates(String label) {
    return label.contains("learning rate") || label.startsWith("1 − β");
  }

  /** Logarithmic where all values are positive and spread over a factor above 20. */
  public static Axis vertical(String label, String unit, List<Series> lines) {
    List<Curve> curves =
        lines.stream()
            .flatMap(s -> Stream.concat(Stream.of(s.line()), s.band().map(Band::high).stream()))
            .toList();
    if (!Range.needsLog(curves) && !(rates(label) && Range.positive(curves))) {
      return new Axis(label, unit, false, Range.linear(curves, false));
    }
    // The whole span: losses of the toy fall by more decades than a training loss ever does.
    return new Axis(label, unit, true, Range.wholeLogarithmic(curves));
  }
}
