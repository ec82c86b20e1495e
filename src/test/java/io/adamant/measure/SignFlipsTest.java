package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.optim.LearningRate;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import io.adamant.train.StepView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How often the momentum of real optimizers changes its sign, through the real hook. */
class SignFlipsTest {

  private static final int SIZE = 20_000;

  private interface Mean {
    double at(int step);
  }

  private interface Steps {
    StepView take(SyntheticRun run, int step);
  }

  /** The line of the last of some steps with gradients of deviation 1. */
  private static Map<String, Double> line(
      String type, Map<String, Object> settings, int steps, Mean mean) {
    return line(type, settings, steps, (Steps) (run, step) -> run.step(mean.at(step)));
  }

  private static Map<String, Double> line(
      String type, Map<String, Object> settings, int steps, Steps take) {
    LearningRate rate = LearningRate.constant(1e-3);
    GroupStatistics hook =
        new GroupStatistics(MeasurePlan.of(steps, 16, steps), SyntheticRun::grouping, rate);
    try (SyntheticRun run = new SyntheticRun(type, settings, rate).with("mlp", SIZE, 1, 1, 0)) {
      StepView view = null;
      for (int step = 1; step <= steps; step++) {
        view = take.take(run, step);
      }
      return SyntheticRun.group(hook.observe(view), "mlp");
    }
  }

  /** Four standard errors of a share of SIZE independent coordinates. */
  private static double noise(double share) {
    return 4 * Math.sqrt(share * (1 - share) / SIZE);
  }

  @ParameterizedTest
  @CsvSource({
    "adamw, beta1, 0.8, 30, 0.2048",
    "signum, beta1, 0.9, 60, 0.1436",
    "sgdm, beta1, 0.95, 120, 0.1011",
    "lion, beta2, 0.975, 250, 0.0713",
  })
  void onWhiteNoiseItIsTheArcOfTheCorrelation(
      String type, String key, double beta, int steps, double expected) {
    Map<String, Double> line = line(type, Map.of(key, beta), steps, step -> 0);
    assertThat(line.get("sign_flips_predicted")).isCloseTo(expected, within(5e-5));
    assertThat(line.get("sign_flips")).isCloseTo(expected, within(noise(expected)));
  }

  /** Averages that are not filled yet, and starts from the first gradient. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 6})
  void theStartIsAccountedFor(int steps) {
    for (Map<String, Object> settings :
        List.<Map<String, Object>>of(
            Map.of("beta1", 0.95), Map.of("beta1", 0.95, "dampening", 0.5))) {
      Map<String, Double> line = line("sgdm", settings, steps, step -> 0);
      double predicted = line.get("sign_flips_predicted");
      assertThat(line.get("sign_flips")).isCloseTo(predicted, within(noise(predicted)));
    }
    Map<String, Double> first =
        line("signum", Map.of("beta1", 0.9, "init", "gradient"), steps, step -> 0);
    double predicted = first.get("sign_flips_predicted");
    assertThat(first.get("sign_flips")).isCloseTo(predicted, within(noise(predicted)));
  }

  @Test
  void aMeanLowersItAndOscillationRaisesIt() {
    Map<String, Object> settings = Map.of("beta1", 0.9);
    double mean = line("adamw", settings, 60, step -> 0.3).get("sign_flips");
    double turning = line("adamw", settings, 60, step -> step % 2 == 0 ? 3 : -3).get("sign_flips");
    // m has the mean 0.3 and deviation 0.23, or turns by 3 (1 - beta1)/(1 + beta1) = 0.16
    assertThat(mean).isBetween(0.02, 0.09);
    assertThat(turning).isBetween(0.25, 0.7);
  }

  /**
   * Gradients whose size varies leave most momenta as they were; but where a gradient comes once in
   * ten steps and is zero else, it meets a momentum that has faded, of the variance r/10.
   */
  @Test
  void varyingSizesLowerItAndRareGradientsRaiseIt() {
    Map<String, Object> settings = Map.of("beta1", 0.9);
    double noise = Math.acos(0.9) / Math.PI;
    double varying =
        line("adamw", settings, 60, (Steps) (run, step) -> run.stepOfTwo(0.1, 0.01))
            .get("sign_flips");
    assertThat(varying).isLessThan(0.4 * noise);
    double rare =
        line("adamw", settings, 60, (Steps) (run, step) -> run.stepOfTwo(0.1, 0)).get("sign_flips");
    assertThat(rare).isBetween(1.5 * noise, 0.4);
  }

  /** Signs are larger against their mean square than normal gradients, and turn m more often. */
  @ParameterizedTest
  @ValueSource(doubles = {0.9, 0.95})
  void anAverageOfSignsTurnsMoreOften(double beta) {
    Map<String, Double> line = line("emasign", Map.of("beta1", beta), 120, step -> 0);
    double predicted = line.get("sign_flips_predicted");
    assertThat(predicted / (Math.acos(beta) / Math.PI)).isBetween(1.2, 1.3);
    assertThat(line.get("sign_flips"))
        .isCloseTo(predicted, within(0.01 * predicted + noise(predicted)));
  }

  @Test
  void whatCannotBeToldIsNull() {
    assertThat(line("rmsprop", Map.of(), 3, step -> 0)).containsEntry("sign_flips", null);
    assertThat(line("adopt", Map.of(), 3, step -> 0))
        .containsEntry("sign_flips", null)
        .containsEntry("sign_flips_predicted", null);
    assertThat(line("adamw", Map.of("beta1", 0.0), 3, step -> 0)).containsEntry("sign_flips", null);
    assertThat(line("adamw", Map.of(), 1, step -> 0)).containsEntry("sign_flips", null);
  }

  /** Coordinates without a gradient, and those that had no momentum before the step. */
  @Test
  void zerosAreLeftOut() {
    double[] beforeStep = {1, 1, 1, 0, 0, -2, 3, 1};
    double[] gradient = {-20, -5, 0, 7, 0, 30, -1e-3, -9.5};
    float[] after = new float[8];
    float[] g = new float[8];
    for (int i = 0; i < 8; i++) {
      g[i] = (float) gradient[i];
      after[i] = (float) (0.9 * beforeStep[i] + 0.1 * gradient[i]);
    }
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      Kernels kernels = new Kernels(manager);
      NDArray m = manager.create(after, new Shape(8));
      double[] row =
          kernels
              .moments(
                  manager,
                  new NDList(m),
                  new NDList(),
                  new NDList(manager.create(g, new Shape(8))),
                  1,
                  1,
                  Optional.of(new MomentumKind(0.9, 0.1, 0.1, false)),
                  false)
              .toDoubleArray();
      MixedMoments moments = MixedMoments.of(row, 0);
      assertThat(moments.signed()).isEqualTo(5); // all but three
      assertThat(moments.flipped()).isEqualTo(3); // -20, 30, -9.5
    }
  }

  /** Each rule's kernel does what is read from its statements: m from m before and g. */
  @Test
  @Tag("slow")
  void everyRuleWithSuchAnAverageHasTheStepThatIsUndone() {
    int told = 0;
    for (OptimizerDefinition rule : Optimizers.all()) {
      told += follows(rule.type()) ? 1 : 0;
    }
    assertThat(told).isGreaterThan(15);
  }

  private static boolean follows(String type) {
    LearningRate rate = LearningRate.constant(1e-3);
    try (SyntheticRun run = new SyntheticRun(type, Map.of(), rate).with("mlp", 64, 1, 1, 0)) {
      var state = run.groups().get(0).state();
      Optional<MomentumKind> kind = Predictions.momentum(run.groups().get(0).optimizer());
      int m = state.states().indexOf("m");
      if (kind.isEmpty() || m < 0) {
        return false;
      }
      run.step(0);
      run.step(0);
      float[] before = state.tensors().get(m).get(0).toFloatArray();
      run.step(0);
      float[] after = state.tensors().get(m).get(0).toFloatArray();
      float[] g = run.groups().get(0).gradients().get(0).toFloatArray();
      for (int i = 0; i < g.length; i++) {
        double x = kind.get().ofSigns() ? Math.signum(g[i]) : g[i];
        assertThat((double) after[i])
            .as(type)
            .isCloseTo(kind.get().beta() * before[i] + kind.get().share() * x, within(1e-5));
      }
      return true;
    }
  }
}
