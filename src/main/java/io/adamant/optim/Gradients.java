package io.adamant.optim;

import java.util.Arrays;
import java.util.Random;

/** Seeded gradients, (steps, size), exact in float32. */
final class Gradients {
  private Gradients() {}

  /** Standard normal, with a drift, so that averages keep a direction. */
  static double[][] normal(long seed, int steps, int size) {
    Random random = new Random(seed);
    double[][] g = new double[steps][size];
    for (double[] row : g) {
      Arrays.setAll(row, i -> (float) (random.nextGaussian() + 0.3 * (i % 3 - 1)));
    }
    return g;
  }

  /** Many magnitudes side by side, from 1e-18 to 1e12, an eighth of them zero. */
  static double[][] rough(long seed, int steps, int size) {
    Random random = new Random(seed);
    double[][] g = new double[steps][size];
    for (double[] row : g) {
      for (int i = 0; i < size; i++) {
        double scale = Math.pow(10, random.nextInt(31) - 18);
        row[i] = random.nextInt(8) == 0 ? 0 : (float) (random.nextGaussian() * scale);
      }
    }
    return g;
  }

  /**
   * What makes updates large, after a row of zeros: gradients that stay, that grow, that shrink,
   * and a jump; rough ones last, since they are long remembered.
   */
  static double[][] worst(int size) {
    double[][] g = new double[201][size];
    double scale = 0;
    for (int k = 1; k <= 140; k++) {
      scale = k <= 50 ? 1 : k <= 90 ? 1.3 * scale : k <= 139 ? 0.8 * scale : 1e3;
      double s = scale;
      Arrays.setAll(g[k], i -> (float) (i % 2 == 0 ? s : -s));
    }
    System.arraycopy(rough(11, 60, size), 0, g, 141, 60);
    return g;
  }

  static double[] row(long seed, int size) {
    return normal(seed, 1, size)[0];
  }

  /** What {@link StateKind#inputs} a step is given in trials, by their words. */
  static double[] input(String kind, long step, int size) {
    if (kind.equals("loss")) {
      return new double[] {3 + step % 5};
    }
    return kind.equals("fresh") ? new double[] {step % 3 == 1 ? 1 : 0} : row(1000 + step, size);
  }

  static double[][] scaled(double[][] g, double factor) {
    return Arrays.stream(g).map(row -> scaled(row, factor)).toArray(double[][]::new);
  }

  /** 0 and -0 come out as one. */
  static double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(x -> factor * x + 0.0).toArray();
  }
}
