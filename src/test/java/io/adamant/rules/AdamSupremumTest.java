package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

/** The supremum of Adam's update over all gradient sequences (theory.md §1.1). */
class AdamSupremumTest {
  private static double lastDirection(double beta1, double beta2, double[] g) {
    Map<String, Object> settings =
        Map.of("beta1", beta1, "beta2", beta2, "eps", 0.0, "bias_correction", false);
    double[][] u = RuleRuns.directions("adamw", settings, RuleRuns.column(g));
    return u[u.length - 1][0];
  }

  /** (1−β1)/√(1−β2) · √Σ_{k<t} (β1²/β2)^k. */
  private static double supremum(double beta1, double beta2, int t) {
    double sum = 0;
    for (int k = 0; k < t; k++) {
      sum += Math.pow(beta1 * beta1 / beta2, k);
    }
    return (1 - beta1) / Math.sqrt(1 - beta2) * Math.sqrt(sum);
  }

  /** The sequence that attains it, g_{t−k} ∝ (β1/β2)^k. */
  private static double[] worst(double beta1, double beta2, int t) {
    double[] g = new double[t];
    for (int k = 0; k < t; k++) {
      g[t - 1 - k] = Math.pow(beta1 / beta2, k);
    }
    return g;
  }

  @Property(tries = 200)
  void isReached(
      @ForAll @Scale(5) @DoubleRange(min = 0.3, max = 0.99) double beta1,
      @ForAll @Scale(5) @DoubleRange(min = 0.3, max = 0.99) double beta2,
      @ForAll @IntRange(min = 1, max = 60) int t) {
    double expected = supremum(beta1, beta2, t);
    double reached = lastDirection(beta1, beta2, worst(beta1, beta2, t));
    assertThat(reached / expected).isEqualTo(1, within(1e-11));
  }

  @Property(tries = 200)
  void isNeverExceeded(
      @ForAll long seed,
      @ForAll @Scale(5) @DoubleRange(min = 0, max = 0.99) double beta1,
      @ForAll @Scale(5) @DoubleRange(min = 0.1, max = 0.99) double beta2,
      @ForAll @IntRange(min = 1, max = 60) int t) {
    double[] g = RuleRuns.flat(RuleRuns.rough(seed, t, 1));
    assertThat(Math.abs(lastDirection(beta1, beta2, g)))
        .isLessThanOrEqualTo(supremum(beta1, beta2, t) * (1 + 1e-12));
  }

  /** The numbers of theory.md §1.1. */
  @Test
  void publishedValues() {
    assertThat(reached(0.9, 0.95, 2000)).isEqualTo(1.16, within(0.005));
    assertThat(reached(0.9, 0.999, 2000)).isEqualTo(7.27, within(0.005));
    assertThat(reached(0.95, 0.95, 2000)).isEqualTo(1, within(1e-9));
    assertThat(reached(0.95, 0.8, 50)).isEqualTo(6.4, within(0.05));
    assertThat(reached(0.95, 0.8, 500)).isEqualTo(3.8e12, within(0.05e12));
  }

  private static double reached(double beta1, double beta2, int t) {
    return lastDirection(beta1, beta2, worst(beta1, beta2, t));
  }

  /** From zero without bias correction equal betas stay below √(1−β^t); a constant reaches it. */
  @Property(tries = 100)
  void equalBetasStayInside(
      @ForAll long seed,
      @ForAll @Scale(5) @DoubleRange(min = 0, max = 0.99) double beta,
      @ForAll @IntRange(min = 1, max = 60) int t) {
    double bound = Math.sqrt(1 - Math.pow(beta, t));
    double[] g = RuleRuns.flat(RuleRuns.rough(seed, t, 1));
    assertThat(Math.abs(lastDirection(beta, beta, g))).isLessThanOrEqualTo(bound * (1 + 1e-12));
    assertThat(reached(beta, beta, t)).isEqualTo(bound, within(1e-12));
  }
}
