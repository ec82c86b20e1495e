package io.adamant.report;

import io.adamant.chart.Chart;
import io.adamant.chart.Range;
import io.adamant.results.RunStatus;
import io.adamant.stats.Curve;
import io.adamant.stats.RateGrid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

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
    return Differences.keys(points.stream().map(ArmGrid::setting).toList());
  }

  /** The distinct values of a number, rising; empty where it is not a number everywhere. */
  List<Double> values(String key) {
    List<Double> values = points.stream().map(point -> value(point, key)).distinct().toList();
    return values.contains(Double.NaN) ? List.of() : values.stream().sorted().toList();
  }

  static Map<String, String> setting(ArmRuns point) {
    return point.runs().get(0).setting();
  }

  /** A number of a point's setting; NaN where there is none. */
  static double value(ArmRuns point, String key) {
    try {
      return Double.parseDouble(setting(point).getOrDefault(key, ""));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Mean validation loss of a point; NaN unless all its seeds finished. */
  static double loss(ArmRuns point) {
    return point.status() == RunStatus.FINISHED
        ? point.mean(run -> run.summary().valLoss())
        : Double.NaN;
  }

  /** A line through points with the band of their seeds, where any has several. */
  static Chart.Series line(
      String name,
      String meaning,
      Chart.Style style,
      int colour,
      NavigableMap<Double, ArmRuns> points) {
    double[] x = points.keySet().stream().mapToDouble(at -> at).toArray();
    Curve mean = Curve.of(x, points.values().stream().mapToDouble(ArmGrid::loss).toArray());
    Curve low = Curve.of(x, points.values().stream().mapToDouble(p -> extreme(p, -1)).toArray());
    Curve high = Curve.of(x, points.values().stream().mapToDouble(p -> extreme(p, 1)).toArray());
    boolean seeds = points.values().stream().anyMatch(point -> point.runs().size() > 1);
    return new Chart.Series(
        name,
        meaning,
        style,
        colour,
        false,
        mean,
        seeds ? Optional.of(new Chart.Band(low, high)) : Optional.empty());
  }

  /** What an axis must span to show lines with their bands. */
  static Range range(List<Chart.Series> lines) {
    List<Curve> curves = new ArrayList<>();
    for (Chart.Series line : lines) {
      curves.add(line.line());
      line.band().ifPresent(band -> curves.addAll(List.of(band.low(), band.high())));
    }
    return Range.linear(curves, false);
  }

  /** The highest (sign 1) or lowest (sign -1) loss of a point's seeds; NaN as {@link #loss}. */
  private static double extreme(ArmRuns point, int sign) {
    double[] losses = point.values(run -> run.summary().valLoss());
    return Double.isNaN(loss(point))
        ? Double.NaN
        : sign * Arrays.stream(losses).map(loss -> sign * loss).max().orElse(Double.NaN);
  }

  /** The point with the lowest loss among some; empty where none has one. */
  static Optional<ArmRuns> best(List<ArmRuns> some) {
    return RateGrid.best(some, ArmGrid::loss);
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
        row.append(' ').append(key.substring(key.lastIndexOf('.') + 1)).append('=');
        row.append(setting(point).getOrDefault(key, ""));
      }
      rows.computeIfAbsent(row.toString(), r -> new TreeMap<>()).put(value(point, LR), point);
    }
    rows.values().removeIf(row -> row.size() < 2);
    return rows;
  }
}
