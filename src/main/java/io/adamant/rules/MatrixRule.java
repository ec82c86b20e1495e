package io.adamant.rules;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;

/** A rule of matrices (rows, cols): arrays are row-major. */
abstract class MatrixRule extends GuardedRule {
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
}
