package io.adamant.rules;

/**
 * The quintic Newton-Schulz iteration of Muon: with X = M/‖M‖_F, repeat A = X Xᵀ, X ← aX + (bA +
 * cA²) X, (a, b, c) = (3.4445, −4.7750, 2.0315) (K. Jordan).
 *
 * <p>Each singular value s moves by s ← as + bs³ + cs⁵, and singular vectors stay. The coefficients
 * trade accuracy for speed: after five steps the values that began above about 0.01 lie near 1
 * (0.68 to 1.14), not at 1.
 */
final class NewtonSchulz {
  private static final double A = 3.4445;
  private static final double B = -4.7750;
  private static final double C = 2.0315;

  private NewtonSchulz() {}

  /**
   * The approximate orthogonal factor U Vᵀ of M = U S Vᵀ.
   *
   * @param matrix M, (rows, cols) row-major, left as it is
   * @return (rows, cols) row-major; zeros for a zero matrix
   */
  static double[] orthogonalize(double[] matrix, int rows, int cols, int steps) {
    if (rows > cols) { // the smaller side makes the smaller A, and O(Mᵀ) = O(M)ᵀ
      double[] o = orthogonalize(transpose(matrix, rows, cols), cols, rows, steps);
      return transpose(o, cols, rows);
    }
    double norm = Clipping.globalNorm(matrix);
    double[] x = new double[matrix.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = GuardedRule.ratio(matrix[i], norm);
    }
    for (int step = 0; step < steps; step++) {
      x = iterate(x, rows, cols);
    }
    return x;
  }

  private static double[] iterate(double[] x, int rows, int cols) {
    double[] a = multiply(x, transpose(x, rows, cols), rows, cols, rows); // (rows, rows)
    double[] a2 = multiply(a, a, rows, rows, rows);
    double[] p = new double[a.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = B * a[i] + C * a2[i];
    }
    double[] next = multiply(p, x, rows, rows, cols);
    for (int i = 0; i < next.length; i++) {
      next[i] += A * x[i];
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
