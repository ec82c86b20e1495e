package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.optim.LearningRate;
import io.adamant.train.StepView;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each factor is 1 where its assumption holds, and the one whose assumption is broken is not. */
class AssumptionsTest {

  private static final int SIZE = 30_000;
  private static final int STEPS = 200;

  /** One measurement knows an snr of 0.25 to 4 %, which is 1.3 % of the update RMS: three of it. */
  private static final double TOLERANCE = 0.04;

  private interface Mean {
    double at(int step);
  }

  private static Map<String, Double> line(Map<String, Object> settings, Mean mean) {
    return line(settings, mean, mean);
  }

  /** The coordinates of two tensors, each with the deviation 1 and a mean of its own. */
  private static Map<String, Double> line(Map<String, Object> settings, Mean mean, Mean other) {
    LearningRate rate = LearningRate.constant(1e-3);
    GroupStatistics hook =
        new GroupStatistics(MeasurePlan.of(STEPS, 16, STEPS), SyntheticRun::grouping, rate);
    try (SyntheticRun run =
        new SyntheticRun("adamw", settings, rate)
            .with("mlp.a", SIZE, 1, 1, 0)
            .with("mlp.b", SIZE, 1, 1, 0)) {
      StepView view = null;
      for (int step = 1; step <= STEPS; step++) {
        view = run.stepInParts(hook, 8, mean.at(step), other.at(step));
      }
      return SyntheticRun.group(hook.observe(view), "mlp");
    }
  }

  private static Map<String, Object> betas(double eps) {
    return Map.of("beta1", 0.9, "beta2", 0.95, "eps", eps);
  }

  @Test
  void whereAllOfThemHoldEachIsOne() {
    Map<String, Double> line = line(betas(0), step -> 0.5);
    assertThat(line.get("factor_time")).isCloseTo(1, within(TOLERANCE));
    assertThat(line.get("factor_coordinates")).isCloseTo(1, within(0.01));
    assertThat(line.get("factor_eps")).isCloseTo(1, within(1e-6));
    assertThat(line.get("persistence")).isCloseTo(1, within(0.15));
    assertThat(line.get("update_rms_residual")).isCloseTo(0, within(TOLERANCE));
  }

  /** The mean turns at each step: momentum sees none of the signal that single gradients have. */
  @Test
  void aMeanThatTurnsIsAMatterOfTime() {
    Map<String, Double> line = line(betas(0), step -> step % 2 == 0 ? 0.5 : -0.5);
    assertThat(line.get("snr_micro")).isCloseTo(0.25, within(0.03));
    assertThat(line.get("persistence")).isBetween(-0.15, -0.0); // -(1 - beta1)/(1 + beta1) = -0.053
    assertThat(line.get("factor_time")).isBetween(0.4, 0.55); // sqrt(r (s + 1)/(s + r)) = 0.47
    assertThat(line.get("factor_coordinates")).isCloseTo(1, within(0.03));
    assertThat(line.get("update_rms_residual")).isLessThan(-0.4);
  }

  /** An ε as large as √v halves the update, and nothing else is to blame. */
  @Test
  void aLargeEpsilonIsAMatterOfEpsilon() {
    Map<String, Double> line = line(betas(1.0), step -> 0);
    assertThat(line.get("factor_eps")).isCloseTo(0.5, within(0.02));
    assertThat(line.get("factor_coordinates")).isCloseTo(1, within(0.02));
  }

  /** Half of the coordinates have all of the signal: their updates are near 1 and cannot grow. */
  @Test
  void aRatioThatDiffersIsAMatterOfCoordinates() {
    Map<String, Double> line = line(betas(0), step -> 2, step -> 0);
    assertThat(line.get("factor_time")).isCloseTo(1, within(TOLERANCE));
    assertThat(line.get("persistence")).isCloseTo(1, within(0.15));
    // sqrt((4 + r)/5 + r) / sqrt 2 over sqrt((2 + r)/3), r = 0.0526
    assertThat(line.get("factor_coordinates")).isCloseTo(0.789, within(0.02));
  }
}
