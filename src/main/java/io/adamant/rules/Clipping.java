package io.adamant.rules;

/** The two clippings of the study, in plain doubles (theory.md §1, Gclip and Cclip). */
public final class Clipping {
  private Clipping() {}

  /**
   * The global norm √(Σ over all arrays of x²), free of overflow and underflow.
   *
   * @param gradients one array a parameter
   * @return the norm; NaN if a coordinate is NaN, else infinite if one is infinite
   */
  public static double globalNorm(double[]... gradients) {
    double largest = 0;
    for (double[] g : gradients) {
      for (double x : g) {
        largest = Math.max(largest, Math.abs(x)); // Math.max hands a NaN on
      }
    }
    if (largest == 0 || !Double.isFinite(largest)) {
      return largest;
    }
    double sum = 0;
    for (double[] g : gradients) {
      for (double x : g) {
        sum += (x / largest) * (x / largest);
      }
    }
    return largest * Math.sqrt(sum);
  }

  /**
   * Global-norm clipping: g ← min(1, c/‖g‖₂) g, with one norm over all parameters.
   *
   * @param maxNorm c, positive
   * @param gradients one array a parameter, scaled in place; left alone if the norm is not finite,
   *     so that the rule's guard sees why
   * @return ‖g‖₂ before clipping
   * @throws IllegalArgumentException if maxNorm is not a positive finite number
   */
  public static double clipGlobalNorm(double maxNorm, double[]... gradients) {
    requirePositive("maxNorm", maxNorm);
    double norm = globalNorm(gradients);
    if (norm > maxNorm && Double.isFinite(norm)) {
      double factor = maxNorm / norm;
      for (double[] g : gradients) {
        for (int i = 0; i < g.length; i++) {
          g[i] *= factor;
        }
      }
    }
    return norm;
  }

  /**
   * Coordinate clipping: clip(x, −c, c).
   *
   * @param x values, left as they are
   * @param limit c, positive
   * @return the clipped values, a new array; a NaN stays NaN
   * @throws IllegalArgumentException if limit is not a positive finite number
   */
  public static double[] coordinates(double[] x, double limit) {
    requirePositive("limit", limit);
    double[] clipped = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      clipped[i] = Math.max(-limit, Math.min(limit, x[i]));
    }
    return clipped;
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be finite and > 0");
    }
  }
}
