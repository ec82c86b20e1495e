package io.adamant.measure;

import io.adamant.optim.ParameterGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The parameters that share an optimizer, its rate and decay, and the group that statistics put
 * them in: the smallest part with a prediction of its own.
 *
 * @param parameters what they share
 * @param statistic the group of statistics, such as {@code attention}
 * @param sums over their coordinates
 * @param micro inner products of micro-batch gradients, where there were several
 * @param probe what a probe found, where there was one
 */
record Cell(
    ParameterGroup parameters,
    String statistic,
    Sums sums,
    Optional<GradientGram> micro,
    Optional<GradientGram> probe) {

  /** Name that a saved state knows the cell by. */
  String key() {
    return parameters.name() + "/" + statistic;
  }

  UpdateModel model() {
    return Predictions.of(parameters.optimizer());
  }

  /** How m averages gradients, where its last step can be undone. */
  Optional<MomentumKind> momentum() {
    return Predictions.momentum(parameters.optimizer());
  }

  /** The gradients' signal and noise, by this cell's own momentum. */
  GradientSplit split(long step) {
    return model()
        .average()
        .map(average -> average.split(sums.momentum(), sums.gradient(), step))
        .orElse(GradientSplit.UNDEFINED);
  }

  private Cell plus(Cell other) {
    return new Cell(
        parameters,
        statistic,
        sums.plus(other.sums),
        micro.map(gram -> gram.plus(other.micro.orElseThrow())),
        probe.map(gram -> gram.plus(other.probe.orElseThrow())));
  }

  /**
   * Puts tensors together.
   *
   * @param readings every tensor
   * @param probe by tensor, in the same order; empty where there was none
   * @param grouping from a tensor's name to its statistic
   */
  static List<Cell> of(
      List<TensorReading> readings, List<GradientGram> probe, Function<String, String> grouping) {
    Map<String, Cell> cells = new LinkedHashMap<>();
    for (int i = 0; i < readings.size(); i++) {
      TensorReading reading = readings.get(i);
      Cell cell =
          new Cell(
              reading.parameters(),
              grouping.apply(reading.name()),
              reading.sums(),
              reading.micro(),
              probe.isEmpty() ? Optional.empty() : Optional.of(probe.get(i)));
      cells.merge(cell.key(), cell, Cell::plus);
    }
    return new ArrayList<>(cells.values());
  }
}
