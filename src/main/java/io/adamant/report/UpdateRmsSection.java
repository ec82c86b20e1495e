package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.config.OptimizerConfig;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Update RMS, measured and predicted (theory §4). */
final class UpdateRmsSection {
  private static final Prediction SELF_CONSISTENT =
      new Prediction(Metrics.UPDATE_RMS_PREDICTED, "self-consistent prediction", Style.DASHED);
  private static final Prediction INDEPENDENT =
      new Prediction(
          Metrics.UPDATE_RMS_INDEPENDENT, "prediction from fresh gradients", Style.DASH_DOTTED);
  private static final Prediction FREE =
      new Prediction(Metrics.UPDATE_RMS_FREE, "parameter-free, of pure noise", Style.DOTTED);

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
    return charts
        .section(
            "update-rms",
            "Update RMS",
            "Update RMS is the root mean square of the update before the learning rate: how far a "
                + "typical weight moves in a step, in units of the learning rate.")
        .sayOfEach(
            "Distance of the measured from the dashed line at the median measured step: %s. The"
                + " dashed prediction takes its signal-to-noise ratio from the optimizer's own"
                + " momentum: it is self-consistent, so agreement proves little, while a gap means"
                + " that gradients do not behave as the theory assumes.",
            Deviations.typical(charts, SELF_CONSISTENT))
        .say(independent(arms))
        .sayOfEach(
            "The dotted level is that of pure, uncorrelated gradient noise; signal and correlated"
                + " gradients raise the measured line above it. Measured steps more than 1 %% above"
                + " and more than 1 %% below: %s.",
            ArmCurves.each(arms, arm -> apart(charts, arm)))
        .say(simulated(arms))
        .table(table(charts.values().isEmpty() ? List.of() : arms))
        .done();
  }

  private static Table table(List<ArmCurves> arms) {
    ToDoubleFunction<ArmCurves> measured = measured(Metrics.UPDATE_RMS);
    ToDoubleFunction<ArmCurves> predicted = measured(SELF_CONSISTENT.key());
    ToDoubleFunction<ArmCurves> free = measured(FREE.key());
    return new Table.Columns<ArmCurves>()
        .text("arm", ArmCurves::name)
        .number("measured", Digits.significant(4), measured)
        .number("self-consistent", Digits.significant(4), predicted)
        .number("deviation", Digits::percent, Deviations.of(measured, predicted))
        .number("parameter-free", Digits.significant(4), free)
        .number("deviation", Digits::percent, Deviations.of(measured, free))
        .of("All parameters, last measured step; deviations are measured over predicted", arms);
  }

  private static ToDoubleFunction<ArmCurves> measured(String quantity) {
    return arm -> arm.arm().measured(quantity);
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

  /** What stands behind the dotted level of optimizers that no formula is known for. */
  private static Optional<String> simulated(List<ArmCurves> arms) {
    List<String> files =
        arms.stream()
            .map(arm -> arm.arm().config().optimizer())
            .filter(optimizer -> OptimizerConfig.isFile(optimizer.type()))
            .map(OptimizerConfig::name)
            .distinct()
            .toList();
    return files.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ("%s: a text file. No independent rule in double arithmetic exists for it, so nothing"
                    + " here says that its kernel computes its formula; its dotted level and its"
                    + " predicted weights are Monte Carlo of that kernel on Gaussian gradients.")
                .formatted(String.join(", ", files)));
  }

  private static Optional<String> apart(GroupCharts charts, ArmCurves arm) {
    double[] deviations = Statistics.present(charts.deviation(arm, GroupCharts.ALL, FREE));
    long above = Arrays.stream(deviations).filter(d -> d > CLOSE).count();
    long below = Arrays.stream(deviations).filter(d -> d < -CLOSE).count();
    return deviations.length == 0
        ? Optional.empty()
        : Optional.of("%s and %s of %s".formatted(above, below, deviations.length));
  }
}
