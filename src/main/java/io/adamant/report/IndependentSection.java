package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.results.Metrics;
import java.util.ArrayList;
import java.util.List;

/**
 * The residual of the update RMS against a prediction that touches neither the optimizer's state
 * nor the update, and the factors that it is the product of.
 */
final class IndependentSection {

  private static final List<String> FACTORS =
      List.of(
          Metrics.FACTOR_TIME, Metrics.FACTOR_COORDINATES, Metrics.FACTOR_EPS, Metrics.PERSISTENCE);

  private IndependentSection() {}

  static Section of(List<ArmCurves> arms) {
    Section.Builder section =
        Section.of("update-rms-independent", "Update RMS against fresh gradients")
            .say(
                "The residual is measured over predicted, minus 1. The prediction uses only the "
                    + "scatter between gradients of independent batches, not the optimizer's state;"
                    + " the band is its 95 % interval. 1 + residual is the product of three"
                    + " factors, each 1 where its assumption holds: gradients are independent over"
                    + " steps with the same mean (time), all coordinates have the same ratio"
                    + " (coordinates), ε is small (ε). Persistence is the part of a gradient's"
                    + " signal that earlier steps share.");
    arms.forEach(arm -> section.say(new UpdateVerdict(arm, GroupCharts.ALL).sentences()));
    List<Chart> charts = charts(arms);
    return section
        .table(table(charts.isEmpty() ? List.of() : arms))
        .wide(charts.stream().limit(1).toList())
        .panels(charts.stream().skip(1).toList())
        .done();
  }

  private static List<Chart> charts(List<ArmCurves> arms) {
    List<Series> all =
        GroupCharts.withAll().stream().flatMap(group -> residuals(arms, group).stream()).toList();
    Axis y = Axes.vertical("measured / predicted − 1", all, true);
    List<Chart> charts = new ArrayList<>();
    for (String group : GroupCharts.withAll()) {
      List<Series> lines = new ArrayList<>(residuals(arms, group));
      lines.add(0, ArmCurves.axes(arms).level("prediction = measured", 0));
      String title = "Residual of the update RMS: " + GroupCharts.named(group);
      charts.addAll(ArmCurves.chart(arms, "update-rms-residual-" + group, title, y, lines));
    }
    return charts;
  }

  private static List<Series> residuals(List<ArmCurves> arms, String group) {
    String key = Metrics.group(group, Metrics.UPDATE_RMS_RESIDUAL);
    return ArmCurves.lines(arms, arm -> arm.estimate(key, "residual", Style.SOLID));
  }

  private static Table table(List<ArmCurves> arms) {
    Table.Columns<UpdateVerdict> columns =
        new Table.Columns<UpdateVerdict>()
            .text("arm", verdict -> verdict.arm().name())
            .text("group", UpdateVerdict::group)
            .text("theory holds", v -> v.count().within() + " of " + v.count().all())
            .number("residual", Digits::percent, v -> v.median(Metrics.UPDATE_RMS_RESIDUAL));
    List<String> names = List.of("× time", "× coordinates", "× ε", Metrics.PERSISTENCE);
    for (int i = 0; i < names.size(); i++) {
      String factor = FACTORS.get(i);
      columns.number(names.get(i), Digits.fixed(2), verdict -> verdict.median(factor));
    }
    return columns.of(
        "Medians over the steps with an independent prediction",
        arms.stream()
            .flatMap(arm -> GroupCharts.withAll().stream().map(g -> new UpdateVerdict(arm, g)))
            .filter(verdict -> !verdict.blank())
            .toList());
  }
}
