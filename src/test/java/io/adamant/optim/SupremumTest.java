package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How large an update of Adam can be, on the real kernel (theory.md §1.1); {@link
 * OptimizerContractTest} holds all optimizers to their bounds.
 */
class SupremumTest {
  private static final int SIZE = Variant.SIZE;

  /** beta1, beta2, steps, and the bound as theory.md prints it. */
  @ParameterizedTest
  @CsvSource({"0.95,0.95,400,1.0", "0.9,0.95,400,1.16", "0.9,0.999,3000,7.27", "0.95,0.8,50,6.4"})
  void adamAttainsItsBoundOnTheWorstGradients(
      double beta1, double beta2, int steps, double printed) {
    Variant variant =
        Variant.of("adamw", "beta1", beta1, "beta2", beta2, "eps", 0.0, "bias_correction", false);
    double sum = 0;
    for (int k = 0; k < steps; k++) {
      sum += Math.pow(beta1 * beta1 / beta2, k);
    }
    double bound = (1 - beta1) / Math.sqrt(1 - beta2) * Math.sqrt(sum);
    assertThat(bound).isCloseTo(printed, within(0.01 * printed));
    try (KernelRun run = variant.run(DataType.FLOAT64, new double[SIZE])) {
      double[] g = new double[SIZE];
      for (int k = steps - 1; k >= 0; k--) { // g of k steps before the last is (beta1/beta2)^k
        Arrays.fill(g, Math.pow(beta1 / beta2, k));
        run.step(g, 1, 0, 0);
      }
      assertThat(run.direction(g)[0]).isCloseTo(bound, within(1e-9 * bound));
    }
  }

  @Test
  void equalBetasKeepAdamWithinOne() {
    Variant variant = Variant.of("adamw", "eps", 0.0, "bias_correction", false);
    try (KernelRun run = variant.run(DataType.FLOAT64, new double[SIZE])) {
      for (double[] g : Gradients.rough(12, 200, SIZE)) {
        run.step(g, 1, 0, 0);
        for (double u : run.direction(g)) {
          assertThat(Math.abs(u)).isLessThanOrEqualTo(1 + 1e-12);
        }
      }
    }
  }
}
