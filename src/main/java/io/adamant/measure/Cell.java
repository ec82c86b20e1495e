package io.adamant.measure;

import ai.djl.ndarray.NDArray;
import io.adamant.optim.ParameterGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The parameters that share an optimizer, its rate and decay, and the group that statistics put
 * them in: the smallest part with a prediction of its own.
 *
 * @param parameters what they share
 * @param statistic the group of statistics, such as {@code attention}
 * @param sums of their squares
 */
record Cell(ParameterGroup parameters, String statistic, Sums sums) {

  /** Name that a saved state knows the cell by. */
  String key() {
    return parameters.name() + "/" + statistic;
  }

  /** The gradients' signal and noise, by this cell's own momentum. */
  GradientSplit split(long step) {
    return Predictions.of(parameters.optimizer())
        .average()
        .map(average -> average.split(sums.momentum(), sums.gradient(), step))
        .orElse(GradientSplit.UNDEFINED);
  }

  /** Every cell of some parameter groups; reads from the device once a parameter group. */
  static List<Cell> read(List<ParameterGroup> groups, Function<String, String> grouping) {
    List<Cell> cells = new ArrayList<>();
    for (ParameterGroup group : groups) {
      if (group.state().names().isEmpty()) {
        continue;
      }
      Map<String, Sums> byStatistic = new LinkedHashMap<>();
      double[] squares; // (parameters, 3 + states): u, w, g, states
      try (NDArray statistics = group.optimizer().statistics(group.state(), group.gradients())) {
        squares = statistics.toDoubleArray();
      }
      int columns = squares.length / group.state().names().size();
      int m = group.state().states().indexOf("m");
      for (int i = 0; i < group.state().names().size(); i++) {
        int row = i * columns;
        Sums sums =
            new Sums(
                group.state().parameters().get(i).size(),
                squares[row],
                squares[row + 1],
                squares[row + 2],
                m < 0 ? Double.NaN : squares[row + 3 + m]);
        byStatistic.merge(grouping.apply(group.state().names().get(i)), sums, Sums::plus);
      }
      byStatistic.forEach((statistic, sums) -> cells.add(new Cell(group, statistic, sums)));
    }
    return cells;
  }
}
