package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

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
    return charts
        .section(
            "weight-rms",
            "Weight RMS",
            "Weight RMS is the root mean square of the weights. Updates increase it, weight decay "
                + "reduces it; where the two balance, the line is flat.")
        .sayOfEach(
            "Distance of the measured from the predicted line at the median measured step: %s.",
            Deviations.typical(charts, PREDICTED))
        .sayOfEach("Farthest apart by group: %s.", Deviations.worstGroup(charts, PREDICTED))
        .sayOfEach(
            "The dashed line predicts the weights on pure noise; the dash-dotted line, an upper"
                + " bound, predicts them if the signal of fresh gradients never turned. Weights"
                + " whose gradients reverse are below both. Steps at which the measured RMS lies"
                + " between the two (1 %% allowed): %s.",
            ArmCurves.each(arms, arm -> between(charts, arm)))
        .table(table(charts))
        .done();
  }

  private static Table table(GroupCharts charts) {
    ToDoubleFunction<ArmCurves> last = arm -> arm.arm().measured(Metrics.WEIGHT_RMS);
    ToDoubleFunction<ArmCurves> predicted = arm -> arm.arm().measured(PREDICTED.key());
    return new Table.Columns<ArmCurves>()
        .text("arm", ArmCurves::name)
        .number("first measured", Digits.significant(4), arm -> first(charts, arm))
        .number("last measured", Digits.significant(4), last)
        .number("on pure noise", Digits.significant(4), predicted)
        .number("deviation", Digits::percent, Deviations.of(last, predicted))
        .number(
            "with the signal, at its last step",
            Digits.significant(4),
            arm -> arm.mean(key(SIGNAL)).last())
        .of(
            "All parameters; deviation is measured over predicted at the last measured step",
            charts.values().isEmpty() ? List.of() : charts.arms());
  }

  private static double first(GroupCharts charts, ArmCurves arm) {
    Curve measured = charts.curve(arm, GroupCharts.ALL);
    return measured.size() == 0 ? Double.NaN : measured.y(0);
  }

  private static Optional<String> between(GroupCharts charts, ArmCurves arm) {
    Curve signal = arm.mean(key(SIGNAL)).present();
    Curve measured = charts.curve(arm, GroupCharts.ALL);
    Curve noise = arm.mean(key(PREDICTED));
    long inside = 0;
    for (int i = 0; i < signal.size(); i++) {
      double value = measured.valueAt(signal.x(i));
      boolean above = value >= 0.99 * noise.valueAt(signal.x(i));
      inside += above && value <= 1.01 * signal.y(i) ? 1 : 0;
    }
    return signal.size() == 0 ? Optional.empty() : Optional.of(inside + " of " + signal.size());
  }

  private static String key(Prediction prediction) {
    return Metrics.group(GroupCharts.ALL, prediction.key());
  }
}
