package io.adamant.rules;

/**
 * The Newton-Schulz iteration of Muon: with X = M/(‖M‖_F + ε), repeat A = X Xᵀ, X ← aX + (bA + cA²)
 * X.
 *
 * <p>Each singular value s moves by s ← as + bs³ + cs⁵, and singular vectors stay. K. Jordan's (a,
 * b, c) = (3.4445, −4.7750, 2.0315) trade accuracy for speed: after five steps the values that
 * began above about 0.01 lie near 1 (0.68 to 1.14), not at 1. With (2, −1.5, 0.5),
 * modded-nanogpt's, s = 1 is a fixed point that attracts quadratically; small values only double in
 * a step, so that it takes about twelve.
 *
 * @param steps repetitions
 * @param eps ε; 0 for none, when a zero matrix gives zeros
 * @param convergent whether singular values go to 1
 */
record NewtonSchulz(int steps, double eps, boolean convergent) {
  private static final double[] FAST = {3.4445, -4.7750, 2.0315};
  private static final double[] CONVERGENT = {2, -1.5, 0.5};

  /** The settings {@code ns_steps}, {@code ns_eps} and {@code iteration} of published rules. */
  static NewtonSchulz read(Settings settings) {
    return new NewtonSchulz(
        settings.count("ns_steps", 5),
        settings.nonNegative("ns_eps", 1e-7),
        settings.choice("iteration", "fast", "convergent").equals("convergent"));
  }

  /** √max(1, rows/cols), by which Jordan multiplies the factor. */
  static double originalScale(int rows, int cols) {
    return Math.sqrt(Math.max(1, rows / (double) cols));
  }

  /**
   * The approximate orthogonal factor U Vᵀ of M = U S Vᵀ.
   *
   * @param matrix M, (rows, cols) row-major, left as it is
   * @return (rows, cols) row-major; zeros for a zero matrix
   */
  double[] orthogonalize(double[] matrix, int rows, int cols) {
    if (rows > cols) { // the smaller side makes the smaller A, and O(Mᵀ) = O(M)ᵀ
      return transpose(orthogonalize(transpose(matrix, rows, cols), cols, rows), cols, rows);
    }
    double norm = Clipping.globalNorm(matrix);
    double[] x = new double[matrix.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = GuardedRule.ratio(matrix[i], norm + eps);
    }
    for (int step = 0; step < steps; step++) {
      x = iterate(x, rows, cols);
    }
    return x;
  }

  private double[] iterate(double[] x, int rows, int cols) {
    double[] f = convergent ? CONVERGENT : FAST;
    double[] a = multiply(x, transpose(x, rows, cols), rows, cols, rows); // (rows, rows)
    double[] a2 = multiply(a, a, rows, rows, rows);
    double[] p = new double[a.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = f[1] * a[i] + f[2] * a2[i];
    }
    double[] next = multiply(p, x, rows, rows, cols);
    for (int i = 0; i < next.length; i++) {
      next[i] += f[0] * x[i];
    }
    return next;
  }

  /** (n, k) times (k, m) is (n, m). */
  private static double[] multiply(double[] left, double[] right, int n, int k, int m) {
    double[] product = new double[n * m];
    for (int i = 0; i < n; i++) {
      for (int l = 0; l < k; l++) {
        double x = left[i * k + l];
        for (int j = 0; j < m; j++) {
          product[i * m + j] += x * right[l * m + j];
        }
      }
    }
    return product;
  }

  private static double[] transpose(double[] x, int rows, int cols) {
    double[] t = new double[x.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        t[j * rows + i] = x[i * cols + j];
      }
    }
    return t;
  }
}
