package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.Numbers;
import io.adamant.config.Readout;
import io.adamant.config.TrainConfig;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The running average of the weights as {@link Readout} defines it, float32, on the device: one
 * more copy of the weights, and one call a step. A step that the guard left out counts in no way.
 */
final class WeightAverage implements EvaluationWeights {

  private final Readout kind;
  private final String rule;
  private final long first; // step whose weights are the first to be averaged
  private final NDManager manager;
  private final ScriptModule kernel;
  private final NDList live;
  private final Map<String, NDArray> means = new LinkedHashMap<>();
  private final NDList meansInOrder = new NDList();
  private final NDArray count; // () float64: weights averaged

  private WeightAverage(NDManager parent, TrainConfig config, Map<String, NDArray> weights) {
    kind = config.readout();
    first = config.readoutFrom();
    rule =
        kind == Readout.EMA
            ? "decay " + Numbers.text(config.readoutDecay())
            : "steps %s to %s".formatted(first, config.steps());
    manager = parent.newSubManager();
    kernel =
        new ScriptModule(
            manager,
            new ScriptArchive(
                ScriptModule.resource("readout.py"),
                Map.of("decay", config.readoutDecay(), "uniform", kind == Readout.TAIL)));
    live = new NDList(weights.values());
    weights.forEach(
        (name, weight) -> means.put(name, manager.create(weight.getShape(), weight.getDataType())));
    meansInOrder.addAll(means.values());
    count = manager.zeros(new Shape(), DataType.FLOAT64);
  }

  /** What a run reads out, if it is not the trained weights, which are given by name. */
  static Optional<EvaluationWeights> of(
      NDManager parent, TrainConfig config, Map<String, NDArray> weights) {
    return config.readout() == Readout.TRAINED
        ? Optional.empty()
        : Optional.of(new WeightAverage(parent, config, weights));
  }

  @Override
  public Readout kind() {
    return kind;
  }

  @Override
  public String rule() {
    return rule;
  }

  @Override
  public void begin() {
    try (Autograd.Mode off = Autograd.noGrad()) {
      kernel.call(manager, "copy", meansInOrder, live);
    }
    kernel.call(manager, "restore", count, 0.0);
  }

  @Override
  public void update(NDManager scope, long step, NDArray gate) {
    if (step >= first) {
      kernel.call(scope, "average", meansInOrder, live, count, gate);
    }
  }

  @Override
  public Map<String, NDArray> weights(NDManager scope) {
    return averaged() == 0 ? Map.of() : means;
  }

  @Override
  public NDList arrays() {
    NDList arrays = new NDList(meansInOrder);
    arrays.add(count);
    return arrays;
  }

  @Override
  public long averaged() {
    return (long) count.getDouble();
  }

  @Override
  public boolean restore(Checkpoint checkpoint) throws IOException {
    begin();
    TrainState.Averaged there = checkpoint.state().readout();
    if (there == null || !there.kind().equals(kind.word()) || !there.rule().equals(rule)) {
      return checkpoint.state().step() < first;
    }
    if (there.count() > 0) {
      checkpoint.of(kind).restoreWeights(means);
      kernel.call(manager, "restore", count, (double) there.count());
    }
    return true;
  }

  @Override
  public void close() {
    kernel.close();
    manager.close();
  }
}
