package io.adamant.report;

import io.adamant.report.Chart.Axis;
import io.adamant.report.Chart.Series;
import io.adamant.report.Chart.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One measured quantity by parameter group: a chart over all parameters and one a group, all on the
 * same axes and each with all arms.
 *
 * @param quantity key of the measured quantity, such as {@code update_rms}
 * @param title what it is called
 * @param predictions what it is held against
 * @param arms the arms
 */
record GroupCharts(
    String quantity, String title, List<Prediction> predictions, List<ArmCurves> arms) {
  /** All parameters together. */
  static final String ALL = "all";

  private static final List<String> GROUPS =
      List.of("embedding", "attention", "mlp", "norm", "head");

  /**
   * A predicted quantity.
   *
   * @param key its key
   * @param meaning what it is
   * @param style how it is drawn
   */
  record Prediction(String key, String meaning, Style style) {}

  /** The chart over all parameters; none where nothing was measured. */
  List<Chart> wide() {
    return charts(List.of(ALL));
  }

  /** The charts by group; a group that was not measured has none. */
  List<Chart> panels() {
    return charts(GROUPS);
  }

  /** Groups that were measured in any arm, all parameters first. */
  List<String> measuredGroups() {
    List<String> groups = new ArrayList<>(List.of(ALL));
    groups.addAll(GROUPS);
    return groups.stream()
        .filter(group -> arms.stream().anyMatch(arm -> !curve(arm, group).blank()))
        .toList();
  }

  /** The measured curve, mean over seeds. */
  Curve curve(ArmCurves arm, String group) {
    return arm.mean(Metrics.group(group, quantity));
  }

  /** Measured over predicted − 1 at the steps that have both. */
  Curve deviation(ArmCurves arm, String group, Prediction prediction) {
    Curve measured = curve(arm, group);
    Curve predicted = arm.mean(Metrics.group(group, prediction.key()));
    double[] steps = measured.xs();
    double[] deviations = new double[steps.length];
    for (int i = 0; i < steps.length; i++) {
      double at = predicted.valueAt(steps[i]);
      deviations[i] = at > 0 ? measured.y(i) / at - 1 : Double.NaN;
    }
    return Curve.of(steps, deviations);
  }

  private List<Chart> charts(List<String> groups) {
    List<String> measured = measuredGroups();
    List<Series> everything = measured.stream().flatMap(g -> series(g).stream()).toList();
    Axis y = Axes.vertical(title, "", everything, true);
    Axis x = Axes.of(arms).steps();
    return groups.stream()
        .filter(measured::contains)
        .map(g -> new Chart(id(g), title + ": " + named(g), x, y, series(g)))
        .toList();
  }

  private String id(String group) {
    return quantity.replace('_', '-') + "-" + group;
  }

  private static String named(String group) {
    return group.equals(ALL) ? "all parameters" : group;
  }

  private List<Series> series(String group) {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      for (Prediction p : predictions) {
        Series line =
            arm.line(
                Metrics.group(group, p.key()), p.meaning(), p.style(), UnaryOperator.identity());
        if (!line.line().blank()) {
          lines.add(line);
        }
      }
    }
    for (ArmCurves arm : arms) {
      Series line = arm.measured(Metrics.group(group, quantity), UnaryOperator.identity());
      if (!line.line().blank()) {
        lines.add(line);
      }
    }
    return lines;
  }
}
