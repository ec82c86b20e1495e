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

/** One parameter under a real optimizer, with plain arrays in and out. */
final class KernelRun implements AutoCloseable {
  static final double RATE = 0.03;
  static final double DECAY = 0.2;

  final NDManager manager = NDManager.newBaseManager();
  final FusedOptimizer optimizer;
  private final DataType type;
  private final Shape shape;
  private final NDArray weight;
  private final OptimizerState state;

  KernelRun(Variant variant, DataType type, double[] weights) {
    this(variant, type, weights, variant.shape());
  }

  KernelRun(Variant variant, DataType type, double[] weights, int... shape) {
    this(variant, type, weights, LearningRate.constant(RATE), shape);
  }

  KernelRun(Variant variant, DataType type, double[] weights, LearningRate schedule, int... shape) {
    this.type = type;
    this.shape = new Shape(Arrays.stream(shape).asLongStream().toArray());
    optimizer =
        Optimizers.create(
            variant.type(),
            variant.settings(),
            schedule,
            variant.settings().containsKey("constraint") ? 0 : DECAY);
    weight = array(weights);
    state = optimizer.newState(manager, List.of("w"), new NDList(weight));
  }

  NDArray array(double[] values) {
    return array(values, shape);
  }

  private NDArray array(double[] values, Shape shape) {
    return type == DataType.FLOAT64
        ? manager.create(values, shape)
        : manager.create(floats(values), shape);
  }

  void step(double[] g, double rate, double decay) {
    try (NDManager scope = manager.newSubManager();
        Autograd.Mode off = Autograd.noGrad()) {
      step(array(g), scope.create(1d), rate, decay);
    }
  }

  void step(NDArray g, NDArray gate, double rate, double decay) {
    optimizer.step(state, new NDList(g), gate, rate, decay);
  }

  /** A step by DJL's path, with RATE and DECAY. */
  void update(double[] g) {
    optimizer.update("w", weight, array(g));
  }

  double[] weights() {
    return doubles(weight);
  }

  double[] direction(double[] g) {
    try (NDArray u = optimizer.directions(state, new NDList(array(g))).singletonOrThrow()) {
      return doubles(u);
    }
  }

  /** Sums of squares of u, w, g and each state tensor. */
  double[] statistics(double[] g) {
    try (NDArray sums = optimizer.statistics(state, new NDList(array(g)))) {
      return sums.toDoubleArray();
    }
  }

  double steps() {
    return state.steps().toDoubleArray()[0];
  }

  /** State by name; tensors that this parameter has no use for are left out. */
  Map<String, double[]> state() {
    Map<String, double[]> values = new LinkedHashMap<>();
    for (int i = 0; i < state.states().size(); i++) {
      if (optimizer.definition().kinds().get(state.states().get(i)).used(shape)) {
        values.put(state.states().get(i), doubles(state.tensors().get(i).get(0)));
      }
    }
    return values;
  }

  void restore(Map<String, double[]> values, double steps) {
    for (int i = 0; i < state.states().size(); i++) {
      double[] tensor = values.get(state.states().get(i));
      if (tensor != null) {
        NDArray to = state.tensors().get(i).get(0);
        array(tensor, to.getShape()).copyTo(to);
      }
    }
    manager.create(steps).copyTo(state.steps());
  }

  /** Saves under the names of a checkpoint and loads into another run. */
  void copyStateTo(KernelRun other) {
    Map<String, NDArray> to = other.state.named();
    state.named().forEach((name, array) -> array.copyTo(to.get(name)));
  }

  private static double[] doubles(NDArray array) {
    if (array.getDataType() == DataType.FLOAT64) {
      return array.toDoubleArray();
    }
    float[] values = array.toFloatArray();
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  static float[] floats(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  /** The same values as float32 has them. */
  static double[] rounded(double[] values) {
    double[] rounded = new double[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    return rounded;
  }

  @Override
  public void close() {
    optimizer.close();
    manager.close();
  }
}
