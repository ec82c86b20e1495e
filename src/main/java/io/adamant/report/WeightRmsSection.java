package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import java.util.ArrayList;
import java.util.List;

/** Weight RMS, measured and predicted (theory §5). */
final class WeightRmsSection {
  private static final Prediction PREDICTED =
      new Prediction(Metrics.WEIGHT_RMS_PREDICTED, "predicted on pure noise", Style.DASHED);
  private static final Prediction SIGNAL =
      new Prediction(
          Metrics.WEIGHT_RMS_SIGNAL,
          "predicted with the fresh gradients' signal",
          Style.DASH_DOTTED);

  private WeightRmsSection() {}

  static Section of(List<ArmCurves> arms) {
    GroupCharts charts =
        new GroupCharts(Metrics.WEIGHT_RMS, "Weight RMS", List.of(PREDICTED, SIGNAL), arms);
    List<FactTable> tables = charts.wide().isEmpty() ? List.of() : List.of(table(charts));
    return new Section(
        "weight-rms", "Weight RMS", sentences(charts), tables, charts.wide(), charts.panels());
  }

  private static FactTable table(GroupCharts charts) {
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves arm : charts.arms()) {
      Curve measured = charts.curve(arm, GroupCharts.ALL);
      double first = measured.size() == 0 ? Double.NaN : measured.y(0);
      double last = arm.arm().mean(run -> run.measured(Metrics.WEIGHT_RMS));
      double predicted = arm.arm().mean(run -> run.measured(PREDICTED.key()));
      rows.add(
          List.of(
              arm.name(),
              Digits.significant(first, 4),
              Digits.significant(last, 4),
              Digits.significant(predicted, 4),
              Digits.percent(last / predicted - 1),
              Digits.significant(arm.mean(key(SIGNAL)).last(), 4)));
    }
    return new FactTable(
        "All parameters; deviation is measured over predicted at the last measured step",
        List.of(
            "arm",
            "first measured",
            "last measured",
            "on pure noise",
            "deviation",
            "with the signal, at its last step"),
        rows);
  }

  private static List<String> sentences(GroupCharts charts) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "Weight RMS is the root mean square of the weights. Updates increase it, weight decay "
            + "reduces it; where the two balance, the line is flat.");
    Deviations.typical(charts, PREDICTED)
        .ifPresent(
            found ->
                sentences.add(
                    "Distance of the measured from the predicted line at the median measured step: "
                        + found
                        + "."));
    Deviations.worstGroup(charts, PREDICTED)
        .ifPresent(worst -> sentences.add("Farthest apart by group: " + worst + "."));
    List<String> between = new ArrayList<>();
    for (ArmCurves arm : charts.arms()) {
      Curve signal = arm.mean(key(SIGNAL)).present();
      if (signal.size() > 0) {
        between.add(arm.name() + ": " + between(charts, arm, signal) + " of " + signal.size());
      }
    }
    if (!between.isEmpty()) {
      sentences.add(
          "The dashed line predicts the weights on pure noise; the dash-dotted line, an upper "
              + "bound, predicts them if the signal of fresh gradients never turned. Weights "
              + "whose gradients reverse are below both. Steps at which the measured RMS lies "
              + "between the"
              + " two (1 % allowed): "
              + String.join("; ", between)
              + ".");
    }
    return sentences;
  }

  private static long between(GroupCharts charts, ArmCurves arm, Curve signal) {
    Curve measured = charts.curve(arm, GroupCharts.ALL);
    Curve noise = arm.mean(key(PREDICTED));
    long inside = 0;
    for (int i = 0; i < signal.size(); i++) {
      double value = measured.valueAt(signal.x(i));
      boolean above = value >= 0.99 * noise.valueAt(signal.x(i));
      inside += above && value <= 1.01 * signal.y(i) ? 1 : 0;
    }
    return inside;
  }

  private static String key(Prediction prediction) {
    return Metrics.group(GroupCharts.ALL, prediction.key());
  }
}
