package io.adamant.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.tensor.Autograd;
import java.util.Arrays;
import java.util.List;

/**
 * Feeds recorded gradients through a real optimizer, one parameter, constant decay: the way to
 * check a definition against another implementation.
 *
 * @param weights after each step, (steps, size)
 * @param directions u of each step, (steps, size); zeros where a gradient was not finite and the
 *     step was skipped
 */
@SuppressWarnings("ArrayRecordComponent") // tables of numbers; nobody compares two of them
public record Replay(double[][] weights, double[][] directions) {

  /** Copies the rows' list; the rows themselves are the caller's. */
  public Replay {
    weights = weights.clone();
    directions = directions.clone();
  }

  @Override
  public double[][] weights() {
    return weights.clone();
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
    Shape shape = new Shape(Arrays.stream(dimensions).asLongStream().toArray());
    DataType type = float64 ? DataType.FLOAT64 : DataType.FLOAT32;
    return run(optimizer, type, start, shape, gradients, lr, decay);
  }

  /**
   * Runs the optimizer on the CPU.
   *
   * @param optimizer fresh; closed by the caller
   * @param type float32 or float64
   * @param start weights before the first step, row-major
   * @param shape their shape
   * @param gradients one row a step, (steps, size)
   * @param lr learning rate of each step, 0 for the first
   * @param decay decoupled weight decay
   * @return what happened
   */
  public static Replay run(
      FusedOptimizer optimizer,
      DataType type,
      double[] start,
      Shape shape,
      double[][] gradients,
      LearningRate lr,
      double decay) {
    double[][] weights = new double[gradients.length][];
    double[][] directions = new double[gradients.length][];
    try (NDManager manager = NDManager.newBaseManager();
        Autograd.Mode off = Autograd.noGrad()) {
      NDArray weight = manager.create(start, shape).toType(type, true);
      OptimizerState state = optimizer.newState(manager, List.of("w"), new NDList(weight));
      for (int k = 0; k < gradients.length; k++) {
        boolean finite =
            Arrays.stream(gradients[k])
                .allMatch(
                    x ->
                        Double.isFinite(x)
                            && (type != DataType.FLOAT32 || Float.isFinite((float) x)));
        double[] row = finite ? gradients[k] : new double[start.length];
        try (NDManager scope = manager.newSubManager()) {
          NDArray g = scope.create(row, shape).toType(type, true);
          optimizer.step(state, new NDList(g), scope.create(finite ? 1d : 0d), lr.at(k), decay);
          directions[k] =
              finite ? doubles(optimizer.directions(state, new NDList(g)).singletonOrThrow()) : row;
          weights[k] = doubles(weight);
        }
      }
    }
    return new Replay(weights, directions);
  }

  private static double[] doubles(NDArray array) {
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }
}
