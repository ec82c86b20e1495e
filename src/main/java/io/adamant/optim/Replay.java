package io.adamant.optim;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;

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
   * Runs the optimizer on the CPU.
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
    double[][] weights = new double[gradients.length][];
    double[][] directions = new double[gradients.length][];
    DataType type = float64 ? DataType.FLOAT64 : DataType.FLOAT32;
    try (KernelRun run = new KernelRun(optimizer, type, start, dimensions)) {
      for (int k = 0; k < gradients.length; k++) {
        boolean finite =
            Arrays.stream(gradients[k])
                .allMatch(x -> Double.isFinite(x) && (float64 || Float.isFinite((float) x)));
        double[] g = finite ? gradients[k] : new double[start.length];
        run.step(g, finite ? 1 : 0, lr.at(k), decay);
        directions[k] = finite ? run.direction(g) : g;
        weights[k] = run.weights();
      }
    }
    return new Replay(weights, directions);
  }
}
