package io.adamant.simulate;

import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Independent repetitions of a small experiment: columns of numbers, a row a repetition.
 *
 * @param blocks threads, seed and progress
 * @param count repetitions
 * @param width numbers a repetition gives
 */
record Lanes(Blocks blocks, long count, int width) {

  private static final int BLOCK = 64;

  /** As many as the input {@code repetitions} says. */
  Lanes(Values v, Blocks blocks, int width) {
    this(blocks, v.whole("repetitions"), width);
  }

  /**
   * Runs it.
   *
   * @param experiment fills in one repetition's numbers, zero before, from its block's stream
   * @return (width, count)
   */
  double[][] columns(BiConsumer<GaussianSource, double[]> experiment) {
    int groups = (int) ((count + BLOCK - 1) / BLOCK);
    List<double[][]> rows =
        blocks.map(
            groups,
            (i, noise) -> {
              double[][] block = new double[(int) Math.min(BLOCK, count - (long) i * BLOCK)][width];
              for (double[] numbers : block) {
                experiment.accept(noise, numbers);
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

  /** The quotient of two columns' means is what is sought; linearised, it has one value a row. */
  static double[] quotient(double[] above, double[] below) {
    double top = Arrays.stream(above).average().orElseThrow();
    double bottom = Arrays.stream(below).average().orElseThrow();
    double[] values = new double[above.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = top / bottom + (above[i] - top / bottom * below[i]) / bottom;
    }
    return values;
  }

  /** The mean with its interval, for further arithmetic. */
  static Measurement mean(double[] values) {
    return Measurement.mean("mean", "mean", values);
  }
}
