package io.adamant.simulate;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/** Independent repetitions of a small experiment: columns of numbers, a row a repetition. */
final class Lanes {

  private static final int BLOCK = 64;

  private Lanes() {}

  /**
   * Runs it.
   *
   * @param count repetitions
   * @param width numbers a repetition gives
   * @param experiment one repetition's numbers, from its block's stream
   * @return (width, count)
   */
  static double[][] columns(
      Blocks blocks,
      long count,
      int width,
      BiFunction<GaussianSource, double[], double[]> experiment) {
    int groups = (int) ((count + BLOCK - 1) / BLOCK);
    List<double[][]> rows =
        blocks.map(
            groups,
            (i, noise) -> {
              int size = (int) Math.min(BLOCK, count - (long) i * BLOCK);
              double[][] block = new double[size][];
              for (int k = 0; k < size; k++) {
                block[k] = experiment.apply(noise, new double[width]);
                blocks.progress().accept(1);
              }
              return block;
            });
    double[][] columns = new double[width][(int) count];
    int row = 0;
    for (double[][] block : rows) {
      for (double[] values : block) {
        for (int c = 0; c < width; c++) {
          columns[c][row] = values[c];
        }
        row++;
      }
    }
    return columns;
  }

  /** Squares of deviations from a mean. */
  static double[] deviations(double[] values, double mean) {
    return Arrays.stream(values).map(x -> (x - mean) * (x - mean)).toArray();
  }

  static double[] times(double[] values, double factor) {
    return Arrays.stream(values).map(x -> x * factor).toArray();
  }

  /** The linearised quotient of means of {@link StepExperiments#quotient}, times a factor. */
  static double[] ratios(double[] above, double[] below, double factor) {
    return times(StepExperiments.quotient(above, below), factor);
  }

  /** The mean with its interval, for further arithmetic. */
  static Measurement mean(double[] values) {
    return Measurement.mean("mean", "mean", values);
  }
}
