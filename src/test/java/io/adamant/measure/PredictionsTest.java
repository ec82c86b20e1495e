package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.adamant.optim.LearningRate;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import io.adamant.theory.CautiousUpdate;
import io.adamant.theory.Equilibrium;
import io.adamant.theory.NoiseUpdate;
import io.adamant.theory.RatioUpdate;
import io.adamant.theory.SignUpdate;
import io.adamant.theory.UpdateRms;
import io.adamant.theory.WeightRmsRecursion;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PredictionsTest {

  private static final long LATE = 100_000;

  private static Map<String, Object> adam(Object... more) {
    return with(
        Map.of("beta1", 0.9, "beta2", 0.95, "eps", 0.0, "bias_correction", true, "init", "zero"),
        more);
  }

  private static Map<String, Object> with(Map<String, Object> settings, Object... more) {
    Map<String, Object> all = new HashMap<>(settings);
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    return all;
  }

  private static double rms(UpdateModel model, double snr, double gradientSquare, long step) {
    return Math.sqrt(model.meanSquare(OptionalDouble.of(snr), gradientSquare, step).orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({"0", "0.01", "0.1", "1", "10"})
  void adamIsTheMeanFieldOfTheory(double snr) {
    UpdateModel model = Predictions.of("adamw", adam());
    assertThat(rms(model, snr, 3, LATE)).isCloseTo(UpdateRms.meanField(0.9, snr), within(1e-12));
    assertThat(rms(model, -0.01, 3, LATE)).isEqualTo(rms(model, 0, 3, LATE));
    assertThat(model.freeRms().orElseThrow()).isCloseTo(Math.sqrt(0.1 / 1.9), within(1e-15));
    assertThat(model.meanSquare(OptionalDouble.empty(), 3, LATE)).isEmpty();
  }

  @Test
  void adamStartsAsItsAveragesDo() {
    // With bias correction the first update is a sign; without, (1 - beta1)/sqrt(1 - beta2) of one.
    assertThat(rms(Predictions.of("adamw", adam()), 0.3, 5, 1)).isCloseTo(1, within(1e-12));
    UpdateModel raw = Predictions.of("adamw", adam("bias_correction", false));
    assertThat(rms(raw, 0.3, 5, 1)).isCloseTo(0.1 / Math.sqrt(0.05), within(1e-12));
    // From the first gradient both averages are that gradient, whatever the flag says.
    UpdateModel gradient = Predictions.of("adamw", adam("init", "gradient"));
    assertThat(rms(gradient, 0.3, 5, 1)).isCloseTo(1, within(1e-12));
    assertThat(rms(gradient, 0.3, 5, 2)).isLessThan(1);
  }

  @Test
  void epsilonShrinksTheUpdateWhereItIsNotSmall() {
    double free = UpdateRms.parameterFree(0.9);
    UpdateModel outside = Predictions.of("adamw", adam("eps", 1.0));
    UpdateModel inside = Predictions.of("softsign_adam", adam("eps", 1.0, "denominator", "inside"));
    assertThat(rms(outside, 0, 1, LATE)).isCloseTo(free / 2, within(1e-12));
    assertThat(rms(inside, 0, 1, LATE)).isCloseTo(free / Math.sqrt(2), within(1e-12));
  }

  @Test
  void withoutMomentumTheUpdateIsOneAndTheSnrUnknown() {
    UpdateModel rmsprop =
        Predictions.of("rmsprop", Map.of("beta2", 0.95, "eps", 0.0, "bias_correction", true));
    assertThat(rmsprop.meanSquare(OptionalDouble.empty(), 4, LATE)).hasValue(1);
    assertThat(rmsprop.freeRms()).hasValue(1);
    assertThat(rmsprop.average().orElseThrow().split(1, 1, LATE).snr()).isEmpty();
  }

  @Test
  void signsHaveUnitRms() {
    UpdateModel signum = Predictions.of("signum", Map.of("beta1", 0.9, "init", "zero"));
    assertThat(signum.meanSquare(OptionalDouble.empty(), 4, 1)).hasValue(1);
    assertThat(signum.freeRms()).hasValue(1);
    assertThat(Predictions.of("signsgd", Map.of()).freeRms()).hasValue(1);
    UpdateModel lion = Predictions.of("lion", Map.of("beta1", 0.9, "beta2", 0.99));
    assertThat(lion.freeRms()).hasValue(1);
    assertThat(lion.average()).contains(new GradientAverage(0.99, false));
    assertThat(lion.meanSquare(OptionalDouble.empty(), 4, 1)).hasValue(1);
    assertThat(lion.weights(1)).isPresent();
    UpdateModel mollified =
        Predictions.of("signum", Map.of("beta1", 0.9, "init", "gradient", "mollifier", 0.1));
    assertThat(mollified.freeRms()).isEmpty();
    assertThat(mollified.average()).contains(new GradientAverage(0.9, true));
  }

  @Test
  void weightsAreThoseOfTheoryOnPureNoise() {
    assertSameWalk(Predictions.of("adamw", adam()), WeightRmsRecursion.adamw(0.9, 0.95, 0, 0.02));
    assertSameWalk(
        Predictions.of("signum", Map.of("beta1", 0.9, "init", "zero")),
        WeightRmsRecursion.signum(0.9, 0, 0.02));
    assertSameWalk(Predictions.of("signsgd", Map.of()), WeightRmsRecursion.signum(0, 0, 0.02));
    assertThat(Predictions.of("adamw", adam("bias_correction", false)).weights(1)).isEmpty();
  }

  private static void assertSameWalk(UpdateModel model, WeightRmsRecursion expected) {
    WeightRmsRecursion actual = model.weights(0.02).orElseThrow();
    for (int step = 0; step < 50; step++) {
      assertThat(actual.advance(0.01, 0.5)).isEqualTo(expected.advance(0.01, 0.5));
    }
  }

  @Test
  void dampeningSaysWhetherMomentumIsAnAverage() {
    assertThat(Predictions.of("sgdm", Map.of("beta1", 0.9)).average())
        .contains(new GradientAverage(0.9, false));
    assertThat(Predictions.of("sgdm", Map.of("beta1", 0.9, "dampening", "ema")).average())
        .contains(new GradientAverage(0.9, false));
    assertThat(Predictions.of("sgdm", Map.of("beta1", 0.9, "dampening", 0.9)).average())
        .contains(new GradientAverage(0.9, true));
    assertThat(Predictions.of("sgdm", Map.of("beta1", 0.9, "dampening", 0.0)).average()).isEmpty();
    assertThat(Predictions.of("muon", Map.of("beta1", 0.95, "adam_beta1", 0.9)).average())
        .isEmpty();
  }

  @Test
  void anUnknownOptimizerIsNotPredicted() {
    UpdateModel model = Predictions.of("somebody's own", Map.of("beta1", 0.9));
    assertThat(model.average()).isEmpty();
    assertThat(model.meanSquare(OptionalDouble.of(1), 1, 10)).isEmpty();
    assertThat(model.freeRms()).isEmpty();
    assertThat(model.weights(1)).isEmpty();
  }

  static Stream<OptimizerDefinition> registered() {
    return Optimizers.all().stream();
  }

  /** The table reads settings by name: one that was renamed would silently count as absent. */
  @ParameterizedTest
  @MethodSource("registered")
  void theTableReadsTheSettingsThatOptimizersHave(OptimizerDefinition definition) {
    String type = definition.type();
    UpdateModel model = Predictions.of(type, definition.resolve(Map.of(), "optimizer"));
    switch (type) {
      case "adamw" -> assertThat(model).isEqualTo(adamModel(0.95, false));
      case "softsign_adam" -> assertThat(model).isEqualTo(adamModel(0.95, true));
      case "rmsprop" -> assertThat(model).isEqualTo(adamModel(0, false));
      case "signum" ->
          assertThat(model).isEqualTo(new SignModel(zeroStart(0.95), OptionalDouble.of(0.95)));
      case "signsgd" ->
          assertThat(model).isEqualTo(new SignModel(Optional.empty(), OptionalDouble.of(0)));
      case "lion", "cautious_lion" ->
          assertNoise(model, SignUpdate.lion(0.9, 0.99, type.startsWith("cautious")), 0.99);
      case "cautious_adamw" -> assertNoise(model, new CautiousUpdate(0.9, 0.999), 0.9);
      case "nadamw", "nadam" -> assertNoise(model, RatioUpdate.nadamw(0.9, 0.999), 0.9);
      case "ademamix" -> assertNoise(model, RatioUpdate.ademamix(0.9, 0.999, 0.9999, 5), 0.9);
      case "adan" -> assertNoise(model, RatioUpdate.adan(0.98, 0.92, 0.99), 0.98);
      case "adopt" -> assertNoise(model, Equilibrium.adopt(0.9, 0.9999), 0);
      case "mars" -> {
        assertThat(model).isSameAs(UpdateModel.UNKNOWN);
        Map<String, Object> all = definition.resolve(Map.of("vectors", "mars"), "optimizer");
        assertNoise(Predictions.of(type, all), RatioUpdate.mars(0.95, 0.99, 0.025), 0);
      }
      case "emasign" -> assertThat(model.freeRms()).hasValue(UpdateRms.parameterFree(0.95));
      case "sgdm" -> assertThat(model.average()).isEqualTo(zeroStart(0.9));
      case "adavar", "muon" -> assertThat(model.average()).isEqualTo(zeroStart(0.95));
      default -> assertThat(model).isSameAs(UpdateModel.UNKNOWN);
    }
    boolean hasMomentum = model.average().map(average -> average.beta() > 0).orElse(false);
    assertThat(!hasMomentum || definition.states().contains("m")).isTrue();
  }

  /** Of this update, and of this average where beta is not 0. */
  private static void assertNoise(UpdateModel model, NoiseUpdate update, double beta) {
    assertThat(model.freeRms().orElseThrow()).isCloseTo(update.rms(), within(1e-12));
    assertThat(model.equilibriumWeightRms(0.01, 0.1).orElseThrow())
        .isCloseTo(update.weightRms(0.01, 0.1), within(1e-12));
    assertThat(model.average()).isEqualTo(beta > 0 ? zeroStart(beta) : Optional.empty());
  }

  private static AdamModel adamModel(double beta1, boolean epsInside) {
    return new AdamModel(beta1, 0.95, 1e-8, epsInside, true, false);
  }

  private static Optional<GradientAverage> zeroStart(double beta) {
    return Optional.of(new GradientAverage(beta, false));
  }

  /** AdamW's formulas are not those of its Nesterov form: NAdamW's are, or its Monte Carlo. */
  @Test
  void whatTheDirectionIsGivenCounts() {
    Map<String, Object> betas = Map.of("beta1", 0.9, "beta2", 0.95);
    LearningRate rate = LearningRate.constant(0.1);
    UpdateModel ahead =
        Predictions.of(Optimizers.create("adamw", with(betas, "momentum", "nesterov"), rate, 0));
    UpdateModel nadamw = Predictions.of(Optimizers.create("nadamw", betas, rate, 0));
    double plain =
        Predictions.of(Optimizers.create("adamw", betas, rate, 0)).freeRms().orElseThrow();
    assertThat(ahead.adam()).isEmpty();
    assertThat(ahead.freeRms().orElseThrow())
        .isCloseTo(nadamw.freeRms().orElseThrow(), withinPercentage(2))
        .isNotCloseTo(plain, withinPercentage(4));
  }
}
