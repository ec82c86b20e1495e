package io.adamant.rules;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;

/** A rule of matrices (rows, cols): arrays are row-major. */
abstract class MatrixRule extends GuardedRule {
  private static final double ROUNDING = 2.2e-16;

  final int rows;
  final int cols;

  /**
   * Takes one shape.
   *
   * @throws IllegalArgumentException if it is no matrix
   */
  MatrixRule(int... shape) {
    super(Rules.size(shape));
    if (shape.length != 2) {
      throw new IllegalArgumentException(
          "shape is " + Arrays.toString(shape) + "; this rule takes matrices");
    }
    rows = shape[0];
    cols = shape[1];
  }

  /** A copy, (rows, cols). */
  final RealMatrix matrix(double[] values) {
    return matrix(values, rows);
  }

  static RealMatrix matrix(double[] values, int rows) {
    int cols = values.length / rows;
    RealMatrix matrix = new Array2DRowRealMatrix(rows, cols);
    for (int i = 0; i < rows; i++) {
      matrix.setRow(i, Arrays.copyOfRange(values, i * cols, (i + 1) * cols));
    }
    return matrix;
  }

  /** Puts a matrix into a state. */
  static void put(RealMatrix matrix, double[] to) {
    for (int i = 0; i < matrix.getRowDimension(); i++) {
      System.arraycopy(
          matrix.getRow(i), 0, to, i * matrix.getColumnDimension(), matrix.getColumnDimension());
    }
  }

  static double[] flat(RealMatrix matrix) {
    double[] values = new double[matrix.getRowDimension() * matrix.getColumnDimension()];
    put(matrix, values);
    return values;
  }

  static RealMatrix diagonal(double... values) {
    return MatrixUtils.createRealDiagonalMatrix(values);
  }

  /**
   * (S + (eps + ridge λ) I)^{−e} of a symmetric matrix with the largest eigenvalue λ. Eigenvalues
   * below 2^−52 λ are rounding, and count as that; 0 to a negative power counts as 0.
   */
  static RealMatrix inverseRoot(RealMatrix s, double eps, double ridge, double exponent) {
    EigenDecomposition eigen = new EigenDecomposition(s);
    double[] values = eigen.getRealEigenvalues();
    double highest = Arrays.stream(values).max().orElseThrow();
    for (int i = 0; i < values.length; i++) {
      double x = Math.max(values[i] + eps + ridge * highest, ROUNDING * highest);
      values[i] = x > 0 ? Math.pow(x, -exponent) : 0;
    }
    return eigen.getV().multiply(diagonal(values)).multiply(eigen.getVT());
  }

  /** Statistics of one side and a matrix made of them: one zero each where the side is too long. */
  class Side {
    final int length;
    final boolean used;
    final double[] statistics;
    final double[] made;

    Side(int length, int longest, String name, String made) {
      this.length = length;
      used = length <= longest;
      int size = used ? length * length : 1;
      statistics = zeros(name, size);
      this.made = zeros(name + "_" + made, size);
    }
  }
}
