package io.adamant.rules;

import java.util.Map;
import java.util.Random;

/** Gradients and runs that the tests of this room share. */
final class RuleRuns {
  private RuleRuns() {}

  /** Standard normal gradients, (steps, size). */
  static double[][] normal(long seed, int steps, int size) {
    Random random = new Random(seed);
    double[][] g = new double[steps][size];
    for (double[] row : g) {
      for (int i = 0; i < size; i++) {
        row[i] = random.nextGaussian();
      }
    }
    return g;
  }

  /** Gradients over many magnitudes, with zeros, (steps, size). */
  static double[][] rough(long seed, int steps, int size) {
    Random random = new Random(seed);
    double[][] g = new double[steps][size];
    for (double[] row : g) {
      for (int i = 0; i < size; i++) {
        boolean zero = random.nextInt(8) == 0;
        row[i] = zero ? 0 : random.nextGaussian() * Math.pow(10, random.nextInt(13) - 6);
      }
    }
    return g;
  }

  /** The directions of a fresh rule over a gradient sequence, (steps, size). */
  static double[][] directions(String type, Map<String, Object> settings, double[][] g) {
    return directions(Rules.create(type, settings, g[0].length), g);
  }

  /** The directions of a rule over a gradient sequence, (steps, size). */
  static double[][] directions(Rule rule, double[][] g) {
    double[][] u = new double[g.length][];
    double[] w = new double[g[0].length];
    for (int k = 0; k < g.length; k++) {
      u[k] = rule.step(w, g[k], 0.0, 0.0);
    }
    return u;
  }

  /** One column of gradients, (steps, 1). */
  static double[][] column(double... values) {
    double[][] g = new double[values.length][];
    for (int k = 0; k < values.length; k++) {
      g[k] = new double[] {values[k]};
    }
    return g;
  }

  /** All coordinates of all steps in a row. */
  static double[] flat(double[][] rows) {
    double[] flat = new double[rows.length * rows[0].length];
    for (int k = 0; k < rows.length; k++) {
      System.arraycopy(rows[k], 0, flat, k * rows[0].length, rows[0].length);
    }
    return flat;
  }
}
