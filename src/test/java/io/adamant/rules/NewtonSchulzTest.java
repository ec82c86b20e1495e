package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Muon's orthogonal factor and scale, against a singular value decomposition. */
class NewtonSchulzTest {
  /** Singular vectors stay and each singular value moves by the scalar quintic. */
  @ParameterizedTest
  @CsvSource({"4,4", "3,7", "7,3", "1,5", "5,1"})
  void movesTheSingularValuesOnly(int rows, int cols) {
    double[] x = RuleRuns.normal(rows * 31L + cols, 1, rows * cols)[0];
    SingularValueDecomposition svd = new SingularValueDecomposition(matrix(x, rows, cols));
    double[] s = svd.getSingularValues();
    double norm = Clipping.globalNorm(s);
    RealMatrix moved = svd.getS().copy();
    for (int i = 0; i < s.length; i++) {
      double value = s[i] / norm;
      for (int step = 0; step < 5; step++) {
        double square = value * value;
        value *= 3.4445 - 4.7750 * square + 2.0315 * square * square;
      }
      moved.setEntry(i, i, value);
      assertThat(value).isBetween(0.68, 1.14);
    }
    RealMatrix expected = svd.getU().multiply(moved).multiply(svd.getVT());
    double[] o = new NewtonSchulz(5, 0, false).orthogonalize(x, rows, cols);
    assertThat(o).containsExactly(flat(expected), within(1e-12));
  }

  @Test
  void aZeroMatrixGivesZeros() {
    assertThat(new NewtonSchulz(5, 0, false).orthogonalize(new double[6], 2, 3)).containsOnly(0.0);
  }

  /** The scale √max(rows, cols) brings the RMS of u to rms_scale, up to Newton-Schulz's error. */
  @ParameterizedTest
  @CsvSource({"16,16", "8,32", "32,8"})
  void theRmsOfTheDirectionIsTheScaleAsked(int rows, int cols) {
    double[] g = RuleRuns.normal(3, 1, rows * cols)[0];
    double[] u = Rules.create("muon", Map.of(), rows, cols).step(new double[g.length], g, 0, 0);
    assertThat(Clipping.globalNorm(u) / Math.sqrt(u.length)).isEqualTo(0.2, within(0.03));
  }

  /** A vector or a stack of matrices takes AdamW with the adam_ settings. */
  @Test
  void whatIsNoMatrixTakesAdam() {
    double[][] g = RuleRuns.normal(4, 20, 12);
    Map<String, Object> muon = Map.of("adam_beta1", 0.8, "adam_beta2", 0.9, "adam_eps", 0.01);
    Map<String, Object> adam = Map.of("beta1", 0.8, "beta2", 0.9, "eps", 0.01);
    double[][] expected = RuleRuns.directions("adamw", adam, g);
    assertThat(RuleRuns.directions(Rules.create("muon", muon, 12), g)).isDeepEqualTo(expected);
    assertThat(RuleRuns.directions(Rules.create("muon", muon, 2, 2, 3), g)).isDeepEqualTo(expected);
  }

  private static RealMatrix matrix(double[] x, int rows, int cols) {
    RealMatrix matrix = new Array2DRowRealMatrix(rows, cols);
    for (int i = 0; i < x.length; i++) {
      matrix.setEntry(i / cols, i % cols, x[i]);
    }
    return matrix;
  }

  private static double[] flat(RealMatrix matrix) {
    return RuleRuns.flat(matrix.getData());
  }
}
