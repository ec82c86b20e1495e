package io.adamant.report;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Heat;
import io.adamant.chart.Digits;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Sentences;
import io.adamant.chart.Table;
import io.adamant.results.RunStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/** Which settings diverged, for the arms in which any did and whose grid varies the rate. */
final class DivergenceSection {
  private DivergenceSection() {}

  static Section of(StudyData study) {
    Section.Builder section =
        Section.of("divergence", "Where training diverged")
            .say(
                "A run has diverged when the guard against non-finite numbers stops it. Cells count"
                    + " diverged seeds; white means none.");
    Map<String, NavigableMap<Double, ArmRuns>> bad = new LinkedHashMap<>();
    for (ArmGrid grid : ArmGrid.of(study)) {
      Map<String, NavigableMap<Double, ArmRuns>> rates = grid.rates();
      if (rates.values().stream().anyMatch(points -> diverged(points.values()) > 0)) {
        bad.putAll(rates);
        section.panel(map(grid, rates));
      }
    }
    return section.table(table(bad)).done();
  }

  private static long diverged(Collection<ArmRuns> points) {
    return points.stream()
        .flatMap(point -> point.runs().stream())
        .filter(run -> run.summary().status() == RunStatus.DIVERGED)
        .count();
  }

  private static Table table(Map<String, NavigableMap<Double, ArmRuns>> rates) {
    return new Table.Columns<Map.Entry<String, NavigableMap<Double, ArmRuns>>>()
        .text("arm", Map.Entry::getKey)
        .text("highest rate without", row -> rate(row.getValue().descendingMap(), false))
        .text("lowest rate with one", row -> rate(row.getValue(), true))
        .whole("diverged runs", row -> diverged(row.getValue().values()))
        .whole("runs", row -> row.getValue().values().stream().mapToInt(p -> p.runs().size()).sum())
        .of("Diverged runs by learning rate", rates.entrySet());
  }

  /** The first rate at which a run diverged, or none did. */
  private static String rate(NavigableMap<Double, ArmRuns> points, boolean diverged) {
    return points.keySet().stream()
        .filter(lr -> diverged(List.of(points.get(lr))) > 0 == diverged)
        .findFirst()
        .map(Digits::rate)
        .orElse("");
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
        new Heat(columns.stream().map(Digits::rate).toList(), names, cells, new Range(-1, 0)));
  }

  /** The darker the more of a setting's seeds diverged. */
  private static Heat.Cell cell(ArmRuns point) {
    if (point == null) {
      return new Heat.Cell(Double.NaN, "");
    }
    long bad = diverged(List.of(point));
    return new Heat.Cell(
        bad == 0 ? 0 : -(double) bad / point.runs().size(), bad + "/" + point.runs().size());
  }
}
