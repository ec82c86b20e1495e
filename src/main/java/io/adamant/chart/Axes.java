package io.adamant.chart;

import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.stats.Curve;
import java.util.List;
import java.util.Optional;

/** The axis of steps that all charts of a report share, and levels drawn along it. */
public record Axes(double lastStep) {

  public Axis steps() {
    return new Axis("step", "", false, Optional.of(new Range(0, lastStep)));
  }

  /** A dotted horizontal line that belongs to no arm. */
  public Series level(String name, String meaning, double y) {
    double first = lastStep > 1 ? 1 : 0;
    Curve line = Curve.of(new double[] {first, lastStep}, new double[] {y, y});
    return new Series(name, meaning, Style.DOTTED, Palette.NEUTRAL, false, line, Optional.empty());
  }

  /** A logarithmic vertical axis whatever the lines are; values of 0 and below are not drawn. */
  public static Axis logarithmic(String label, List<Series> lines) {
    Range range = Range.logarithmic(lines.stream().map(Series::line).toList());
    return new Axis(label, "", true, Optional.of(range));
  }

  /** A linear vertical axis from 0, whatever the lines are. */
  public static Axis linear(String label, List<Series> lines) {
    Range range = Range.linear(lines.stream().map(Series::line).toList(), true);
    return new Axis(label, "", false, Optional.of(range));
  }

  /** A vertical axis for lines: logarithmic where their spread needs it, shared by all of them. */
  public static Axis vertical(String label, String unit, List<Series> lines, boolean fromZero) {
    List<Curve> curves = lines.stream().map(Series::line).toList();
    boolean log = Range.needsLog(curves);
    Range range = log ? Range.logarithmic(curves) : Range.linear(curves, fromZero);
    return new Axis(label, unit, log, Optional.of(range));
  }
}
