package io.adamant.reproduce;

import io.adamant.config.Arm;
import io.adamant.config.Configs;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.reproduce.TrialDesign.Tuning;
import io.adamant.results.Metrics;
import io.adamant.stats.RateGrid;
import io.adamant.stats.RateGrid.Edge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How far the runs of a claim are: what is done, and what must be trained next.
 *
 * <p>All of it follows from the design and the table of runs, so a trial is taken up again, by the
 * same command or another claim's, exactly where it stands. Each stage asks for its runs only once
 * the one before is complete: grids, grown where the best rate lies on an edge; then the best rate
 * and its neighbours on fresh seeds, outwards as long as an outer one is better.
 */
final class Trial {

  private final TrialDesign design;
  private final RunTable table;
  private final Map<String, RunRow> used = new LinkedHashMap<>();
  private final Map<String, PlannedRun> missing = new LinkedHashMap<>();
  private final List<Tuned> tuned = new ArrayList<>();

  private Trial(TrialDesign design, RunTable table) {
    this.design = design;
    this.table = table;
  }

  static Trial of(TrialDesign design, RunTable table) {
    Trial trial = new Trial(design, table);
    for (Arm arm : design.study().arms()) {
      trial.arm(GridCell.of(arm));
    }
    return trial;
  }

  /** Whether all stages are complete. */
  boolean complete() {
    return missing.isEmpty();
  }

  /** The runs that can be trained now. */
  List<PlannedRun> missing() {
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
        .min(Comparator.comparingDouble(each -> each.loss()));
  }

  private void arm(List<GridCell> cells) {
    if (design.tuning() == Tuning.FIXED) {
      cells.forEach(this::fixed);
      return;
    }
    Map<GridCell, RateGrid<RunRow>> grids = new LinkedHashMap<>();
    for (GridCell cell : cells) {
      search(
              cell,
              cell.rates(),
              rate -> ask(cell.arm(), cell.at(rate, design.gridSeed())),
              row -> row.quantity(Metrics.VAL_LOSS),
              2 * design.extensions())
          .ifPresent(grid -> grids.put(cell, grid));
    }
    if (grids.size() < cells.size()) {
      return; // a grid is not complete
    }
    List<GridCell> chosen = cells;
    if (design.tuning() == Tuning.ARMS) {
      chosen =
          List.of(
              cells.stream()
                  .min(Comparator.comparingDouble(cell -> grids.get(cell).lowest()))
                  .orElseThrow());
    }
    chosen.forEach(cell -> confirm(cell, grids.get(cell)));
  }

  private void fixed(GridCell cell) {
    for (double rate : cell.rates()) {
      fresh(cell, rate)
          .ifPresent(rows -> tuned.add(new Tuned(cell, rate, Map.of(rate, rows), Map.of(), false)));
    }
  }

  /** The winner and its neighbours on fresh seeds; outwards while an outer one is best. */
  private void confirm(GridCell cell, RateGrid<RunRow> grid) {
    double winner = best(grid);
    List<Double> rates = new ArrayList<>(List.of(winner));
    rates.addAll(grid.neighbours(winner));
    search(cell, rates, rate -> fresh(cell, rate), Tuned::mean, design.extensions())
        .ifPresent(
            fresh -> {
              double best = best(fresh);
              boolean onEdge = edge(cell, fresh) != Edge.NONE;
              tuned.add(new Tuned(cell, best, fresh.points(), grid.points(), onEdge));
            });
  }

  /**
   * Runs some rates, then further ones outwards as long as the best of them lies on an edge.
   *
   * @param most rates to add; the design's extensions at most at either end
   * @return empty while a run is missing, which is then asked for
   */
  private <P> Optional<RateGrid<P>> search(
      GridCell cell,
      List<Double> rates,
      Function<Double, Optional<P>> run,
      ToDoubleFunction<P> loss,
      int most) {
    RateGrid<P> grid = new RateGrid<>(loss);
    Map<Edge, Integer> added = new EnumMap<>(Edge.class);
    List<Double> next = rates;
    for (int left = most; ; left--) {
      next.forEach(rate -> run.apply(rate).ifPresent(point -> grid.put(rate, point)));
      if (!grid.points().keySet().containsAll(next)) {
        return Optional.empty();
      }
      Edge edge = edge(cell, grid);
      if (edge == Edge.NONE
          || left == 0
          || added.merge(edge, 1, Integer::sum) > design.extensions()) {
        return Optional.of(grid);
      }
      next = List.of(cell.beyond(best(grid), edge));
    }
  }

  /** Where the best rate lies; a cell of one rate does not grow. */
  private static Edge edge(GridCell cell, RateGrid<?> grid) {
    return cell.rates().size() > 1 ? grid.edge(best(grid)) : Edge.NONE;
  }

  /** The rate of the lowest loss; the smallest one where all diverged. */
  private static double best(RateGrid<?> grid) {
    return grid.best().orElse(grid.points().firstKey());
  }

  /** The runs of all fresh seeds; empty while one is missing, which is then wanted. */
  private Optional<List<RunRow>> fresh(GridCell cell, double rate) {
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
        found -> used.put(key, found),
        () -> missing.putIfAbsent(key, new PlannedRun(arm, label(arm, config), config)));
    return row;
  }

  private static String label(String arm, RunConfig config) {
    Map<String, String> flat = Configs.flatten(config);
    StringBuilder label = new StringBuilder(arm);
    for (String key : List.of("beta1", "beta2", "lr")) {
      if (flat.containsKey("optimizer." + key)) {
        label.append(' ').append(key).append('=').append(flat.get("optimizer." + key));
      }
    }
    return label.append(" seed=").append(config.training().seed()).toString();
  }
}
