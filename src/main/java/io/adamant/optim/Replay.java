package io.adamant.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Feeds recorded gradients through real optimizers, constant decay: the way to check a definition
 * against another implementation.
 *
 * @param weights after each step, (steps, size)
 * @param averaged weights to evaluate at after each step, (steps, size): the same, unless the rule
 *     means others
 * @param directions u of each step, (steps, size); zeros where a gradient was not finite and the
 *     step was skipped
 */
@SuppressWarnings("ArrayRecordComponent") // tables of numbers; nobody compares two of them
public record Replay(double[][] weights, double[][] averaged, double[][] directions) {

  /** Copies the rows' list; the rows themselves are the caller's. */
  public Replay {
    weights = weights.clone();
    averaged = averaged.clone();
    directions = directions.clone();
  }

  @Override
  public double[][] weights() {
    return weights.clone();
  }

  @Override
  public double[][] averaged() {
    return averaged.clone();
  }

  @Override
  public double[][] directions() {
    return directions.clone();
  }

  /**
   * Runs the optimizer on the CPU, for callers that know no DJL.
   *
   * @param optimizer fresh; closed by the caller
   * @param float64 double instead of single precision
   * @param start weights before the first step, row-major
   * @param dimensions their shape
   * @param gradients one row a step, (steps, size)
   * @param lr learning rate of each step, 0 for the first
   * @param decay decoupled weight decay
   * @return what happened
   */
  public static Replay run(
      FusedOptimizer optimizer,
      boolean float64,
      double[] start,
      int[] dimensions,
      double[][] gradients,
      LearningRate lr,
      double decay) {
    return run(List.of(new Tensor(optimizer, dimensions, 1, decay)), float64, start, gradients, lr);
  }

  /**
   * One of the parameters that lie in a row one after the other.
   *
   * @param optimizer of it
   * @param shape its shape
   * @param lrScale factor on the learning rate
   * @param decay weight decay
   */
  public record Tensor(FusedOptimizer optimizer, Shape shape, double lrScale, double decay) {

    /** As above, for callers that know no DJL. */
    public Tensor(FusedOptimizer optimizer, int[] dimensions, double lrScale, double decay) {
      this(
          optimizer, new Shape(Arrays.stream(dimensions).asLongStream().toArray()), lrScale, decay);
    }
  }

  /**
   * Runs several parameters at once on the CPU; a gradient that is not finite skips the step of
   * all.
   *
   * @param tensors in the order of a row
   * @param float64 double instead of single precision
   * @param start weights before the first step, a row
   * @param gradients one row a step
   * @param lr learning rate of each step, 0 for the first
   * @return what happened
   */
  public static Replay run(
      List<Tensor> tensors,
      boolean float64,
      double[] start,
      double[][] gradients,
      LearningRate lr) {
    return run(tensors, float64, start, gradients, lr, Map.of());
  }

  /**
   * The same for rules that are given more than gradients.
   *
   * @param tensors in the order of a row
   * @param float64 double instead of single precision
   * @param start weights before the first step, a row
   * @param gradients one row a step
   * @param lr learning rate of each step, 0 for the first
   * @param inputs rows of each step, by {@link StateKind#words}; a number is a row of one
   * @return what happened
   */
  public static Replay run(
      List<Tensor> tensors,
      boolean float64,
      double[] start,
      double[][] gradients,
      LearningRate lr,
      Map<String, double[][]> inputs) {
    DataType type = float64 ? DataType.FLOAT64 : DataType.FLOAT32;
    return run(tensors, type, start, gradients, lr, inputs);
  }

  private static Replay run(
      List<Tensor> tensors,
      DataType type,
      double[] start,
      double[][] gradients,
      LearningRate lr,
      Map<String, double[][]> inputs) {
    int steps = gradients.length;
    Replay replay =
        new Replay(
            new double[steps][start.length],
            new double[steps][start.length],
            new double[steps][start.length]);
    try (NDManager manager = NDManager.newBaseManager();
        Autograd.Mode off = Autograd.noGrad()) {
      List<ParameterGroup> groups = groups(manager, tensors, type, start);
      for (int k = 0; k < steps; k++) {
        boolean finite =
            Arrays.stream(gradients[k])
                .allMatch(x -> Double.isFinite(type == DataType.FLOAT32 ? (float) x : x));
        try (NDManager scope = manager.newSubManager()) {
          int from = 0;
          for (ParameterGroup group : groups) {
            NDArray gradient = group.gradients().singletonOrThrow();
            int to = from + (int) gradient.size();
            double[] g =
                finite ? Arrays.copyOfRange(gradients[k], from, to) : new double[to - from];
            scope.create(g, gradient.getShape()).toType(type, true).copyTo(gradient);
            if (finite) {
              give(group, from, k, inputs);
            }
            from = to;
          }
          ParameterGroup.step(groups, scope.create(finite ? 1d : 0d), lr.at(k));
          replay.record(k, groups, finite);
        }
      }
    }
    return replay;
  }

  /** Writes what a step of one tensor, which begins at a place of the row, is given. */
  static void give(ParameterGroup group, int from, int step, Map<String, double[][]> inputs) {
    for (StateKind kind : StateKind.inputs()) {
      Optional<NDArray> to =
          group.optimizer().given(group.state(), kind).map(NDList::singletonOrThrow);
      if (to.isPresent()) {
        double[] row = inputs.get(kind.words())[step];
        int size = (int) to.get().size();
        double[] values = row.length == size ? row : Arrays.copyOfRange(row, from, from + size);
        try (NDManager scope = to.get().getManager().newSubManager()) {
          NDArray wide = scope.create(values, to.get().getShape());
          wide.toType(to.get().getDataType(), true).copyTo(to.get());
        }
      }
    }
  }

  private static List<ParameterGroup> groups(
      NDManager manager, List<Tensor> tensors, DataType type, double[] start) {
    List<ParameterGroup> groups = new ArrayList<>();
    int from = 0;
    for (Tensor tensor : tensors) {
      int to = from + (int) tensor.shape().size();
      NDArray w = manager.create(Arrays.copyOfRange(start, from, to), tensor.shape());
      NDList weight = new NDList(w.toType(type, true));
      groups.add(
          new ParameterGroup(
              "w" + groups.size(),
              tensor.optimizer(),
              tensor.optimizer().newState(manager, List.of("w"), weight),
              new NDList(weight.singletonOrThrow().zerosLike()),
              tensor.lrScale(),
              tensor.decay()));
      from = to;
    }
    return groups;
  }

  private void record(int step, List<ParameterGroup> groups, boolean taken) {
    int from = 0;
    for (ParameterGroup group : groups) {
      FusedOptimizer optimizer = group.optimizer();
      NDArray weight = group.state().parameters().singletonOrThrow();
      int size = (int) weight.size();
      System.arraycopy(doubles(weight), 0, weights[step], from, size);
      System.arraycopy(weights[step], from, averaged[step], from, size);
      if (optimizer.averages()) {
        try (NDList x = optimizer.averaged(group.state())) {
          System.arraycopy(doubles(x.singletonOrThrow()), 0, averaged[step], from, size);
        }
      }
      if (taken) {
        try (NDList u = optimizer.directions(group.state(), group.gradients())) {
          System.arraycopy(doubles(u.singletonOrThrow()), 0, directions[step], from, size);
        }
      }
      from += size;
    }
  }

  private static double[] doubles(NDArray array) {
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }
}
