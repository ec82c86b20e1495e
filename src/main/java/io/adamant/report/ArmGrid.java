package io.adamant.report;

import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Range;
import io.adamant.stats.Curve;
import io.adamant.stats.RateGrid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * The points of an arm whose settings a grid varies.
 *
 * @param name of the arm, with its study where there are several
 * @param points at least two
 */
record ArmGrid(String name, List<ArmRuns> points) {
  static final String LR = "optimizer.lr";

  /** The arms of a study that have more than one point. */
  static List<ArmGrid> of(StudyData study) {
    Map<String, List<ArmRuns>> byArm = new LinkedHashMap<>();
    for (ArmRuns point : study.arms()) {
      String name = (study.studies().size() > 1 ? point.study() + "/" : "") + point.arm();
      byArm.computeIfAbsent(name, n -> new ArrayList<>()).add(point);
    }
    List<ArmGrid> grids = new ArrayList<>();
    byArm.forEach(
        (name, points) -> {
          if (points.size() > 1) {
            grids.add(new ArmGrid(name, List.copyOf(points)));
          }
        });
    return grids;
  }

  /** The keys that vary. */
  List<String> varying() {
    return Differences.keys(points.stream().map(ArmRuns::setting).toList());
  }

  /** The distinct values of a number, rising; empty where it is not a number everywhere. */
  List<Double> values(String key) {
    List<Double> values = points.stream().map(point -> point.setting(key)).distinct().toList();
    return values.contains(Double.NaN) ? List.of() : values.stream().sorted().toList();
  }

  /** A line through points with the band of their seeds, where any has several. */
  static Series line(
      String name, String meaning, Style style, int colour, NavigableMap<Double, ArmRuns> points) {
    Series line = new Series(name, meaning, style, colour, curve(points, DoubleStream::average));
    return points.values().stream().allMatch(point -> point.runs().size() == 1)
        ? line
        : line.within(curve(points, DoubleStream::min), curve(points, DoubleStream::max));
  }

  /** One number of the losses of each point; none unless all its seeds finished. */
  private static Curve curve(
      NavigableMap<Double, ArmRuns> points, Function<DoubleStream, OptionalDouble> number) {
    return Curve.of(
        points.keySet().stream().mapToDouble(at -> at).toArray(),
        points.values().stream()
            .map(p -> Double.isNaN(p.wholeLoss()) ? new double[0] : p.losses())
            .mapToDouble(losses -> number.apply(Arrays.stream(losses)).orElse(Double.NaN))
            .toArray());
  }

  /** What an axis of losses must span to show lines with their bands. */
  static Axis losses(List<Series> lines) {
    List<Curve> curves = new ArrayList<>();
    for (Series line : lines) {
      curves.add(line.line());
      line.band().ifPresent(band -> curves.addAll(List.of(band.low(), band.high())));
    }
    return new Axis("validation loss", "nats per token", false, Range.linear(curves, false));
  }

  /** The point with the lowest loss among some; empty where none has one. */
  static Optional<ArmRuns> best(List<ArmRuns> some) {
    return RateGrid.best(some, ArmRuns::wholeLoss);
  }

  /**
   * The points by learning rate, one such row for each combination of the other settings; rows with
   * a single rate are left out.
   */
  Map<String, NavigableMap<Double, ArmRuns>> rates() {
    List<String> others = new ArrayList<>(varying());
    others.remove(LR);
    Map<String, NavigableMap<Double, ArmRuns>> rows = new LinkedHashMap<>();
    for (ArmRuns point : points) {
      StringBuilder row = new StringBuilder(name);
      for (String key : others) {
        row.append(' ').append(Differences.name(key)).append('=');
        row.append(point.setting().getOrDefault(key, ""));
      }
      rows.computeIfAbsent(row.toString(), r -> new TreeMap<>()).put(point.setting(LR), point);
    }
    rows.values().removeIf(row -> row.size() < 2);
    return rows;
  }
}
