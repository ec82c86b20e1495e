package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.results.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The residual of the update RMS against a prediction that touches neither the optimizer's state
 * nor the update, and the factors that it is the product of.
 */
final class IndependentSection {

  private static final List<String> FACTORS =
      List.of(
          Metrics.FACTOR_TIME, Metrics.FACTOR_COORDINATES, Metrics.FACTOR_EPS, Metrics.PERSISTENCE);

  private final List<ArmCurves> arms;
  private final List<Chart> charts = new ArrayList<>();

  private IndependentSection(List<ArmCurves> arms) {
    this.arms = arms;
    List<String> groups = GroupCharts.withAll();
    List<List<Series>> lines = groups.stream().map(this::residuals).toList();
    Axis y =
        Axes.vertical(
            "measured / predicted − 1", "", lines.stream().flatMap(List::stream).toList(), true);
    for (int i = 0; i < groups.size(); i++) {
      if (!lines.get(i).isEmpty()) {
        List<Series> drawn = new ArrayList<>(lines.get(i));
        drawn.add(0, ArmCurves.axes(arms).level("prediction = measured", "fixed level", 0));
        charts.add(
            new Chart(
                "update-rms-residual-" + groups.get(i),
                "Residual of the update RMS: " + GroupCharts.named(groups.get(i)),
                ArmCurves.axes(arms).steps(),
                y,
                drawn));
      }
    }
  }

  static Section of(List<ArmCurves> arms) {
    IndependentSection section = new IndependentSection(arms);
    List<Chart> charts = section.charts;
    return new Section(
        "update-rms-independent",
        "Update RMS against fresh gradients",
        section.sentences(),
        charts.isEmpty() ? List.of() : List.of(section.table()),
        charts.isEmpty() ? List.of() : charts.subList(0, 1),
        charts.isEmpty() ? List.of() : charts.subList(1, charts.size()));
  }

  private List<Series> residuals(String group) {
    return arms.stream()
        .map(
            arm ->
                arm.estimate(
                    Metrics.group(group, Metrics.UPDATE_RMS_RESIDUAL), "residual", Style.SOLID))
        .filter(line -> !line.line().blank())
        .toList();
  }

  private List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "The residual is measured over predicted, minus 1. The prediction uses only the "
            + "scatter between gradients of independent batches, not the optimizer's state; "
            + "the band is its 95 % interval. 1 + residual is the product of three"
            + " factors, each 1 where its assumption holds: gradients are independent over "
            + "steps with the same mean (time), all coordinates have the same ratio "
            + "(coordinates), ε is small (ε). Persistence is the part of a gradient's signal "
            + "that earlier steps share.");
    arms.stream()
        .map(arm -> new UpdateVerdict(arm, GroupCharts.ALL).sentences())
        .flatMap(Optional::stream)
        .forEach(sentences::add);
    return sentences;
  }

  private FactTable table() {
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves arm : arms) {
      for (String group : GroupCharts.withAll()) {
        UpdateVerdict verdict = new UpdateVerdict(arm, group);
        UpdateVerdict.Count count = verdict.count();
        if (count.all() > 0) {
          List<String> row = new ArrayList<>();
          row.add(arm.name());
          row.add(group);
          row.add(count.within() + " of " + count.all());
          row.add(Digits.percent(verdict.median(Metrics.UPDATE_RMS_RESIDUAL)));
          FACTORS.forEach(key -> row.add(Digits.fixed(verdict.median(key), 2)));
          rows.add(row);
        }
      }
    }
    return new FactTable(
        "Medians over the steps with an independent prediction",
        List.of(
            "arm",
            "group",
            "theory holds",
            "residual",
            "× time",
            "× coordinates",
            "× ε",
            Metrics.PERSISTENCE),
        rows);
  }
}
