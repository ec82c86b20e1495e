package io.adamant.report;

import io.adamant.report.Chart.Band;
import io.adamant.report.Chart.Series;
import io.adamant.report.Chart.Style;
import io.adamant.report.LabPoint.Compared;
import io.adamant.report.LabPoint.Measured;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A laboratory's grid as charts: the numeric input with most values along the abscissa, a line a
 * formula, a band around what was simulated; one chart for each combination of the other inputs.
 */
final class LabCharts {
  private static final int MOST_CHARTS = 12;
  private static final double FAR = 30;

  private LabCharts() {}

  /** The varied input that is drawn along the abscissa, if there is one. */
  static Optional<String> abscissa(Lab lab) {
    return lab.varied().stream()
        .filter(name -> lab.points().stream().allMatch(p -> isNumber(p.inputs().get(name))))
        .max(
            Comparator.comparingLong(
                name -> lab.points().stream().map(p -> p.inputs().get(name)).distinct().count()));
  }

  static List<Chart> of(Lab lab) {
    Optional<String> x = abscissa(lab);
    if (x.isEmpty()) {
      return List.of();
    }
    Map<String, List<LabPoint>> panels = new LinkedHashMap<>();
    for (LabPoint point : lab.points()) {
      panels.computeIfAbsent(others(lab, point, x.get()), k -> new ArrayList<>()).add(point);
    }
    List<Chart> charts = new ArrayList<>();
    List<String> keys = keys(lab);
    panels.forEach(
        (others, points) -> {
          if (charts.size() < MOST_CHARTS) {
            String title = lab.summary() + (others.isEmpty() ? "" : " at " + others);
            String id = lab.id() + (panels.size() == 1 ? "" : "-" + (charts.size() + 1));
            charts.add(
                PlotLines.chart(id, title, x.get(), lab.quantity(), lines(points, x.get(), keys)));
          }
        });
    return charts;
  }

  private static boolean isNumber(String text) {
    try {
      return Double.isFinite(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static String others(Lab lab, LabPoint point, String x) {
    List<String> others = new ArrayList<>();
    for (String name : lab.varied()) {
      if (!name.equals(x)) {
        others.add(name + " " + point.inputs().get(name));
      }
    }
    return String.join(", ", others);
  }

  /**
   * Keys in order of appearance, so that a key has one colour on all charts. What was simulated
   * beside, and no formula is for, is in the tables only: it may have another unit.
   */
  private static List<String> keys(Lab lab) {
    Set<String> keys = new LinkedHashSet<>();
    lab.points().stream()
        .flatMap(p -> p.formulas().stream())
        .flatMap(c -> c.measured().stream())
        .forEach(m -> keys.add("simulated " + m.key()));
    lab.points().forEach(p -> p.formulas().forEach(c -> keys.add(c.formula().key())));
    return List.copyOf(keys);
  }

  private static List<Series> lines(List<LabPoint> points, String x, List<String> keys) {
    List<Series> lines = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      TreeMap<Double, Double> values = new TreeMap<>();
      TreeMap<Double, Double> halves = new TreeMap<>();
      boolean simulated = false;
      for (LabPoint point : points) {
        double at = Double.parseDouble(point.inputs().get(x));
        values.put(at, Double.NaN);
        halves.put(at, Double.NaN);
        for (Measured m : point.simulated()) {
          if (keys.get(i).equals("simulated " + m.key())) {
            values.put(at, m.value());
            halves.put(at, m.halfWidth());
            simulated = true;
          }
        }
        for (Compared c : point.formulas()) {
          if (keys.get(i).equals(c.formula().key())) {
            values.put(
                at, Double.isInfinite(c.formula().value()) ? Double.NaN : c.formula().value());
          }
        }
      }
      lines.add(line(keys.get(i), i, simulated, values, halves));
    }
    lines.removeIf(line -> line.line().blank());
    return inView(lines);
  }

  /** Without the parts of formulas that lie so far from the simulation that they would hide it. */
  private static List<Series> inView(List<Series> lines) {
    double[] seen =
        lines.stream()
            .filter(line -> line.meaning().equals("simulated"))
            .flatMapToDouble(line -> Arrays.stream(line.line().ys()))
            .filter(Double::isFinite)
            .map(Math::abs)
            .toArray();
    double most = Arrays.stream(seen).max().orElse(Double.POSITIVE_INFINITY) * FAR;
    double least = Arrays.stream(seen).min().orElse(0) / FAR;
    return lines.stream()
        .map(
            line ->
                new Series(
                    line.name(),
                    line.meaning(),
                    line.style(),
                    line.colour(),
                    line.faint(),
                    line.line()
                        .map(y -> Math.abs(y) > most || Math.abs(y) < least ? Double.NaN : y),
                    line.band()))
        .toList();
  }

  private static Series line(
      String name,
      int index,
      boolean simulated,
      Map<Double, Double> values,
      Map<Double, Double> halves) {
    double[] x = values.keySet().stream().mapToDouble(Double::doubleValue).toArray();
    double[] y = values.values().stream().mapToDouble(Double::doubleValue).toArray();
    double[] half = halves.values().stream().mapToDouble(Double::doubleValue).toArray();
    double[] low = new double[y.length];
    double[] high = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      low[i] = y[i] - half[i];
      high[i] = y[i] + half[i];
    }
    Style formula = index < Palette.size() ? Style.DASHED : Style.DOTTED;
    return new Series(
        name,
        simulated ? "simulated" : formula == Style.DASHED ? "formula" : "more formulas",
        simulated ? Style.SOLID : formula,
        index % Palette.size(),
        false,
        Curve.of(x, y),
        simulated ? Optional.of(new Band(Curve.of(x, low), Curve.of(x, high))) : Optional.empty());
  }
}
