package io.adamant.reproduce;

import io.adamant.config.Arm;
import io.adamant.config.RunConfig;
import io.adamant.stats.RateGrid.Edge;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One combination of an arm's settings other than the learning rate, with the rates of its grid.
 *
 * @param arm name of the arm
 * @param label the arm and what distinguishes the combination within it, such as {@code signum
 *     beta1=0.9}
 * @param config a run of it, at any rate
 * @param rates of the grid, rising
 */
record GridCell(String arm, String label, RunConfig config, List<Double> rates) {

  private static final String RATE = "optimizer.lr";
  private static final String MOMENTUM = "optimizer.beta1";

  GridCell {
    rates = List.copyOf(new TreeSet<>(rates));
  }

  /** The cells of an arm, in the order of its grid. */
  static List<GridCell> of(Arm arm) {
    Map<Map<String, String>, List<RunConfig>> groups = new LinkedHashMap<>();
    for (Arm.Point point : arm.points()) {
      Map<String, String> others = new LinkedHashMap<>(point.coordinates());
      others.remove(RATE);
      groups.computeIfAbsent(others, key -> new ArrayList<>()).add(point.config());
    }
    List<GridCell> cells = new ArrayList<>();
    groups.forEach(
        (others, configs) -> {
          StringBuilder label = new StringBuilder(arm.name());
          if (groups.size() > 1) {
            others.forEach(
                (key, value) -> label.append(' ').append(last(key)).append('=').append(value));
          }
          List<Double> rates = configs.stream().map(c -> c.optimizer().lr()).toList();
          cells.add(new GridCell(arm.name(), label.toString(), configs.get(0), rates));
        });
    return cells;
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  RunConfig at(double rate, long seed) {
    return config.with("optimizer.lr", rate).with("training.seed", seed);
  }

  /** The next rate beyond one at an edge, by the ratio of neighbouring rates at that end. */
  double beyond(double rate, Edge edge) {
    int n = rates.size();
    boolean upwards = edge == Edge.HIGHEST;
    double ratio = upwards ? rates.get(n - 1) / rates.get(n - 2) : rates.get(1) / rates.get(0);
    double whole = Math.rint(ratio);
    ratio = Math.abs(ratio - whole) < 1e-9 * whole ? whole : ratio; // 2, not 2.0000000000000004
    return upwards ? rate * ratio : rate / ratio;
  }

  /**
   * The cell of the next momentum where this one has the shortest or the longest memory of some: 1
   * − β1 goes on by the ratio of the last two, and β2 with it where the two are equal.
   *
   * @param tried cells of the arm, this one among them
   * @return empty within the tried momenta, and where there is but one
   */
  Optional<GridCell> beyond(Collection<GridCell> tried) {
    NavigableSet<Double> momenta = new TreeSet<>();
    tried.forEach(cell -> momenta.add(cell.beta1()));
    Double shorter = momenta.lower(beta1());
    Double longer = momenta.higher(beta1());
    if ((shorter == null) == (longer == null)) {
      return Optional.empty();
    }
    double ratio = (1 - beta1()) / (1 - (shorter == null ? longer : shorter));
    double next = Math.rint((1 - (1 - beta1()) * ratio) * 1e6) / 1e6; // 0.6, not 0.6000000000000001
    if (next < 0) {
      return Optional.empty();
    }
    RunConfig further = config.with(MOMENTUM, next);
    boolean equal = beta2() == beta1();
    if (equal) {
      further = further.with("optimizer.beta2", next);
    }
    String name = arm + " beta1=" + next + (equal ? " beta2=" + next : "");
    return Optional.of(new GridCell(arm, name, further, rates));
  }

  double beta1() {
    return setting(MOMENTUM);
  }

  double beta2() {
    return setting("optimizer.beta2");
  }

  private double setting(String key) {
    Object value = config.optimizer().settings().get(last(key));
    return value instanceof Double number ? number : 0;
  }
}
