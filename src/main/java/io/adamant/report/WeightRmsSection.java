package io.adamant.report;

import io.adamant.report.Chart.Style;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.report.Section.FactTable;
import java.util.ArrayList;
import java.util.List;

/** Weight RMS, measured and predicted (theory §5). */
final class WeightRmsSection {
  private static final Prediction PREDICTED =
      new Prediction("weight_rms_predicted", "predicted", Style.DASHED);

  private WeightRmsSection() {}

  static Section of(List<ArmCurves> arms) {
    GroupCharts charts = new GroupCharts("weight_rms", "Weight RMS", List.of(PREDICTED), arms);
    List<FactTable> tables = charts.wide().isEmpty() ? List.of() : List.of(table(charts));
    return new Section(
        "weight-rms", "Weight RMS", sentences(charts), tables, charts.wide(), charts.panels());
  }

  private static FactTable table(GroupCharts charts) {
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves arm : charts.arms()) {
      Curve measured = charts.curve(arm, GroupCharts.ALL);
      double first = measured.size() == 0 ? Double.NaN : measured.y(0);
      double last = arm.arm().mean(run -> run.measured("weight_rms"));
      double predicted = arm.arm().mean(run -> run.measured(PREDICTED.key()));
      rows.add(
          List.of(
              arm.name(),
              Digits.significant(first, 4),
              Digits.significant(last, 4),
              Digits.significant(predicted, 4),
              Digits.percent(last / predicted - 1)));
    }
    return new FactTable(
        "All parameters; deviation is measured over predicted at the last measured step",
        List.of("arm", "first measured", "last measured", "predicted", "deviation"),
        rows);
  }

  private static List<String> sentences(GroupCharts charts) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "Weight RMS is the root mean square of the weights. Updates make it grow, weight decay pulls"
            + " it back; where the two balance, the line is flat.");
    Deviations.typical(charts, PREDICTED)
        .ifPresent(
            found ->
                sentences.add(
                    "Distance of the measured from the predicted line at the median measured step: "
                        + found
                        + "."));
    Deviations.worstGroup(charts, PREDICTED)
        .ifPresent(worst -> sentences.add("Farthest apart by group: " + worst + "."));
    return sentences;
  }
}
