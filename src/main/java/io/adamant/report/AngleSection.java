package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.config.OptimizerConfig;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How far the weights turn in a step, and where decay and noise would balance (theory §4). */
final class AngleSection {
  private static final Prediction BALANCE =
      new Prediction(Metrics.ANGLE_PREDICTED, "where decay and noise balance", Style.DASHED);

  /** Decay times rate, summed over steps, from which weights have forgotten where they began. */
  private static final double LONG = 3;

  private AngleSection() {}

  static Section of(List<ArmCurves> arms) {
    GroupCharts charts =
        new GroupCharts(Metrics.ANGLE, "Angle per step (radians)", List.of(BALANCE), arms);
    List<ArmCurves> balanced =
        arms.stream()
            .filter(
                arm ->
                    charts.measuredGroups().stream()
                        .anyMatch(group -> !charts.deviation(arm, group, BALANCE).blank()))
            .toList();
    boolean young = balanced.stream().anyMatch(arm -> memory(arm) < LONG);
    return charts
        .section(
            "angle",
            "Angle per step",
            "η·RMS(u)/RMS(θ) is about the angle by which the weights turn in a step. The dashed "
                + "line is its value when decay and pure noise balance at the learning rate of "
                + "that step, √(2ηλr) for AdamW; without decay there is no balance.")
        .sayOfEach(
            "Balance takes a sum of ηλ over steps of about "
                + Digits.fixed(LONG, 0)
                + ". Here it is %s"
                + (young
                    ? ". Before that the weights still have their initial size, and the lines need"
                        + " not meet."
                    : "."),
            ArmCurves.each(balanced, arm -> Optional.of(Digits.significant(memory(arm), 2))))
        .done();
  }

  private static double memory(ArmCurves arm) {
    OptimizerConfig optimizer = arm.arm().config().optimizer();
    return Arrays.stream(Statistics.present(arm.mean(Metrics.LEARNING_RATE)))
        .map(optimizer::decayed)
        .sum();
  }
}
