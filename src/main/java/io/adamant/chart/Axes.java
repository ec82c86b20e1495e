package io.adamant.chart;

import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.stats.Curve;
import java.util.List;

/** The axis of steps that all charts of a report share, and levels drawn along it. */
public record Axes(double lastStep) {

  public Axis steps() {
    return new Axis("step", "", false, new Range(0, lastStep));
  }

  /** A dotted horizontal line that belongs to no arm. */
  public Series level(String name, double y) {
    double first = lastStep > 1 ? 1 : 0;
    Curve line = Curve.of(new double[] {first, lastStep}, new double[] {y, y});
    return new Series(name, "fixed level", Style.DOTTED, Palette.NEUTRAL, line);
  }

  /** A logarithmic vertical axis whatever the lines are; values of 0 and below are not drawn. */
  public static Axis logarithmic(String label, List<Series> lines) {
    return new Axis(label, "", true, Range.logarithmic(curves(lines)));
  }

  /** A linear vertical axis from 0, whatever the lines are. */
  public static Axis linear(String label, List<Series> lines) {
    return new Axis(label, "", false, Range.linear(curves(lines), true));
  }

  /** A vertical axis for lines: logarithmic where their spread needs it, shared by all of them. */
  public static Axis vertical(String label, List<Series> lines, boolean fromZero) {
    List<Curve> curves = curves(lines);
    return Range.needsLog(curves)
        ? logarithmic(label, lines)
        : new Axis(label, "", false, Range.linear(curves, fromZero));
  }

  private static List<Curve> curves(List<Series> lines) {
    return lines.stream().map(Series::line).toList();
  }
}
