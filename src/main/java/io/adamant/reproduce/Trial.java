package io.adamant.reproduce;

import io.adamant.config.RunConfig;
import io.adamant.reproduce.TrialDesign.Tuning;
import io.adamant.results.Metrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far the runs of a claim are: what is done, and what must be trained next.
 *
 * <p>All of it follows from the design and the table of runs, so a trial is taken up again, by the
 * same command or another claim's, exactly where it stands. Each stage asks for its runs only once
 * the one before is complete: grids, grown where the best rate lies on an edge; then the best rate
 * and its neighbours on fresh seeds, outwards as long as an outer one is better.
 */
final class Trial {

  /**
   * A run that is to be trained.
   *
   * @param arm of the claim
   * @param config seed included
   */
  record Wanted(String arm, RunConfig config) {}

  private final TrialDesign design;
  private final RunTable table;
  private final Map<String, RunRow> used = new LinkedHashMap<>();
  private final Map<String, Wanted> missing = new LinkedHashMap<>();
  private final List<Tuned> tuned = new ArrayList<>();

  private Trial(TrialDesign design, RunTable table) {
    this.design = design;
    this.table = table;
  }

  static Trial of(TrialDesign design, RunTable table) {
    Trial trial = new Trial(design, table);
    for (io.adamant.config.Arm arm : design.study().arms()) {
      trial.arm(Cell.of(arm));
    }
    return trial;
  }

  /** Whether all stages are complete. */
  boolean complete() {
    return missing.isEmpty();
  }

  /** The runs that can be trained now. */
  List<Wanted> missing() {
    return List.copyOf(missing.values());
  }

  /** The runs that it has. */
  List<RunRow> used() {
    return List.copyOf(used.values());
  }

  /** All cells that were tried on fresh seeds, in the order of the study. */
  List<Tuned> tuned() {
    return List.copyOf(tuned);
  }

  /** The best cell of an arm. */
  Optional<Tuned> best(String arm) {
    return tuned.stream()
        .filter(each -> each.cell().arm().equals(arm))
        .min(Comparator.comparingDouble(each -> worstIfUnknown(each.meanLoss(each.rate()))));
  }

  private static double worstIfUnknown(double loss) {
    return Double.isFinite(loss) ? loss : Double.POSITIVE_INFINITY;
  }

  private void arm(List<Cell> cells) {
    if (design.tuning() == Tuning.FIXED) {
      cells.forEach(this::fixed);
      return;
    }
    Map<Cell, NavigableMap<Double, Double>> grids = new LinkedHashMap<>();
    for (Cell cell : cells) {
      grids.put(cell, grid(cell));
    }
    if (grids.values().stream().anyMatch(grid -> grid.containsValue(null))) {
      return; // a grid is not complete
    }
    List<Cell> chosen = cells;
    if (design.tuning() == Tuning.ARMS) {
      chosen =
          List.of(
              cells.stream()
                  .min(Comparator.comparingDouble(cell -> lowest(grids.get(cell))))
                  .orElseThrow());
    }
    chosen.forEach(cell -> confirm(cell, grids.get(cell)));
  }

  private void fixed(Cell cell) {
    for (double rate : cell.rates()) {
      Optional<List<RunRow>> rows = fresh(cell, rate);
      rows.ifPresent(
          found -> tuned.add(new Tuned(cell, rate, Map.of(rate, found), Map.of(), false)));
    }
  }

  /** Loss by rate on the grid's seed, +∞ where it diverged, null where it is not known yet. */
  private NavigableMap<Double, Double> grid(Cell cell) {
    NavigableMap<Double, Double> grid = new TreeMap<>();
    cell.rates().forEach(rate -> grid.put(rate, gridLoss(cell, rate)));
    int below = 0;
    int above = 0;
    while (!grid.containsValue(null) && grid.size() > 1) {
      double best = argmin(grid);
      if (best == grid.firstKey() && below++ < design.extensions()) {
        double rate = best / cell.ratio(false);
        grid.put(rate, gridLoss(cell, rate));
      } else if (best == grid.lastKey() && above++ < design.extensions()) {
        double rate = best * cell.ratio(true);
        grid.put(rate, gridLoss(cell, rate));
      } else {
        break;
      }
    }
    return grid;
  }

  private Double gridLoss(Cell cell, double rate) {
    return ask(cell.arm(), cell.at(rate, design.gridSeed()))
        .map(row -> worstIfUnknown(row.quantity(Metrics.VAL_LOSS)))
        .orElse(null);
  }

  /** The winner and its neighbours on fresh seeds; outwards while an outer one is best. */
  private void confirm(Cell cell, NavigableMap<Double, Double> grid) {
    NavigableMap<Double, Double> means = new TreeMap<>();
    Map<Double, List<RunRow>> rows = new TreeMap<>();
    double winner = argmin(grid);
    List<Double> next = new ArrayList<>(List.of(winner));
    Optional.ofNullable(grid.lowerKey(winner)).ifPresent(next::add);
    Optional.ofNullable(grid.higherKey(winner)).ifPresent(next::add);
    int left = design.extensions();
    while (true) {
      for (double rate : next) {
        fresh(cell, rate)
            .ifPresent(
                found -> {
                  rows.put(rate, found);
                  means.put(rate, worstIfUnknown(Tuned.mean(found)));
                });
      }
      if (!rows.keySet().containsAll(next)) {
        return;
      }
      double best = argmin(means);
      Optional<Double> outer = grid.size() > 1 ? outer(cell, means, best) : Optional.empty();
      if (outer.isEmpty() || left-- == 0) {
        tuned.add(new Tuned(cell, best, rows, grid, outer.isPresent()));
        return;
      }
      next = List.of(outer.get());
    }
  }

  /** The rate to be tried where the best of those tried is the largest or the smallest. */
  private static Optional<Double> outer(
      Cell cell, NavigableMap<Double, Double> means, double best) {
    if (best == means.firstKey()) {
      return Optional.of(best / cell.ratio(false));
    }
    return best == means.lastKey() ? Optional.of(best * cell.ratio(true)) : Optional.empty();
  }

  /** The runs of all fresh seeds; empty while one is missing, which is then wanted. */
  private Optional<List<RunRow>> fresh(Cell cell, double rate) {
    List<RunRow> rows = new ArrayList<>();
    for (long seed : design.freshSeeds()) {
      ask(cell.arm(), cell.at(rate, seed)).ifPresent(rows::add);
    }
    return rows.size() == design.freshSeeds().size() ? Optional.of(rows) : Optional.empty();
  }

  private Optional<RunRow> ask(String arm, RunConfig config) {
    String key = ConfigKey.of(config);
    Optional<RunRow> row = table.find(key);
    row.ifPresentOrElse(
        found -> used.put(key, found), () -> missing.putIfAbsent(key, new Wanted(arm, config)));
    return row;
  }

  /** The rate of the lowest loss; the smallest one where all diverged. */
  private static double argmin(NavigableMap<Double, Double> losses) {
    double best = losses.firstKey();
    for (Map.Entry<Double, Double> entry : losses.entrySet()) {
      if (entry.getValue() < losses.get(best)) {
        best = entry.getKey();
      }
    }
    return best;
  }

  private static double lowest(NavigableMap<Double, Double> grid) {
    return grid.values().stream().mapToDouble(loss -> loss).min().orElseThrow();
  }
}
