package io.adamant.reproduce;

import io.adamant.results.Metrics;
import java.util.List;
import java.util.Map;

/**
 * A cell whose rate was chosen on fresh seeds, or given.
 *
 * @param cell which
 * @param rate the one of the lowest mean validation loss
 * @param rows by rate, rising; within it one a fresh seed, in their order
 * @param grid the run on the grid's seed by rate; empty for a fixed arm
 * @param compared the runs at the chosen rate on seeds that chose nothing; empty where the seeds
 *     that chose are those that are compared
 * @param onEdge whether no larger, or no smaller, rate was tried, the grid having grown as far as
 *     it may
 */
record Tuned(
    GridCell cell,
    double rate,
    Map<Double, List<RunRow>> rows,
    Map<Double, RunRow> grid,
    List<RunRow> compared,
    boolean onEdge) {

  /** What stands for the cell in comparisons, a run a seed. */
  List<RunRow> best() {
    return compared.isEmpty() ? rows.get(rate) : compared;
  }

  /** A quantity at the best rate, one a seed; NaN where a run diverged. */
  double[] quantity(String column) {
    return best().stream().mapToDouble(row -> row.quantity(column)).toArray();
  }

  /** Mean loss at the best rate; +∞ where a seed diverged at every rate. */
  double loss() {
    double mean = mean(best());
    return Double.isFinite(mean) ? mean : Double.POSITIVE_INFINITY;
  }

  static double mean(List<RunRow> rows) {
    return rows.stream()
        .mapToDouble(row -> row.quantity(Metrics.VAL_LOSS))
        .average()
        .orElse(Double.NaN);
  }
}
