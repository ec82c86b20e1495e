package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import java.util.List;
import java.util.OptionalDouble;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rate, decay, steps and batch of a run mean. */
class RunScalesTest {

  private static RunConfig run(String optimizer) {
    return Configs.parseRun(
        "model: {layers: 4, width: 128, heads: 4, context: 128}\n"
            + "training: {steps: 300, batch: 16}\n"
            + "optimizer: {"
            + optimizer
            + "}\n",
        List.of());
  }

  private static RunScales scales(String optimizer) {
    return RunScales.of(run(optimizer), OptionalDouble.of(0.5));
  }

  @Test
  void theQuickstartsAdamw() {
    RunScales scales = scales("type: adamw, lr: 4e-3, beta1: 0.9, beta2: 0.9, weight_decay: 0.1");

    assertThat(scales.decaySteps()).hasValue(1 / (4e-3 * 0.1));
    assertThat(scales.decayTokens()).hasValue(2500.0 * 16 * 128);
    assertThat(scales.tokensPerEpoch()).hasValue(300.0 * 16 * 128 / 0.5);
    assertThat(scales.decayEpochs().orElseThrow()).isCloseTo(2500 / 600.0, within(1e-9));
    assertThat(scales.weightRms().orElseThrow())
        .isCloseTo(Math.sqrt(4e-3 / 0.2), Percentage.withPercentage(1.5)); // √(η/2λ), kexue 11307
    assertThat(scales.angle().orElseThrow())
        .isCloseTo(Math.sqrt(2 * 4e-4 / 19), Percentage.withPercentage(1.5)); // √(2ηλr)
    assertThat(scales.momentumSteps().orElseThrow()).isCloseTo(10, within(1e-9));
    assertThat(scales.momentumTokens().orElseThrow()).isCloseTo(20480, within(1e-6));
  }

  /** One over what is taken of the weights in a step at the peak, in each kind's own words. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "coupled | 0.1 | 2500 | 1/(lr·λ)",
        "independent | 4e-4 | 2500 | 1/λ at the peak rate, lr_max/(lr·λ) below",
        "corrected | 0.1 | 2500 | 1/(lr·λ) at the peak rate, lr_max/(lr²·λ) below",
        "proximal | 0.1 | 2500 | 1/(lr·λ)",
        "last | 0.1 | 2500 | 1/(lr·λ)"
      })
  void kindsOfDecay(String kind, double decay, double steps, String form) {
    RunScales scales =
        scales("type: adamw, lr: 4e-3, beta1: 0.9, weight_decay: " + decay + ", decay: " + kind);

    assertThat(scales.decaySteps().orElseThrow()).isCloseTo(steps, within(1e-6));
    assertThat(scales.decayForm()).isEqualTo(form);
    assertThat(scales.weightRms().orElseThrow())
        .isCloseTo(
            scales("type: adamw, lr: 4e-3, beta1: 0.9, weight_decay: 0.1")
                .weightRms()
                .orElseThrow(),
            within(1e-9));
  }

  /** The weights of a long run forget their start over the time that is printed. */
  @ParameterizedTest
  @CsvSource({"coupled", "cautious", "last", "proximal"})
  void weightsForgetOverThatTime(String kind) {
    RunScales scales =
        scales("type: signum, lr: 1e-3, beta1: 0.8, weight_decay: 2, decay: " + kind);
    io.adamant.rules.Rule rule =
        io.adamant.rules.Rules.create(
            "signum", java.util.Map.of("beta1", 0.8, "decay", kind), 1, 20_000);
    GaussianSource noise = new GaussianSource(5);
    double[] w = new double[20_000];
    double[] g = new double[w.length];
    noise.fill(w);
    double[] start = w.clone(); // large beside the balance
    double steps = scales.decaySteps().orElseThrow();
    for (int t = 0; t < steps; t++) {
      noise.fill(g);
      rule.step(w, g, 1e-3, 2);
    }
    double left = RandomQuadratic.dot(w, start) / RandomQuadratic.dot(start, start);

    assertThat(left).isCloseTo(Math.exp(-1), within(0.03));
  }

  @Test
  void whatHasNoScale() {
    RunScales none = scales("type: sgdm, lr: 1, beta1: 0.9, weight_decay: 0");
    assertThat(none.decaySteps()).isEmpty();
    assertThat(none.decayForm()).isEmpty();
    assertThat(none.weightRms()).isEmpty();
    assertThat(none.angle()).isEmpty();
    assertThat(none.stated()).isEqualTo("no formula for the updates of sgdm");
    assertThat(none.momentumSteps().orElseThrow()).isCloseTo(10, within(1e-9));
    assertThat(scales("type: muon, lr: 0.02, weight_decay: 0.1").angle())
        .as("nothing is simulated for it")
        .isEmpty();

    RunScales through = scales("type: adamw, lr: 1e-3, weight_decay: 0.1, decay: l2");
    assertThat(through.decaySteps()).isEmpty();
    assertThat(through.decayForm()).startsWith("none of its own");
    assertThat(scales("type: sgd, lr: 1e-3, weight_decay: 0.1, decay: l2").decaySteps())
        .hasValue(1 / (1e-3 * 0.1));

    RunScales held =
        scales("type: adamw, lr: 1e-3, beta1: 0.9, weight_decay: 0, constraint: hyperball");
    assertThat(held.decayForm()).isEqualTo("none, the norm is held");
    assertThat(held.angle().orElseThrow()).isCloseTo(1e-3, Percentage.withPercentage(1));
    assertThat(held.weightRms()).isEmpty();
  }

  @Test
  void lionsMomentumIsItsSecondBeta() {
    assertThat(scales("type: lion, lr: 1e-3").momentumSteps().orElseThrow())
        .isCloseTo(100, within(1e-9));
  }
}
