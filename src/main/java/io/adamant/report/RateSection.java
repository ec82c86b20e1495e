package io.adamant.report;

import io.adamant.chart.Chart;
import io.adamant.chart.Digits;
import io.adamant.chart.Palette;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.chart.Sentences;
import io.adamant.stats.RateGrid;
import io.adamant.stats.RateGrid.Edge;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/** How the loss depends on the learning rate, and which rates diverged. */
final class RateSection {
  private static final int MOST_LINES = 12;

  private RateSection() {}

  static Section of(StudyData study) {
    Map<String, NavigableMap<Double, ArmRuns>> rates = new LinkedHashMap<>();
    ArmGrid.of(study).forEach(grid -> rates.putAll(grid.rates()));
    List<String> sentences = new ArrayList<>();
    List<FactTable> tables = new ArrayList<>();
    List<Chart> charts = new ArrayList<>();
    if (!rates.isEmpty()) {
      sentences.add(
          "Each point is the mean final validation loss over the seeds of one setting; bands "
              + "go from the lowest to the highest seed. Rates with an unfinished run have no "
              + "point.");
      edges(rates).ifPresent(sentences::add);
      if (rates.size() <= MOST_LINES) {
        charts.add(sensitivity(rates));
      } else {
        sentences.add(
            "The chart shows the "
                + MOST_LINES
                + " rows with the lowest losses, the table all "
                + rates.size()
                + ".");
        charts.add(sensitivity(lowest(rates)));
      }
      tables.add(table(rates));
    }
    return new Section("rates", "Learning rates", sentences, tables, charts, List.of());
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
    return best(points).map(ArmGrid::loss).orElse(Double.POSITIVE_INFINITY);
  }

  private static Optional<ArmRuns> best(NavigableMap<Double, ArmRuns> points) {
    return ArmGrid.best(List.copyOf(points.values()));
  }

  /**
   * A row a setting, its cells in order of the rate: rates of different arms are not comparable.
   */
  private static FactTable table(Map<String, NavigableMap<Double, ArmRuns>> rates) {
    int columns = rates.values().stream().mapToInt(Map::size).max().orElse(0);
    List<String> headings = new ArrayList<>(List.of("arm", "best rate", "loss there"));
    for (int i = 1; i <= columns; i++) {
      headings.add("rate " + i);
    }
    List<List<String>> rows = new ArrayList<>();
    rates.forEach(
        (row, points) -> {
          Optional<ArmRuns> best = best(points);
          List<String> cells = new ArrayList<>();
          cells.add(row);
          cells.add(best.map(point -> rate(ArmGrid.value(point, ArmGrid.LR))).orElse(""));
          cells.add(best.map(point -> Digits.fixed(ArmGrid.loss(point), 4)).orElse(""));
          points.forEach((lr, point) -> cells.add(rate(lr) + ": " + cell(point)));
          while (cells.size() < headings.size()) {
            cells.add("");
          }
          rows.add(cells);
        });
    return new FactTable("Validation loss by learning rate (rate: loss)", headings, rows);
  }

  private static String cell(ArmRuns point) {
    double loss = ArmGrid.loss(point);
    return Double.isFinite(loss) ? Digits.fixed(loss, 4) : point.status().word();
  }

  /** A rate as people write it: at most three digits. */
  static String rate(double lr) {
    return new BigDecimal(lr)
        .round(new MathContext(3))
        .stripTrailingZeros()
        .toString()
        .replace("E+", "e")
        .replace("E", "e");
  }

  /** A winner on the edge of its grid may not be the best rate. */
  private static Optional<String> edges(Map<String, NavigableMap<Double, ArmRuns>> rates) {
    List<String> lower = new ArrayList<>();
    List<String> higher = new ArrayList<>();
    rates.forEach(
        (row, points) -> {
          RateGrid<ArmRuns> grid = new RateGrid<>(points, ArmGrid::loss);
          grid.best()
              .ifPresent(
                  lr -> {
                    List<String> edge = grid.edge(lr) == Edge.LOWEST ? lower : higher;
                    if (grid.edge(lr) != Edge.NONE) {
                      edge.add(row + " (" + rate(lr) + ")");
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
    double low = Double.POSITIVE_INFINITY;
    double high = 0;
    for (Map.Entry<String, NavigableMap<Double, ArmRuns>> row : rates.entrySet()) {
      double[] x = row.getValue().keySet().stream().mapToDouble(lr -> lr).toArray();
      double[] y = row.getValue().values().stream().mapToDouble(ArmGrid::loss).toArray();
      for (int i = 0; i < x.length; i++) {
        low = Double.isFinite(y[i]) ? Math.min(low, x[i]) : low;
        high = Double.isFinite(y[i]) ? Math.max(high, x[i]) : high;
      }
      series.add(
          ArmGrid.line(
              row.getKey(),
              Chart.POINTS,
              series.size() < Palette.size() ? Chart.Style.SOLID : Chart.Style.DASHED,
              colours.get(series.size()),
              row.getValue()));
    }
    boolean log = low > 0 && high > 0;
    Range range = log ? new Range(low / 1.3, high * 1.3) : new Range(0, Math.max(high, 1e-9));
    return new Chart(
        "learning-rate-sensitivity",
        "Learning-rate sensitivity",
        new Chart.Axis("peak learning rate", "", log, Optional.of(range)),
        new Chart.Axis(
            "validation loss", "nats per token", false, Optional.of(ArmGrid.range(series))),
        series);
  }
}
