package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.KernelFunction;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import io.adamant.simulate.DirectionExperiment;
import io.adamant.theory.UpdateRms;
import io.adamant.theory.WeightRmsRecursion;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formulas of the rules in text files, held against their kernels on Gaussian gradients. */
class NoiseModelTest {

  private static final int WIDTH = 4096;

  private static Map<String, Object> settings(OptimizerDefinition definition, String pairs) {
    Map<String, Object> given = new HashMap<>();
    for (String pair : pairs.split(" ", -1)) {
      String value = pair.substring(pair.indexOf('=') + 1);
      boolean word = Character.isLetter(value.charAt(0));
      given.put(
          pair.substring(0, pair.indexOf('=')), word ? value : (Object) Double.parseDouble(value));
    }
    return definition.resolve(given, "optimizer");
  }

  private static DirectionExperiment kernel(
      OptimizerDefinition definition, Map<String, Object> settings, double snr) {
    int memory = KernelFunction.memory(definition, settings);
    try (KernelFunction rule = new KernelFunction(definition, settings, WIDTH)) {
      return DirectionExperiment.of(rule, WIDTH, memory, snr, 1, 5);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "nadamw, beta1=0.8 beta2=0.95, 0.4",
    "nadam, beta1=0.8 beta2=0.95 momentum_decay=1, 0.4",
    "nadam, beta1=0.8 beta2=0.95 momentum_decay=0, 0.4",
    "ademamix, beta2=0.95 beta3=0.97 alpha=3, 0.1",
    "adan, beta1=0.9 beta2=0.8 beta3=0.95, 0.4",
    "mars, beta1=0.9 beta2=0.95 gamma=0.1 vectors=mars, -1",
    "adopt, beta2=0.98, 0.4",
    "cautious_adamw, beta1=0.8 beta2=0.95, -1",
    "lion, beta1=0.8 beta2=0.9, 0.4",
    "cautious_lion, beta1=0.8 beta2=0.9, -1"
  })
  void theFormulaIsThatOfTheKernel(String type, String pairs, double snr) {
    OptimizerDefinition definition = Optimizers.definition(type);
    Map<String, Object> settings = settings(definition, pairs);
    UpdateModel model = Predictions.of(type, settings);
    DirectionExperiment noise = kernel(definition, settings, 0);
    assertThat(model.freeRms().orElseThrow() / noise.updateRms().value()).isBetween(0.99, 1.01);
    // A first-order form of the kernel's c, which has an interval of 2 to 4 %.
    assertThat(model.equilibriumWeightRms(1e-4, 0.1).orElseThrow() / noise.weightRms(1e-4, 0.1))
        .isBetween(0.96, 1.04);
    WeightRmsRecursion weights = model.weights(1).orElseThrow();
    for (int k = 0; k < 100_000; k++) {
      weights.advance(0.01, 0.01);
    }
    assertThat(weights.rms() / model.equilibriumWeightRms(0.01, 0.01).orElseThrow())
        .isBetween(0.99, 1.01); // a recursion of first order where the update is no ratio
    if (snr > 0) {
      double still = model.meanSquare(OptionalDouble.of(0), 1, 100_000).orElseThrow();
      assertThat(Math.sqrt(still) / model.freeRms().orElseThrow()).isBetween(0.9999, 1.0001);
      double square = model.meanSquare(OptionalDouble.of(snr), 1, 100_000).orElseThrow();
      double measured = kernel(definition, settings, snr).updateRms().value();
      // Interpolated in the snr; ADOPT's is a mean field.
      assertThat(Math.sqrt(square) / measured).isBetween(0.98, 1.02);
    } else {
      assertThat(model.meanSquare(OptionalDouble.empty(), 1, 9)).isEmpty();
    }
  }

  /** AdEMAMix's slow average is not corrected: it grows from nothing, and weights with it. */
  @Test
  void aSlowAverageGrows() {
    OptimizerDefinition definition = Optimizers.definition("ademamix");
    UpdateModel model = Predictions.of("ademamix", definition.resolve(Map.of(), "optimizer"));
    OptionalDouble snr = OptionalDouble.of(1);
    double early = model.meanSquare(snr, 1, 100).orElseThrow();
    double late = model.meanSquare(snr, 1, 1_000_000).orElseThrow();
    double grown = 1 + 5 * (1 - Math.pow(0.9999, 100));
    double r = UpdateRms.parameterFree(0.9) * UpdateRms.parameterFree(0.9);
    assertThat(early / ((grown * grown + r) / 2)).isBetween(0.995, 1.005);
    assertThat(late / (36.0 / 2)).isBetween(0.99, 1.02);
  }

  @Test
  void aWarmUpOfTheSlowAverageIsSimulated() {
    OptimizerDefinition definition = Optimizers.definition("ademamix");
    try (FusedOptimizer optimizer =
        FusedOptimizer.builder(definition)
            .set("alpha_warmup", 20)
            .set("beta2", 0.9)
            .set("beta3", 0.95)
            .build()) {
      assertThat(Predictions.of(optimizer)).isInstanceOf(SimulatedModel.class);
    }
  }
}
