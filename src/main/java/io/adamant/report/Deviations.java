package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** How far measured and predicted lines lie apart, in words. */
final class Deviations {
  private Deviations() {}

  private record Found(String arm, String group, double median) {
    static final Comparator<Found> BY_SIZE = Comparator.comparingDouble(Found::median);
  }

  /** The median over steps of |measured / predicted − 1|, arm by arm, smallest first. */
  static List<String> typical(GroupCharts charts, Prediction prediction) {
    return found(charts, prediction, List.of(GroupCharts.ALL)).stream()
        .sorted(Found.BY_SIZE)
        .map(f -> f.arm() + ": " + Digits.percentage(f.median(), 1))
        .toList();
  }

  /** Measured over predicted − 1. */
  static <T> ToDoubleFunction<T> of(ToDoubleFunction<T> measured, ToDoubleFunction<T> predicted) {
    return arm -> measured.applyAsDouble(arm) / predicted.applyAsDouble(arm) - 1;
  }

  /** The parameter group and arm whose lines lie farthest apart. */
  static List<String> worstGroup(GroupCharts charts, Prediction prediction) {
    return found(charts, prediction, GroupCharts.GROUPS).stream()
        .max(Found.BY_SIZE)
        .map(f -> f.group() + " of " + f.arm() + ", " + Digits.percentage(f.median(), 1))
        .stream()
        .toList();
  }

  private static List<Found> found(GroupCharts charts, Prediction prediction, List<String> groups) {
    List<Found> found = new ArrayList<>();
    for (ArmCurves arm : charts.arms()) {
      for (String group : groups) {
        Curve size = charts.deviation(arm, group, prediction).map(Math::abs);
        if (!size.blank()) {
          found.add(new Found(arm.name(), group, Statistics.median(size)));
        }
      }
    }
    return found;
  }
}
