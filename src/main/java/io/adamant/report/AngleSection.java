package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
    return new Section(
        "angle", "Angle per step", sentences(charts), List.of(), charts.wide(), charts.panels());
  }

  private static List<String> sentences(GroupCharts charts) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "η·RMS(u)/RMS(θ) is about the angle by which the weights turn in a step. The dashed "
            + "line is its value when decay and pure noise balance at the learning rate of "
            + "that step, √(2ηλr) for AdamW; without decay there is no balance.");
    List<String> parts = new ArrayList<>();
    boolean young = false;
    for (ArmCurves arm : charts.arms()) {
      boolean balanced =
          charts.measuredGroups().stream()
              .anyMatch(group -> !charts.deviation(arm, group, BALANCE).blank());
      if (balanced) {
        double decay = arm.arm().runs().get(0).config().optimizer().weightDecay();
        double memory =
            decay * Arrays.stream(Statistics.present(arm.mean(Metrics.LEARNING_RATE))).sum();
        parts.add(arm.name() + ": " + Digits.significant(memory, 2));
        young |= memory < LONG;
      }
    }
    if (!parts.isEmpty()) {
      sentences.add(
          "Balance takes a sum of ηλ over steps of about "
              + Digits.fixed(LONG, 0)
              + ". Here it is "
              + String.join("; ", parts)
              + (young
                  ? ". Before that the weights still have their initial size, and the "
                      + "lines need not meet."
                  : "."));
    }
    return sentences;
  }
}
