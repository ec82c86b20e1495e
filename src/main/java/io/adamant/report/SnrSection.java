package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Signal-to-noise ratio of the gradients by parameter group. */
final class SnrSection {
  private static final Prediction INDEPENDENT =
      new Prediction(Metrics.SNR_INDEPENDENT, "from fresh gradients", Style.DASH_DOTTED);

  private SnrSection() {}

  static Section of(List<ArmCurves> arms) {
    GroupCharts charts =
        new GroupCharts(Metrics.SNR, "Gradient signal-to-noise ratio", List.of(INDEPENDENT), arms);
    List<String> below = ArmCurves.each(arms, arm -> below(charts, arm));
    return Section.of("snr", "Gradient signal-to-noise ratio")
        .say(
            "The ratio ‖μ‖²/‖σ‖² compares the mean of the gradient with its scatter from batch to "
                + "batch. Below 1 the scatter is larger. The solid line is computed from the "
                + "optimizer's momentum, the dash-dotted line from fresh or micro-batch "
                + "gradients, with its 95 % interval.")
        .sayOfEach("Measured steps with a ratio below 1 over all parameters: %s.", below)
        .table(table(charts))
        .wide(charts.values())
        .panels(charts.panels())
        .done();
  }

  private static Table table(GroupCharts charts) {
    List<String> groups = charts.measuredGroups();
    Table.Columns<ArmCurves> columns = new Table.Columns<ArmCurves>().text("arm", ArmCurves::name);
    for (String group : groups) {
      columns.number(
          group, Digits.significant(3), arm -> Statistics.median(charts.curve(arm, group)));
    }
    return columns.of(
        "Median over the measured steps", groups.isEmpty() ? List.of() : charts.arms());
  }

  private static Optional<String> below(GroupCharts charts, ArmCurves arm) {
    double[] snr = Statistics.present(charts.curve(arm, GroupCharts.ALL));
    long below = Arrays.stream(snr).filter(v -> v < 1).count();
    return snr.length == 0 ? Optional.empty() : Optional.of(below + " of " + snr.length);
  }
}
