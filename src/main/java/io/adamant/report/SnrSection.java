package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.List;

/** Signal-to-noise ratio of the gradients by parameter group. */
final class SnrSection {
  private static final Prediction INDEPENDENT =
      new Prediction(Metrics.SNR_INDEPENDENT, "from fresh gradients", Style.DASH_DOTTED);

  private SnrSection() {}

  static Section of(List<ArmCurves> arms) {
    GroupCharts charts =
        new GroupCharts(Metrics.SNR, "Gradient signal-to-noise ratio", List.of(INDEPENDENT), arms);
    List<FactTable> tables = charts.measuredGroups().isEmpty() ? List.of() : List.of(table(charts));
    return new Section(
        "snr",
        "Gradient signal-to-noise ratio",
        sentences(charts),
        tables,
        charts.wide().isEmpty() ? List.of() : charts.wide().subList(0, 1),
        charts.panels());
  }

  private static FactTable table(GroupCharts charts) {
    List<String> groups = charts.measuredGroups();
    List<String> headings = new ArrayList<>(List.of("arm"));
    headings.addAll(groups);
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves arm : charts.arms()) {
      List<String> row = new ArrayList<>(List.of(arm.name()));
      groups.forEach(
          group -> row.add(Digits.significant(Statistics.median(charts.curve(arm, group)), 3)));
      rows.add(row);
    }
    return new FactTable("Median over the measured steps", headings, rows);
  }

  private static List<String> sentences(GroupCharts charts) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "The ratio ‖μ‖²/‖σ‖² compares the mean of the gradient with its scatter from batch to "
            + "batch. Below 1 the scatter is larger. The solid line is computed from the "
            + "optimizer's momentum, the dash-dotted line from fresh or micro-batch "
            + "gradients, with its 95 % interval.");
    List<String> noisy = new ArrayList<>();
    int steps = 0;
    for (ArmCurves arm : charts.arms()) {
      double[] snr = Statistics.present(charts.curve(arm, GroupCharts.ALL));
      if (snr.length > 0) {
        long below = java.util.Arrays.stream(snr).filter(v -> v < 1).count();
        noisy.add(arm.name() + ": " + below + " of " + snr.length);
        steps += snr.length;
      }
    }
    if (steps > 0) {
      sentences.add(
          "Measured steps with a ratio below 1 over all parameters: "
              + String.join("; ", noisy)
              + ".");
    }
    return sentences;
  }
}
