package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The Monte Carlo of a kernel, held against the formulas of the rules that have some. */
class SimulatedModelTest {

  private static UpdateModel simulated(String type, Map<String, Object> settings) {
    OptimizerDefinition definition = Optimizers.definition(type);
    return SimulatedModel.of(definition, definition.resolve(settings, "optimizer"));
  }

  @Test
  void adamsUpdatesAndWeightsAreThoseOfItsFormulas() {
    Map<String, Object> settings = Map.of("beta1", 0.9, "beta2", 0.95);
    OptimizerDefinition adamw = Optimizers.definition("adamw");
    UpdateModel formula = Predictions.of("adamw", adamw.resolve(settings, "optimizer"));
    UpdateModel kernel = simulated("adamw", settings);

    assertThat(kernel.freeRms().orElseThrow() / formula.freeRms().orElseThrow())
        .isBetween(0.97, 1.03);
    double snr = 0.3;
    double square = kernel.meanSquare(OptionalDouble.of(snr), 1, 1000).orElseThrow();
    double r = 0.1 / 1.9;
    assertThat(square / ((snr + r) / (snr + 1))).isBetween(0.95, 1.05);
    assertThat(
            kernel.equilibriumWeightRms(1e-3, 0.1).orElseThrow()
                / formula.equilibriumWeightRms(1e-3, 0.1).orElseThrow())
        .isBetween(0.95, 1.05);
    var weights = kernel.weights(0.1).orElseThrow();
    var expected = formula.weights(0.1).orElseThrow();
    for (int t = 0; t < 3000; t++) {
      weights.advance(1e-3, 0.1);
      expected.advance(1e-3, 0.1);
    }
    assertThat(weights.rms() / expected.rms()).isBetween(0.95, 1.05);
  }

  @Test
  void signsAreOne() {
    UpdateModel lion = simulated("lion", Map.of());
    assertThat(lion.freeRms().orElseThrow()).isCloseTo(1, within(1e-12));
    assertThat(lion.equilibriumWeightRms(1e-3, 0.1)).isPresent();
  }

  @Test
  void whatHasTheScaleOfTheGradientIsNotPredicted() {
    UpdateModel sgdm = simulated("sgdm", Map.of());
    assertThat(sgdm.freeRms()).isEmpty();
    assertThat(sgdm.meanSquare(OptionalDouble.of(1), 1, 1)).isEmpty();
    assertThat(sgdm.weights(1)).isEmpty();
    assertThat(simulated("muon", Map.of()).freeRms()).isEmpty();
  }
}
