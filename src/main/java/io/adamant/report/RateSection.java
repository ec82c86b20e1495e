package io.adamant.report;

import io.adamant.chart.Chart;
import io.adamant.chart.Digits;
import io.adamant.chart.Palette;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Sentences;
import io.adamant.chart.Table;
import io.adamant.stats.RateGrid;
import io.adamant.stats.RateGrid.Edge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Function;

/** How the loss depends on the learning rate, and which rates diverged. */
final class RateSection {
  private static final int MOST_LINES = 12;

  private RateSection() {}

  static Section of(StudyData study) {
    Map<String, NavigableMap<Double, ArmRuns>> rates = new LinkedHashMap<>();
    ArmGrid.of(study).forEach(grid -> rates.putAll(grid.rates()));
    Section.Builder section =
        Section.of("rates", "Learning rates")
            .say(
                "Each point is the mean final validation loss over the seeds of one setting; bands"
                    + " go from the lowest to the highest seed. Rates with an unfinished run have"
                    + " no point.")
            .say(edges(rates));
    if (rates.size() > MOST_LINES) {
      section.say(
          "The chart shows the %s rows with the lowest losses, the table all %s."
              .formatted(MOST_LINES, rates.size()));
    }
    if (!rates.isEmpty()) {
      section.wide(sensitivity(rates.size() > MOST_LINES ? lowest(rates) : rates));
    }
    return section.table(table(rates)).done();
  }

  private static Map<String, NavigableMap<Double, ArmRuns>> lowest(
      Map<String, NavigableMap<Double, ArmRuns>> rates) {
    Map<String, NavigableMap<Double, ArmRuns>> lowest = new LinkedHashMap<>();
    rates.entrySet().stream()
        .sorted((a, b) -> Double.compare(bestLoss(a.getValue()), bestLoss(b.getValue())))
        .limit(MOST_LINES)
        .forEach(row -> lowest.put(row.getKey(), row.getValue()));
    return lowest;
  }

  private static double bestLoss(NavigableMap<Double, ArmRuns> points) {
    return best(points).map(ArmRuns::wholeLoss).orElse(Double.POSITIVE_INFINITY);
  }

  private static Optional<ArmRuns> best(NavigableMap<Double, ArmRuns> points) {
    return ArmGrid.best(List.copyOf(points.values()));
  }

  /**
   * A row a setting, its cells in order of the rate: rates of different arms are not comparable.
   */
  private static Table table(Map<String, NavigableMap<Double, ArmRuns>> rates) {
    Function<String, Optional<ArmRuns>> best = row -> best(rates.get(row));
    Table.Columns<String> columns =
        new Table.Columns<String>()
            .text("arm", row -> row)
            .text(
                "best rate",
                row -> best.apply(row).map(p -> Digits.rate(p.setting(ArmGrid.LR))).orElse(""))
            .text("loss there", row -> best.apply(row).map(RateSection::cell).orElse(""));
    int most = rates.values().stream().mapToInt(Map::size).max().orElse(0);
    for (int i = 0; i < most; i++) {
      int place = i;
      columns.text(
          "rate " + (i + 1),
          row ->
              rates.get(row).entrySet().stream()
                  .skip(place)
                  .findFirst()
                  .map(point -> Digits.rate(point.getKey()) + ": " + cell(point.getValue()))
                  .orElse(""));
    }
    return columns.of("Validation loss by learning rate (rate: loss)", rates.keySet());
  }

  private static String cell(ArmRuns point) {
    double loss = point.wholeLoss();
    return Double.isFinite(loss) ? Digits.fixed(loss, 4) : point.status().word();
  }

  /** A winner on the edge of its grid may not be the best rate. */
  private static Optional<String> edges(Map<String, NavigableMap<Double, ArmRuns>> rates) {
    List<String> lower = new ArrayList<>();
    List<String> higher = new ArrayList<>();
    rates.forEach(
        (row, points) -> {
          RateGrid<ArmRuns> grid = new RateGrid<>(points, ArmRuns::wholeLoss);
          grid.best()
              .ifPresent(
                  lr -> {
                    List<String> edge = grid.edge(lr) == Edge.LOWEST ? lower : higher;
                    if (grid.edge(lr) != Edge.NONE) {
                      edge.add(row + " (" + Digits.rate(lr) + ")");
                    }
                  });
        });
    List<String> parts = new ArrayList<>();
    if (!lower.isEmpty()) {
      parts.add("a lower one may be better still for " + Sentences.list(lower));
    }
    if (!higher.isEmpty()) {
      parts.add("a higher one may be better still for " + Sentences.list(higher));
    }
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "A best learning rate on the edge of its grid is inconclusive: "
                + String.join("; ", parts)
                + ".");
  }

  private static Chart sensitivity(Map<String, NavigableMap<Double, ArmRuns>> rates) {
    List<Integer> colours = Palette.keys(List.copyOf(rates.keySet()));
    List<Chart.Series> series = new ArrayList<>();
    rates.forEach(
        (row, points) ->
            series.add(
                ArmGrid.line(
                    row,
                    Chart.POINTS,
                    series.size() < Palette.size() ? Chart.Style.SOLID : Chart.Style.DASHED,
                    colours.get(series.size()),
                    points)));
    DoubleSummaryStatistics drawn =
        series.stream()
            .flatMapToDouble(line -> Arrays.stream(line.line().present().xs()))
            .summaryStatistics();
    double low = drawn.getMin();
    double high = Math.max(0, drawn.getMax());
    boolean log = low > 0 && high > 0;
    Range range = log ? new Range(low / 1.3, high * 1.3) : new Range(0, Math.max(high, 1e-9));
    return new Chart(
        "learning-rate-sensitivity",
        "Learning-rate sensitivity",
        new Chart.Axis("peak learning rate", "", log, range),
        ArmGrid.losses(series),
        series);
  }
}
