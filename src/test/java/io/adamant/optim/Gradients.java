package io.adamant.optim;

import java.util.Random;

/** Gradient sequences for the contract, (steps, size), exact in float32. */
final class Gradients {
  private Gradients() {}

  /** Standard normal, with a drift, so that averages keep a direction. */
  static double[][] normal(long seed, int steps, int size) {
    Random random = new Random(seed);
    double[][] g = new double[steps][size];
    for (double[] row : g) {
      for (int i = 0; i < size; i++) {
        row[i] = (float) (random.nextGaussian() + 0.3 * (i % 3 - 1));
      }
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

  static double[] row(long seed, int size) {
    return normal(seed, 1, size)[0];
  }

  static double[][] scaled(double[][] g, double factor) {
    double[][] scaled = new double[g.length][g[0].length];
    for (int k = 0; k < g.length; k++) {
      for (int i = 0; i < g[k].length; i++) {
        scaled[k][i] = factor * g[k][i];
      }
    }
    return scaled;
  }
}
