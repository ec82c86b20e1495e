package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import io.adamant.rules.Rule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the authors' recorded runs do not show. */
class ScheduleFreePlusTest {

  /** The authors' code divides by the size of the gradients, which is 0. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3})
  void gradientsThatHaveAllBeenZeroMoveNothing(double beta) {
    Variant variant = Variant.of("schedulefree_plus", "polyak_beta", beta);
    double[] start = Gradients.row(1, Variant.SIZE);
    double[] w = start.clone();
    Rule rule = variant.rule();
    try (KernelRun run = variant.run(DataType.FLOAT32, start)) {
      for (int k = 0; k < 3; k++) {
        run.step(new double[Variant.SIZE]);
        rule.step(w, new double[Variant.SIZE], ParameterRun.RATE, ParameterRun.DECAY);
        assertThat(run.weights()).containsExactly(start);
        assertThat(w).containsExactly(start);
      }
      double[] g = Gradients.row(2, Variant.SIZE);
      run.step(g);
      rule.step(w, g, ParameterRun.RATE, ParameterRun.DECAY);
      for (int i = 0; i < w.length; i++) {
        assertThat(run.weights()[i]).isFinite().isNotEqualTo(start[i]);
        assertThat(w[i]).isFinite().isNotEqualTo(start[i]);
      }
    }
  }
}
