package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How large an update can be, on the real kernels (theory.md §1.1). */
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
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT64, new double[SIZE])) {
      double[] g = new double[SIZE];
      for (int k = steps - 1; k >= 0; k--) { // g of k steps before the last is (beta1/beta2)^k
        Arrays.fill(g, Math.pow(beta1 / beta2, k));
        run.step(g, 0, 0);
      }
      assertThat(run.direction(g)[0]).isCloseTo(bound, within(1e-9 * bound));
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void noUpdateExceedsItsBound(Variant variant) {
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT32, new double[SIZE])) {
      double largest = 0;
      double[][] gradients = Gradients.rough(11, 60, SIZE);
      gradients[0] = new double[SIZE]; // 0/0 is 0
      for (int k = 0; k < gradients.length; k++) {
        run.step(gradients[k], 0.01, 0.1);
        for (double u : run.direction(gradients[k])) {
          assertThat(u).isFinite();
          largest = Math.max(largest, Math.abs(u));
        }
      }
      assertThat(largest).isPositive().isLessThanOrEqualTo(bound(variant) * (1 + 1e-5));
    }
  }

  /** sup |u|; infinite where the direction grows with the gradient. */
  private static double bound(Variant variant) {
    var settings = Optimizers.definition(variant.type()).resolve(variant.settings(), "optimizer");
    double beta1 = settings.get("beta1") instanceof Double x ? x : 0;
    double beta2 = settings.get("beta2") instanceof Double x ? x : 0;
    return switch (variant.type()) {
      case "signsgd", "signum", "emasign", "softsign_sgd", "adavar", "lion" -> 1;
      // Equal betas: Cauchy-Schwarz, for weights that add up to at most 1.
      case "adamw", "softsign_adam" -> beta1 == beta2 ? 1 : adam(beta1, beta2);
      case "sgdm" ->
          settings.get("coordinate_clip") instanceof Double c && c > 0
              ? c
              : Double.POSITIVE_INFINITY;
      case "rmsprop" -> 1 / Math.sqrt(1 - beta2);
      default -> Double.POSITIVE_INFINITY;
    };
  }

  private static double adam(double beta1, double beta2) {
    return (1 - beta1) / Math.sqrt((1 - beta2) * (1 - beta1 * beta1 / beta2));
  }

  @Test
  void equalBetasKeepAdamWithinOne() {
    Variant variant = Variant.of("adamw", "eps", 0.0, "bias_correction", false);
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT64, new double[SIZE])) {
      for (double[] g : Gradients.rough(12, 200, SIZE)) {
        run.step(g, 0, 0);
        for (double u : run.direction(g)) {
          assertThat(Math.abs(u)).isLessThanOrEqualTo(1 + 1e-12);
        }
      }
    }
  }
}
