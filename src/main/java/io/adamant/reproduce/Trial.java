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
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How far the runs of a claim are: what is done, and what must be trained next.
 *
 * <p>All of it follows from the design and the table of runs, so a trial is taken up again, by the
 * same command or another claim's, exactly where it stands. Each stage asks for its runs only once
 * the one before is complete: grids, grown where the best rate or the best momentum lies on an
 * edge; then the best rate and its neighbours on fresh seeds, outwards as long as an outer one is
 * better; then the best of these on seeds that chose nothing.
 */
final class Trial {

  private final TrialDesign design;
  private final RunTable table;
  private final Map<String, RunRow> used = new LinkedHashMap<>();
  private final Map<String, PlannedRun> missing = new LinkedHashMap<>();
  private final List<Tuned> tuned = new ArrayList<>();
  private final Map<GridCell, RateGrid<RunRow>> whole = new LinkedHashMap<>();

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

  TrialDesign design() {
    return design;
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

  /** The complete grids on the grid's seed. */
  Map<GridCell, RateGrid<RunRow>> grids() {
    return Collections.unmodifiableMap(whole);
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
    cells.forEach(cell -> grid(cell).ifPresent(grid -> grids.put(cell, grid)));
    whole.putAll(grids);
    if (grids.size() < cells.size()) {
      return; // a grid is not complete
    }
    if (design.tuning() == Tuning.CELLS) {
      grids.forEach(this::confirm);
      return;
    }
    if (design.tuning() == Tuning.EQUAL) {
      equalAndBest(grids);
      return;
    }
    for (int left = design.apart() ? design.extensions() : 0; left > 0; left--) {
      Optional<GridCell> further = best(grids).beyond(grids.keySet());
      if (further.isEmpty()) {
        break;
      }
      Optional<RateGrid<RunRow>> grid = grid(further.get());
      if (grid.isEmpty()) {
        return;
      }
      grids.put(further.get(), grid.get());
      whole.put(further.get(), grid.get());
    }
    GridCell best = best(grids);
    confirm(best, grids.get(best));
  }

  /** Of each β1 the best other β2 and the equal one, at the rates that the grid's seed chose. */
  private void equalAndBest(Map<GridCell, RateGrid<RunRow>> grids) {
    Map<Double, Map<GridCell, RateGrid<RunRow>>> byMomentum = new LinkedHashMap<>();
    grids.forEach(
        (cell, grid) ->
            byMomentum.computeIfAbsent(cell.beta1(), key -> new LinkedHashMap<>()).put(cell, grid));
    for (Map<GridCell, RateGrid<RunRow>> some : byMomentum.values()) {
      Map<GridCell, RateGrid<RunRow>> others = new LinkedHashMap<>(some);
      others.keySet().removeIf(cell -> cell.beta2() == cell.beta1());
      GridCell best = best(others);
      for (GridCell cell : some.keySet()) {
        if (cell.equals(best) || cell.beta2() == cell.beta1()) {
          RateGrid<RunRow> grid = some.get(cell);
          double rate = best(grid);
          boolean onEdge = edge(cell, grid) != Edge.NONE;
          on(design.comparedSeeds(), cell, rate)
              .ifPresent(
                  rows ->
                      tuned.add(
                          new Tuned(cell, rate, Map.of(rate, rows), grid.points(), rows, onEdge)));
        }
      }
    }
  }

  private static GridCell best(Map<GridCell, RateGrid<RunRow>> grids) {
    return grids.keySet().stream()
        .min(Comparator.comparingDouble(cell -> grids.get(cell).lowest()))
        .orElseThrow();
  }

  /** A cell's grid on the grid's seed; empty while a run of it is missing. */
  private Optional<RateGrid<RunRow>> grid(GridCell cell) {
    return search(
        cell,
        cell.rates(),
        rate -> ask(cell.arm(), cell.at(rate, design.gridSeed())),
        new RateGrid<>(row -> row.quantity(Metrics.VAL_LOSS)),
        Trial::edge,
        2 * design.extensions());
  }

  private void fixed(GridCell cell) {
    for (double rate : cell.rates()) {
      on(design.freshSeeds(), cell, rate)
          .ifPresent(
              rows ->
                  tuned.add(new Tuned(cell, rate, Map.of(rate, rows), Map.of(), List.of(), false)));
    }
  }

  /** The winner and its neighbours on fresh seeds; outwards while an outer one is best. */
  private void confirm(GridCell cell, RateGrid<RunRow> grid) {
    double winner = best(grid);
    List<Double> rates = new ArrayList<>(List.of(winner));
    rates.addAll(grid.neighbours(winner));
    boolean slopes = design.apart() && design.tuning() == Tuning.CELLS;
    search(
            cell,
            rates,
            rate -> on(design.freshSeeds(), cell, rate),
            new RateGrid<>(Tuned::mean),
            slopes ? Trial::edgeOfVertices : Trial::edge,
            design.extensions())
        .ifPresent(fresh -> compare(cell, fresh, grid, slopes));
  }

  private void compare(
      GridCell cell, RateGrid<List<RunRow>> fresh, RateGrid<RunRow> grid, boolean slopes) {
    double best = best(fresh);
    Optional<List<RunRow>> compared =
        design.apart() && !slopes ? on(design.comparedSeeds(), cell, best) : Optional.of(List.of());
    Edge edge = slopes ? edgeOfVertices(cell, fresh) : edge(cell, fresh);
    compared.ifPresent(
        rows ->
            tuned.add(
                new Tuned(cell, best, fresh.points(), grid.points(), rows, edge != Edge.NONE)));
  }

  /**
   * Runs some rates, then further ones outwards as long as the best of them lies on an edge.
   *
   * @param grid to be filled
   * @param edges where the best of a grid lies
   * @param most rates to add; the design's extensions at most at either end
   * @return empty while a run is missing, which is then asked for
   */
  private <P> Optional<RateGrid<P>> search(
      GridCell cell,
      List<Double> rates,
      Function<Double, Optional<P>> run,
      RateGrid<P> grid,
      BiFunction<GridCell, RateGrid<P>, Edge> edges,
      int most) {
    Map<Edge, Integer> added = new EnumMap<>(Edge.class);
    List<Double> next = rates;
    for (int left = most; ; left--) {
      next.forEach(rate -> run.apply(rate).ifPresent(point -> grid.put(rate, point)));
      if (!grid.points().keySet().containsAll(next)) {
        return Optional.empty();
      }
      Edge edge = edges.apply(cell, grid);
      if (edge == Edge.NONE
          || left == 0
          || added.merge(edge, 1, Integer::sum) > design.extensions()) {
        return Optional.of(grid);
      }
      NavigableMap<Double, P> points = grid.points();
      double outermost = edge == Edge.HIGHEST ? points.lastKey() : points.firstKey();
      next = List.of(cell.beyond(outermost, edge));
    }
  }

  /** Where the best rate lies; a cell of one rate does not grow. */
  private static Edge edge(GridCell cell, RateGrid<?> grid) {
    return cell.rates().size() > 1 ? grid.edge(best(grid)) : Edge.NONE;
  }

  /** The same where each seed's own best rate must lie within what was tried. */
  private static Edge edgeOfVertices(GridCell cell, RateGrid<List<RunRow>> grid) {
    Edge edge = edge(cell, grid);
    return edge == Edge.NONE && cell.rates().size() > 1 ? BestRate.edge(grid.points()) : edge;
  }

  /** The rate of the lowest loss; the smallest one where all diverged. */
  private static double best(RateGrid<?> grid) {
    return grid.best().orElse(grid.points().firstKey());
  }

  /** The runs of some seeds; empty while one is missing, which is then wanted. */
  private Optional<List<RunRow>> on(List<Long> seeds, GridCell cell, double rate) {
    List<RunRow> rows = new ArrayList<>();
    for (long seed : seeds) {
      ask(cell.arm(), cell.at(rate, seed)).ifPresent(rows::add);
    }
    return rows.size() == seeds.size() ? Optional.of(rows) : Optional.empty();
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
