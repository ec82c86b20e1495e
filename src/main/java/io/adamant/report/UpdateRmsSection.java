package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Update RMS, measured and predicted (theory §4). */
final class UpdateRmsSection {
  private static final Prediction SELF_CONSISTENT =
      new Prediction(Metrics.UPDATE_RMS_PREDICTED, "self-consistent prediction", Style.DASHED);
  private static final Prediction INDEPENDENT =
      new Prediction(
          Metrics.UPDATE_RMS_INDEPENDENT, "prediction from fresh gradients", Style.DASH_DOTTED);
  private static final Prediction FREE =
      new Prediction(Metrics.UPDATE_RMS_FREE, "parameter-free √((1−β1)/(1+β1))", Style.DOTTED);

  /** Relative deviation that a reader would not see. */
  private static final double CLOSE = 0.01;

  private UpdateRmsSection() {}

  static Section of(List<ArmCurves> arms) {
    GroupCharts charts =
        new GroupCharts(
            Metrics.UPDATE_RMS,
            "Update RMS",
            List.of(SELF_CONSISTENT, INDEPENDENT, FREE),
            arms,
            group ->
                arms.stream()
                    .map(arm -> new UpdateVerdict(arm, group).line())
                    .flatMap(Optional::stream)
                    .toList());
    List<FactTable> tables = charts.wide().isEmpty() ? List.of() : List.of(table(arms));
    return new Section(
        "update-rms", "Update RMS", sentences(charts), tables, charts.wide(), charts.panels());
  }

  private static FactTable table(List<ArmCurves> arms) {
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves arm : arms) {
      double measured = arm.arm().mean(run -> run.measured(Metrics.UPDATE_RMS));
      double predicted = arm.arm().mean(run -> run.measured(SELF_CONSISTENT.key()));
      double free = arm.arm().mean(run -> run.measured(FREE.key()));
      rows.add(
          List.of(
              arm.name(),
              Digits.significant(measured, 4),
              Digits.significant(predicted, 4),
              Digits.percent(measured / predicted - 1),
              Digits.significant(free, 4),
              Digits.percent(measured / free - 1)));
    }
    return new FactTable(
        "All parameters, last measured step; deviations are measured over predicted",
        List.of("arm", "measured", "self-consistent", "deviation", "parameter-free", "deviation"),
        rows);
  }

  private static String independent(List<ArmCurves> arms) {
    boolean any = arms.stream().anyMatch(arm -> !new UpdateVerdict(arm, GroupCharts.ALL).blank());
    return any
        ? "The dash-dotted prediction uses the ratio from fresh or micro-batch gradients, "
            + "with its 95 % interval as a band: only this prediction can fail. Each chart "
            + "says whether it does; the next section shows by how much and why."
        : "No prediction here is independent of the optimizer's own state: "
            + "measure.probe_every, or a"
            + " training.micro_batch below the batch, gives one.";
  }

  private static List<String> sentences(GroupCharts charts) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "Update RMS is the root mean square of the update before the learning rate: how far a "
            + "typical weight moves in a step, in units of the learning rate.");
    Deviations.typical(charts, SELF_CONSISTENT)
        .ifPresent(
            found ->
                sentences.add(
                    "Distance of the measured from the dashed line at the median measured step: "
                        + found
                        + ". The dashed prediction takes its signal-to-noise ratio from the"
                        + " optimizer's own momentum: it is self-consistent, so agreement proves"
                        + " little, while a gap means that gradients do not behave as the theory"
                        + " assumes."));
    sentences.add(independent(charts.arms()));
    List<String> apart = new ArrayList<>();
    for (ArmCurves arm : charts.arms()) {
      double[] deviations = Statistics.present(charts.deviation(arm, GroupCharts.ALL, FREE));
      if (deviations.length > 0) {
        long above = Arrays.stream(deviations).filter(d -> d > CLOSE).count();
        long below = Arrays.stream(deviations).filter(d -> d < -CLOSE).count();
        apart.add("%s: %d and %d of %d".formatted(arm.name(), above, below, deviations.length));
      }
    }
    if (!apart.isEmpty()) {
      sentences.add(
          "The dotted level is that of pure, uncorrelated gradient noise; signal and "
              + "correlated gradients raise the measured line above it. Measured"
              + " steps more than 1 % above and more than 1 % below: "
              + String.join("; ", apart)
              + ".");
    }
    return sentences;
  }
}
