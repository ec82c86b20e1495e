package io.adamant.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.tensor.Autograd;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One parameter under a real optimizer, on the CPU. */
final class KernelRun implements ParameterRun {

  final NDManager manager = NDManager.newBaseManager();
  final FusedOptimizer optimizer;
  final OptimizerState state;
  private final DataType type;
  private final Shape shape;
  private final NDArray weight;
  private GradientClipping guard; // compiled for the first who asks

  /**
   * No steps taken.
   *
   * @param optimizer fresh; nothing of it has to be closed
   */
  KernelRun(FusedOptimizer optimizer, DataType type, double[] weights, int... shape) {
    this.optimizer = optimizer;
    this.type = type;
    this.shape = new Shape(Arrays.stream(shape).asLongStream().toArray());
    weight = array(weights);
    state = optimizer.newState(manager, List.of("w"), new NDList(weight));
  }

  /** Values in the parameter's shape and type. */
  NDArray array(double[] values) {
    NDArray wide = manager.create(values, shape);
    if (type == DataType.FLOAT64) {
      return wide; // the same type, asked for as a copy, shares memory that close would free
    }
    try (wide) {
      return wide.toType(type, true);
    }
  }

  @Override
  public void step(double[] g, double gate, double rate, double decay) {
    try (NDArray gradient = array(g);
        NDArray open = manager.create(gate)) {
      step(gradient, open, rate, decay);
    }
  }

  void step(NDArray g, NDArray gate, double rate, double decay) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      if (gate.toDoubleArray()[0] > 0) {
        give();
      }
      optimizer.step(state, new NDList(g), gate, rate, decay);
    }
  }

  /** Writes what the rule is given beside the gradient. */
  private void give() {
    long k = (long) state.steps().toDoubleArray()[0] + 1;
    for (StateKind kind : StateKind.inputs()) {
      optimizer
          .given(state, kind)
          .map(NDList::singletonOrThrow)
          .ifPresent(
              to -> {
                double[] values = Gradients.input(kind.words(), k, (int) to.size());
                try (NDArray wide = manager.create(values, to.getShape());
                    NDArray from = wide.toType(to.getDataType(), true)) {
                  from.copyTo(to);
                }
              });
    }
  }

  @Override
  public boolean guardedStep(double[] g) {
    if (guard == null) {
      guard = new GradientClipping(manager, 1, 0, 1);
    }
    try (NDArray gradient = array(g);
        NDArray loss = manager.create(1f);
        Autograd.Mode off = Autograd.noGrad();
        NDArray gate = guard.clipAndGuard(manager, new NDList(loss), new NDList(gradient), 0)) {
      step(gradient, gate, RATE, DECAY);
      return guard.read(0, 1)[0].taken();
    }
  }

  /** A step by DJL's path, with the optimizer's own rate and decay. */
  void update(double[] g) {
    optimizer.update("w", weight, array(g));
  }

  @Override
  public double[] weights() {
    return doubles(weight);
  }

  @Override
  public double[] direction(double[] g) {
    try (NDArray gradient = array(g);
        NDArray u = direction(gradient)) {
      return doubles(u);
    }
  }

  NDArray direction(NDArray g) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      return optimizer.directions(state, new NDList(g)).singletonOrThrow();
    }
  }

  @Override
  public Map<String, double[]> everything() {
    Map<String, double[]> values = new LinkedHashMap<>();
    values.put("w", weights());
    state.named().forEach((name, array) -> values.put(name, doubles(array)));
    return values;
  }

  @Override
  public void restore(Map<String, double[]> everything) {
    Map<String, NDArray> all = new LinkedHashMap<>(state.named());
    all.put("w", weight);
    everything.forEach(
        (name, values) -> {
          NDArray to = all.get(name);
          try (NDArray wide = manager.create(values, to.getShape());
              NDArray from = wide.toType(to.getDataType(), true)) {
            from.copyTo(to);
          }
        });
  }

  private static double[] doubles(NDArray array) {
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }

  @Override
  public void close() {
    if (guard != null) {
      guard.close();
    }
    manager.close();
  }
}
