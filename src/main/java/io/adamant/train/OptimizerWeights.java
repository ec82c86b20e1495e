package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.base.InputException;
import io.adamant.config.Readout;
import io.adamant.config.RunConfig;
import io.adamant.optim.Optimizers;
import io.adamant.optim.ParameterGroup;
import io.adamant.tensor.Autograd;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The weights that optimizers mean to be evaluated at. They follow from the weights that are
 * trained and the optimizers' state, so that nothing is kept here; parameters of an optimizer that
 * means the weights it trains have these.
 */
final class OptimizerWeights implements EvaluationWeights {

  private final List<ParameterGroup> groups;
  private final ParameterGroups parameters;

  OptimizerWeights(ParameterGroups parameters) {
    this.groups = parameters.all();
    this.parameters = parameters;
  }

  /** Refuses to read out what no optimizer of the run has. */
  static void require(RunConfig config) {
    Stream<Object> types =
        Stream.concat(
            Stream.of(config.optimizer().type(), config.optimizer().settings().get("others")),
            config.groups().values().stream()
                .map(group -> group.inheriting(config.optimizer()).optimizer()));
    boolean has =
        types
            .filter(Objects::nonNull)
            .anyMatch(type -> !Optimizers.definition((String) type).averaged().isEmpty());
    if (config.training().readout() == Readout.SCHEDULE_FREE && !has) {
      throw InputException.badValue(
          "training.readout",
          Readout.SCHEDULE_FREE.word(),
          "trained, ema or tail with optimizer.type: "
              + config.optimizer().type()
              + ", which is evaluated at the weights it trains");
    }
  }

  @Override
  public Readout kind() {
    return Readout.SCHEDULE_FREE;
  }

  @Override
  public String rule() {
    return groups.stream()
        .filter(group -> group.optimizer().averages())
        .map(group -> group.optimizer().definition().type())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  @Override
  public void begin() {}

  @Override
  public void update(NDManager scope, long step, NDArray gate) {}

  @Override
  public Map<String, NDArray> weights(NDManager scope) {
    Map<String, NDArray> weights = new TreeMap<>();
    try (Autograd.Mode off = Autograd.noGrad()) {
      for (ParameterGroup group : groups) {
        NDList arrays = group.state().parameters();
        if (group.optimizer().averages()) {
          arrays = group.optimizer().averaged(group.state());
          arrays.attach(scope);
        }
        for (int i = 0; i < arrays.size(); i++) {
          weights.put(group.state().names().get(i), arrays.get(i));
        }
      }
      return parameters.joined(scope, weights);
    }
  }

  @Override
  public long averaged() {
    return groups.stream()
        .filter(group -> group.optimizer().averages())
        .mapToLong(group -> (long) group.state().steps().getDouble())
        .max()
        .orElse(0);
  }

  @Override
  public boolean restore(Checkpoint checkpoint) {
    return true;
  }

  @Override
  public void close() {}
}
