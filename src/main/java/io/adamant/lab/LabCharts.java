package io.adamant.lab;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Palette;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Sentences;
import io.adamant.chart.Turn;
import io.adamant.lab.LabPoint.Compared;
import io.adamant.simulate.Measurement;
import io.adamant.stats.Curve;
import io.adamant.theory.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A laboratory's grid as charts: the numeric input with most values along the abscissa, a line a
 * formula, a band around what was simulated; one chart for each unit and combination of the other
 * inputs.
 */
final class LabCharts {
  /** What a reader of a simulation's charts must know. */
  private static final String LEFT_OUT =
      "Formulas are clipped where they leave the simulated range by more than 30 times.";

  private static final int MOST_CHARTS = 12;
  private static final double FAR = 30;
  private static final int FINE = 100;
  private static final double LONG = 1e6;
  private static final String SIMULATED = "simulated ";

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
    List<Chart> all = all(lab);
    return all.subList(0, Math.min(MOST_CHARTS, all.size()));
  }

  /** Says what of a grid is not drawn. */
  static List<String> notes(Lab lab) {
    List<Chart> all = all(lab);
    List<String> notes = new ArrayList<>();
    if (all.size() > MOST_CHARTS) {
      notes.add(
          "The first %s of %s charts are drawn; values.csv has every number."
              .formatted(MOST_CHARTS, all.size()));
    }
    if (!all.isEmpty() && !lab.points().get(0).simulated().isEmpty()) {
      notes.add(LEFT_OUT);
    }
    if (all.stream().flatMap(c -> c.series().stream()).anyMatch(s -> s.name().contains(" ≈ "))) {
      notes.add("≈: formulas that differ by less than the thickness of their line.");
    }
    Set<Unit> drawn = drawn(lab);
    String constant =
        lab.units().stream()
            .filter(unit -> !all.isEmpty() && !drawn.contains(unit))
            .flatMap(unit -> keys(lab, unit).stream())
            .collect(Collectors.joining(", "));
    if (!constant.isEmpty()) {
      notes.add("Constant, so not drawn: " + constant + ".");
    }
    return notes;
  }

  private static List<Chart> all(Lab lab) {
    Optional<String> x = abscissa(lab);
    if (x.isEmpty()) {
      return List.of();
    }
    Map<String, List<LabPoint>> panels = panels(lab, x.get());
    Set<Unit> units = drawn(lab);
    List<Chart> charts = new ArrayList<>();
    for (Unit unit : units) {
      panels.forEach(
          (others, points) -> {
            List<Series> lines = lines(lab, points, x.get(), keys(lab, unit));
            if (!lines.isEmpty()) {
              String number = units.size() * panels.size() == 1 ? "" : "-" + (charts.size() + 1);
              charts.add(chart(lab, number, x.get(), others, unit, lines));
            }
          });
    }
    return charts;
  }

  /** Units of which a formula is not the same at every point; all, if there is none. */
  private static Set<Unit> drawn(Lab lab) {
    Set<Unit> varying = new LinkedHashSet<>();
    Map<String, Double> first = new HashMap<>();
    lab.compared()
        .map(Compared::formula)
        .filter(f -> !first.computeIfAbsent(f.key(), k -> f.value()).equals(f.value()))
        .forEach(f -> varying.add(f.unit()));
    return varying.isEmpty() ? new LinkedHashSet<>(lab.units()) : varying;
  }

  private static Chart chart(
      Lab lab, String number, String x, String others, Unit unit, List<Series> lines) {
    boolean alone = lab.units().size() == 1;
    String title =
        lab.summary()
            + (others.isEmpty() ? "" : ", " + others)
            + (alone ? "" : ": " + unit.caption());
    String label = lab.label(unit);
    Chart chart =
        new Chart(
            lab.id() + number,
            Sentences.sentence(title),
            PlotLines.horizontal(x + ", " + lab.meanings().get(x), lines),
            unit == Unit.SHARE
                ? Axes.linear(label, lines)
                : PlotLines.vertical(label, unit.symbol(), lines),
            lines);
    return Turn.merged(chart);
  }

  private static boolean isNumber(String text) {
    try {
      return Double.isFinite(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** The points by the values of the varied inputs other than the abscissa. */
  private static Map<String, List<LabPoint>> panels(Lab lab, String x) {
    Map<String, List<LabPoint>> panels = new LinkedHashMap<>();
    for (LabPoint point : lab.points()) {
      List<String> others = new ArrayList<>();
      for (String name : lab.varied()) {
        if (!name.equals(x)) {
          others.add(name + " " + point.inputs().get(name));
        }
      }
      panels.computeIfAbsent(String.join(", ", others), k -> new ArrayList<>()).add(point);
    }
    return panels;
  }

  /**
   * Keys in order of appearance, so that a key has one colour on all charts of its unit. What was
   * simulated beside, and no formula is for, is in the tables only: its unit is not known.
   */
  private static List<String> keys(Lab lab, Unit unit) {
    List<Compared> compared = lab.compared().filter(c -> c.formula().unit() == unit).toList();
    return Stream.concat(
            compared.stream().flatMap(c -> c.measured().stream()).map(m -> SIMULATED + m.key()),
            compared.stream().map(c -> c.formula().key()))
        .distinct()
        .toList();
  }

  /**
   * The points of a panel with more between them: a formula through three of them is no broken
   * line. At a point that an input cannot take, the nearest whole number stands for it.
   */
  private static Collection<LabPoint> fine(Lab lab, List<LabPoint> points, String x) {
    TreeMap<Double, LabPoint> fine = new TreeMap<>();
    points.forEach(point -> fine.put(Double.parseDouble(point.inputs().get(x)), point));
    double low = fine.firstKey();
    double high = fine.lastKey();
    if (points.size() < 2 || points.size() >= FINE || longRun(points.get(0))) {
      return points;
    }
    boolean log = low > 0 && high > 20 * low;
    for (int i = 1; i < FINE; i++) {
      double share = i / (double) FINE;
      double at = log ? low * Math.pow(high / low, share) : low + (high - low) * share;
      for (double value : new double[] {at, Math.rint(at)}) {
        Map<String, String> inputs = new LinkedHashMap<>(points.get(0).inputs());
        inputs.put(x, value == Math.rint(value) ? Long.toString((long) value) : "" + value);
        try {
          fine.putIfAbsent(value, LabPoint.of(inputs, lab.formulas().apply(inputs)));
          break;
        } catch (IllegalArgumentException e) {
          // no value of this input, or none that goes with the others: the whole number may be
        }
      }
    }
    return fine.values();
  }

  /** Whether a recursion over its steps takes too long to be done a hundred times more. */
  private static boolean longRun(LabPoint point) {
    return Double.parseDouble(point.inputs().getOrDefault("steps", "1")) > LONG;
  }

  private static List<Series> lines(Lab lab, List<LabPoint> points, String x, List<String> keys) {
    List<Series> lines = new ArrayList<>();
    Collection<LabPoint> fine = fine(lab, points, x);
    for (int i = 0; i < keys.size(); i++) {
      String key = keys.get(i);
      lines.add(
          key.startsWith(SIMULATED)
              ? simulated(key.substring(SIMULATED.length()), i, points, x)
              : formula(key, i, fine, x));
    }
    lines.removeIf(Series::blank);
    return inView(lines);
  }

  private static Series simulated(String key, int index, Collection<LabPoint> points, String x) {
    ToDoubleFunction<LabPoint> half =
        point -> point.simulated(key).map(Measurement::halfWidth).orElse(Double.NaN);
    ToDoubleFunction<LabPoint> value =
        point -> point.simulated(key).map(Measurement::value).orElse(Double.NaN);
    return new Series(
            SIMULATED + key,
            "simulated",
            Style.SOLID,
            index % Palette.size(),
            curve(points, x, value))
        .within(
            curve(points, x, point -> value.applyAsDouble(point) - half.applyAsDouble(point)),
            curve(points, x, point -> value.applyAsDouble(point) + half.applyAsDouble(point)));
  }

  private static Series formula(String key, int index, Collection<LabPoint> points, String x) {
    boolean first = index < Palette.size();
    return new Series(
        key,
        first ? "formula" : "more formulas",
        first ? Style.DASHED : Style.DOTTED,
        index % Palette.size(),
        curve(
            points,
            x,
            point ->
                point
                    .formula(key)
                    .map(c -> c.formula().value())
                    .filter(Double::isFinite)
                    .orElse(Double.NaN)));
  }

  /** A number of points over one of their inputs. */
  private static Curve curve(
      Collection<LabPoint> points, String x, ToDoubleFunction<LabPoint> number) {
    TreeMap<Double, Double> values = new TreeMap<>();
    points.forEach(p -> values.put(Double.parseDouble(p.inputs().get(x)), number.applyAsDouble(p)));
    return Curve.of(
        values.keySet().stream().mapToDouble(at -> at).toArray(),
        values.values().stream().mapToDouble(y -> y).toArray());
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
                line.through(
                    line.line()
                        .map(y -> Math.abs(y) > most || Math.abs(y) < least ? Double.NaN : y)))
        .toList();
  }
}
