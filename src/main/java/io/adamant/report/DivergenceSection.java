package io.adamant.report;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Heat;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.chart.Sentences;
import io.adamant.results.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/** Which settings diverged, for the arms in which any did and whose grid varies the rate. */
final class DivergenceSection {
  private DivergenceSection() {}

  static Section of(StudyData study) {
    List<List<String>> rows = new ArrayList<>();
    List<Chart> charts = new ArrayList<>();
    for (ArmGrid grid : ArmGrid.of(study)) {
      Map<String, NavigableMap<Double, ArmRuns>> rates = grid.rates();
      if (rates.values().stream()
          .flatMap(row -> row.values().stream())
          .noneMatch(point -> diverged(point) > 0)) {
        continue;
      }
      rates.forEach((row, points) -> rows.add(row(row, points)));
      charts.add(map(grid, rates));
    }
    List<FactTable> tables =
        rows.isEmpty()
            ? List.of()
            : List.of(
                new FactTable(
                    "Diverged runs by learning rate",
                    List.of(
                        "arm",
                        "highest rate without",
                        "lowest rate with one",
                        "diverged runs",
                        "runs"),
                    rows));
    List<String> sentences =
        rows.isEmpty()
            ? List.of()
            : List.of(
                "A run has diverged when the guard against non-finite numbers stops it. Cells "
                    + "count diverged seeds; white means none.");
    return new Section(
        "divergence", "Where training diverged", sentences, tables, List.of(), charts);
  }

  private static long diverged(ArmRuns point) {
    return point.runs().stream()
        .filter(run -> run.summary().status() == RunStatus.DIVERGED)
        .count();
  }

  private static List<String> row(String name, NavigableMap<Double, ArmRuns> points) {
    String lowest = "";
    String highest = "";
    long diverged = 0;
    long runs = 0;
    for (Map.Entry<Double, ArmRuns> point : points.entrySet()) {
      long bad = diverged(point.getValue());
      diverged += bad;
      runs += point.getValue().runs().size();
      if (bad == 0) {
        highest = RateSection.rate(point.getKey());
      } else if (lowest.isEmpty()) {
        lowest = RateSection.rate(point.getKey());
      }
    }
    return List.of(name, highest, lowest, Long.toString(diverged), Long.toString(runs));
  }

  private static Chart map(ArmGrid grid, Map<String, NavigableMap<Double, ArmRuns>> rates) {
    List<Double> columns = grid.values(ArmGrid.LR);
    List<List<Heat.Cell>> cells = new ArrayList<>();
    List<String> names = new ArrayList<>();
    rates.forEach(
        (row, points) -> {
          String rest = row.substring(grid.name().length()).strip();
          names.add(rest.isEmpty() ? grid.name() : rest);
          cells.add(columns.stream().map(lr -> cell(points.get(lr))).toList());
        });
    return Chart.of(
        "divergence-" + Sentences.slug(grid.name()),
        grid.name() + ": diverged runs",
        "peak learning rate",
        "",
        new Heat(
            columns.stream().map(lr -> RateSection.rate(lr)).toList(),
            names,
            cells,
            new Range(-1, 0)));
  }

  /** The darker the more of a setting's seeds diverged. */
  private static Heat.Cell cell(ArmRuns point) {
    if (point == null) {
      return new Heat.Cell(Double.NaN, "");
    }
    long bad = diverged(point);
    return new Heat.Cell(
        bad == 0 ? 0 : -(double) bad / point.runs().size(), bad + "/" + point.runs().size());
  }
}
