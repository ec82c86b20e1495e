package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Section;
import io.adamant.chart.Thinning;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One measured quantity by parameter group: a chart over all parameters and one a group, all on the
 * same axes and each with all arms.
 *
 * @param quantity key of the measured quantity, such as {@code update_rms}
 * @param title what it is called
 * @param predictions what it is held against
 * @param arms the arms
 * @param notes what is said of a group below its title
 */
record GroupCharts(
    String quantity,
    String title,
    List<Prediction> predictions,
    List<ArmCurves> arms,
    Function<String, List<String>> notes) {
  /** All parameters together. */
  static final String ALL = Metrics.ALL;

  /** The groups of parameters. */
  static final List<String> GROUPS = List.of("embedding", "attention", "mlp", "norm", "head");

  /** Charts without notes. */
  GroupCharts(String quantity, String title, List<Prediction> predictions, List<ArmCurves> arms) {
    this(quantity, title, predictions, arms, group -> List.of());
  }

  /**
   * A predicted quantity.
   *
   * @param key its key
   * @param meaning what it is
   * @param style how it is drawn
   */
  record Prediction(String key, String meaning, Style style) {}

  /** A section with these charts, to which tables and more sentences can be added. */
  Section.Builder section(String id, String heading, String sentence) {
    return Section.of(id, heading).say(sentence).wide(wide()).panels(panels());
  }

  /** Over all parameters the values, and their ratios to the predictions where there are any. */
  private List<Chart> wide() {
    return Stream.concat(values().stream(), ratios().stream()).toList();
  }

  /** The values over all parameters; none where they were not measured. */
  List<Chart> values() {
    return charts(List.of(ALL));
  }

  /** The charts by group; a group that was not measured has none. */
  List<Chart> panels() {
    return charts(GROUPS);
  }

  /** Groups that were measured in any arm, all parameters first. */
  List<String> measuredGroups() {
    return withAll().stream()
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
    Axis y =
        quantity.equals(Metrics.SNR)
            ? Axes.logarithmic(title, everything) // estimates scatter around 0 where there is none
            : Axes.vertical(title, everything, true);
    Axis x = ArmCurves.axes(arms).steps();
    return groups.stream()
        .filter(measured::contains)
        .map(g -> new Chart(id(g), title + ": " + named(g), x, y, series(g), notes.apply(g)))
        .toList();
  }

  /** Values over many decades hide a few percent, so ratios have a chart of their own. */
  private List<Chart> ratios() {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      for (Prediction p : predictions) {
        Curve whole = deviation(arm, ALL, p).map(d -> 1 + d).present();
        Curve line = whole.at(Thinning.indices(whole));
        if (!line.blank()) {
          lines.add(
              new Series(arm.name(), "measured / " + p.meaning(), p.style(), arm.colour(), line));
        }
      }
    }
    if (!lines.isEmpty()) {
      lines.add(0, ArmCurves.axes(arms).level("prediction = measured", 1));
    }
    Axis y = Axes.vertical("measured / predicted", lines, false);
    String name = title + ": measured over predicted, all parameters";
    return ArmCurves.chart(arms, id("ratio"), name, y, lines);
  }

  private String id(String group) {
    return quantity.replace('_', '-') + "-" + group;
  }

  /** All parameters, then the groups. */
  static List<String> withAll() {
    return Stream.concat(Stream.of(ALL), GROUPS.stream()).toList();
  }

  /** What a group is called in titles. */
  static String named(String group) {
    return group.equals(ALL) ? "all parameters" : group;
  }

  private List<Series> series(String group) {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      for (Prediction p : predictions) {
        lines.add(arm.estimate(Metrics.group(group, p.key()), p.meaning(), p.style()));
      }
    }
    arms.forEach(arm -> lines.add(arm.measured(Metrics.group(group, quantity))));
    lines.removeIf(Series::blank);
    return lines;
  }
}
