package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.adamant.optim.LearningRate;
import io.adamant.train.StepView;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real optimizers on gradients of known mean and deviation: the hook finds them again. */
class GroupStatisticsTest {

  private static final int SIZE = 20_000;
  private static final int BATCH = 16;
  private static final Map<String, Object> ADAM = Map.of("beta1", 0.9, "beta2", 0.95);

  private static GroupStatistics hook(LearningRate rate) {
    return new GroupStatistics(MeasurePlan.of(200, BATCH, 10), SyntheticRun::grouping, rate);
  }

  /** Measured after {@code steps} steps whose gradients have the mean √snr and deviation 1. */
  private static Map<String, Double> after(
      int steps, String type, Map<String, Object> settings, double snr) {
    LearningRate rate = LearningRate.constant(1e-3);
    GroupStatistics hook = hook(rate);
    try (SyntheticRun run = new SyntheticRun(type, settings, rate).with("mlp", SIZE, 1, 1, 0)) {
      hook.begin(run.groups());
      StepView view = run.step(Math.sqrt(snr));
      for (int step = 1; step < steps; step++) {
        view = run.step(Math.sqrt(snr));
      }
      return SyntheticRun.group(hook.observe(view), "mlp");
    }
  }

  /** The simulated update RMS are those of theory.md &sect;4 at (0.9, 0.95). */
  @ParameterizedTest
  @CsvSource({"0, 0.2262", "0.01, 0.2444", "0.1, 0.3623"})
  void adamsUpdateRmsAndSnrAreWhatTheorySays(double snr, double simulated) {
    Map<String, Double> line = after(200, "adamw", ADAM, snr);
    assertThat(line.get("update_rms")).isCloseTo(simulated, withinPercentage(2));
    assertThat(line.get("update_rms") / line.get("update_rms_predicted") - 1)
        .isBetween(-0.053, 0.032);
    assertThat(line.get("update_rms_free")).isCloseTo(Math.sqrt(0.1 / 1.9), within(1e-12));
    assertThat(line.get("snr")).isCloseTo(snr, within(0.003 + 0.08 * snr));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 20})
  void theStartOfTheAveragesIsAccountedFor(int steps) {
    Map<String, Double> line = after(steps, "adamw", ADAM, 0.5);
    assertThat(line.get("snr")).isCloseTo(0.5, within(0.08));
    assertThat(line.get("update_rms"))
        .isCloseTo(line.get("update_rms_predicted"), withinPercentage(5.3));
  }

  @Test
  void sgdHasAnSnrAndNoPrediction() {
    Map<String, Double> line = after(200, "sgdm", Map.of("beta1", 0.9), 0.25);
    assertThat(line.get("snr")).isCloseTo(0.25, within(0.02));
    assertThat(line.get("noise_scale")).isCloseTo(BATCH / line.get("snr"), within(1e-9));
    assertThat(line.get("update_rms")).isCloseTo(Math.sqrt(0.25 + 0.1 / 1.9), withinPercentage(2));
    assertThat(line)
        .containsEntry("update_rms_predicted", null)
        .containsEntry("update_rms_free", null)
        .containsEntry("weight_rms_predicted", null);
  }

  @Test
  void theFirstStepHasNoSnr() {
    Map<String, Double> line = after(1, "adamw", ADAM, 0.5);
    assertThat(line.get("update_rms")).isCloseTo(1, within(1e-4));
    assertThat(line)
        .containsEntry("snr", null)
        .containsEntry("noise_scale", null)
        .containsEntry("update_rms_predicted", null);
  }

  @Test
  void signsAreOneHoweverNoisy() {
    Map<String, Double> signum = after(50, "signum", Map.of("beta1", 0.9), 0.25);
    assertThat(signum)
        .containsEntry("update_rms", 1.0)
        .containsEntry("update_rms_predicted", 1.0)
        .containsEntry("update_rms_free", 1.0);
    assertThat(signum.get("snr")).isCloseTo(0.25, within(0.03));
  }

  @Test
  void rmspropsUpdateIsNearOneAndItsSnrUnknown() {
    Map<String, Double> line = after(200, "rmsprop", Map.of("beta2", 0.95), 0.1);
    assertThat(line.get("update_rms")).isCloseTo(0.9770, withinPercentage(2));
    assertThat(line.get("update_rms_predicted")).isCloseTo(1, within(1e-7));
    assertThat(line).containsEntry("update_rms_free", 1.0).containsEntry("snr", null);
  }

  /** An ε of the gradient's own size: the fluctuation of v matters less, its mean is halved. */
  @Test
  void softSignAdamsEpsilonIsPartOfThePrediction() {
    Map<String, Object> soft = Map.of("beta1", 0.9, "beta2", 0.95, "eps", 1.0);
    Map<String, Double> line = after(200, "softsign_adam", soft, 0.1);
    assertThat(line.get("update_rms"))
        .isCloseTo(line.get("update_rms_predicted"), withinPercentage(3));
    assertThat(line.get("update_rms_predicted"))
        .isCloseTo(Math.sqrt((0.1 + 0.1 / 1.9) / 2.1), withinPercentage(3));
  }

  /**
   * Pure noise with decay and a schedule: 2 % covers theory's 1 % and 20 000 coordinates. Signum's
   * momentum starts at zero, where it turns faster than in theory's stationary state; the warm-up
   * makes that a matter of the first steps.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "adamw",
        "rmsprop",
        "softsign_adam",
        "signum",
        "signsgd",
        "emasign",
        "nadamw",
        "adan",
        "ademamix"
      })
  void weightsOnPureNoiseFollowTheRecursion(String type) {
    Map<String, Object> settings =
        switch (type) {
          case "adamw", "softsign_adam", "nadamw" -> ADAM;
          case "adan" -> Map.of("beta1", 0.9, "beta3", 0.95);
          case "ademamix" -> Map.of("beta2", 0.95, "beta3", 0.995);
          default -> Map.of();
        };
    LearningRate rate =
        step -> 0.03 * Math.min(1, (step + 1) / 40.0) * (1 + Math.cos(Math.PI * step / 250)) / 2;
    GroupStatistics hook = hook(rate);
    try (SyntheticRun run =
        new SyntheticRun(type, settings, rate)
            .with("mlp", SIZE, 0.2, 1, 1.5)
            .with("norm", SIZE, 0.1, 0.5, 0)) {
      hook.begin(run.groups());
      for (int step = 1; step <= 200; step++) {
        StepView view = run.step(0);
        if (hook.wants(step) && step > (type.equals("signum") ? 60 : 0)) {
          Map<String, Object> fields = hook.observe(view);
          for (String group : new String[] {"mlp", "norm", "all"}) {
            Map<String, Double> line = SyntheticRun.group(fields, group);
            assertThat(line.get("weight_rms"))
                .as("%s at step %d", group, step)
                .isCloseTo(line.get("weight_rms_predicted"), withinPercentage(2));
          }
        }
      }
    }
  }

  @Test
  void measuringSeldomPredictsTheSameAsMeasuringOften() {
    LearningRate rate = step -> 1e-2 / (1 + step);
    GroupStatistics often = hook(rate);
    GroupStatistics seldom = hook(rate);
    try (SyntheticRun run = new SyntheticRun("adamw", ADAM, rate).with("mlp", 100, 1, 1, 0.5)) {
      often.begin(run.groups());
      seldom.restore(often.state());
      StepView view = run.step(0);
      for (int step = 1; step < 30; step++) {
        often.observe(view);
        view = run.step(0);
      }
      assertThat(seldom.observe(view)).isEqualTo(often.observe(view));
    }
  }

  @Test
  void groupsPoolTheirParameters() {
    LearningRate rate = LearningRate.constant(1e-3);
    GroupStatistics hook = hook(rate);
    try (SyntheticRun run =
        new SyntheticRun("adamw", ADAM, rate)
            .with("mlp.up", SIZE, 2, 1, 0)
            .with("mlp.down", 3 * SIZE, 1, 1, 0)
            .with("head.weight", SIZE, 1, 1, 0)) {
      StepView view = run.step(0);
      for (int step = 1; step < 100; step++) {
        view = run.step(1, 0, 0);
      }
      Map<String, Object> fields = hook.observe(view);
      assertThat(((Map<?, ?>) fields.get("groups")).keySet().toString())
          .isEqualTo("[all, mlp, head]");
      Map<String, Double> mlp = SyntheticRun.group(fields, "mlp");
      // One coordinate in four has the mean 1; all have the deviation 1.
      assertThat(mlp.get("snr")).isCloseTo(0.25, within(0.03));
      assertThat(SyntheticRun.group(fields, "all").get("snr")).isCloseTo(0.2, within(0.03));
      assertThat(mlp.get("weight_rms")).isCloseTo(Math.sqrt(7 / 4.0), withinPercentage(3));
      // Without a start there is nothing to predict the weights from.
      assertThat(mlp).containsEntry("weight_rms_predicted", null);
    }
  }

  @Test
  void aRateBeyondTheoryIsNotPredicted() {
    LearningRate rate = LearningRate.constant(1e30);
    GroupStatistics hook = hook(rate);
    try (SyntheticRun run = new SyntheticRun("adamw", ADAM, rate).with("mlp", 100, 1, 1, 1)) {
      hook.begin(run.groups());
      run.step(0);
      Map<String, Double> line = SyntheticRun.group(hook.observe(run.step(0)), "mlp");
      assertThat(line).containsEntry("weight_rms_predicted", null);
      assertThat(line.values()).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
    }
  }

  @Test
  void itWantsEveryNthStepAndTheLast() {
    GroupStatistics hook = hook(LearningRate.constant(0));
    assertThat(hook.wants(1)).isFalse();
    assertThat(hook.wants(10)).isTrue();
    assertThat(hook.wants(199)).isFalse();
    assertThat(hook.wants(200)).isTrue();
    assertThat(
            new GroupStatistics(MeasurePlan.of(100, 1, 7), n -> n, LearningRate.constant(0))
                .wants(100))
        .isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeasurePlan.of(1, 1, 0))
        .withMessageContaining("every = 0");
  }
}
