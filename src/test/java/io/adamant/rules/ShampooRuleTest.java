package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The paper's form, for which there are no recorded runs, and others where a hand can follow. */
class ShampooRuleTest {

  /** L = R = diag(s), s the sum of squares: u = g s^-2e, with the paper's 1/4 Adagrad's. */
  @ParameterizedTest
  @CsvSource({"0.25, 0.5", "0.5, 1.0"})
  void diagonalGradientsGoByAdagrad(double exponent, double power) {
    Rule rule = Rules.create("shampoo", Map.of("exponent", exponent, "eps", 0.0), 2, 2);
    double a = 0;
    double b = 0;
    for (double[] g : new double[][] {{3, 0, 0, -0.5}, {1, 0, 0, 2}, {-2, 0, 0, 0.25}}) {
      a += g[0] * g[0];
      b += g[3] * g[3];
      double[] u = rule.step(new double[4], g, 0, 0);
      double[] expected = {g[0] / Math.pow(a, power), 0, 0, g[3] / Math.pow(b, power)};
      assertThat(u).containsExactly(expected, within(1e-14));
    }
  }

  /** R of a side too long is left out: u = (g g')^-1/4 g; of a row, g / |g|^0.5. */
  @ParameterizedTest
  @CsvSource({"gradient", "preconditioned"})
  void aSideTooLongIsNotMultiplied(String statistics) {
    Map<String, Object> settings =
        Map.of("eps", 0.0, "max_precond_dim", 1.0, "right_statistics", statistics);
    double[] u =
        Rules.create("shampoo", settings, 1, 2).step(new double[2], new double[] {3, 4}, 0, 0);
    assertThat(u).containsExactly(new double[] {3 / Math.sqrt(5), 4 / Math.sqrt(5)}, within(1e-14));
  }
}
