package io.adamant.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Simulations against numbers of theory.md that do not come from this code. */
class ExperimentsTest {

  @Test
  void signalPeaksAreThoseOfTheNotebook() {
    Experiments.Result signal = Experiments.run("signal", units -> {});
    assertThat(signal.numbers().get("periodic_95").value()).isEqualTo(1, within(2e-3));
    assertThat(signal.numbers().get("periodic_975").value()).isEqualTo(1, within(4e-3));
    assertThat(signal.numbers().get("periodic_999").value()).isLessThan(0.9);
    assertThat(signal.numbers().get("largest").value()).isBetween(0.9, 1.0);
    assertThat(signal.figures()).hasSize(3);
  }

  /** theory.md §4: .2259 to .2293 at (.9, any β2 of .9 or more); mean field −3.2 to +5.3 %. */
  @Test
  void updateRmsIsThatOfTheMonteCarlo() {
    Experiments.Result rms = Experiments.run("update-rms", units -> {});
    assertThat(rms.numbers().get("at_90").value()).isEqualTo(0.2262, within(0.001));
    assertThat(Math.abs(rms.numbers().get("worst_error").value())).isBetween(0.01, 0.053);
    assertThat(rms.numbers().get("slope").value()).isEqualTo(0.49, within(0.02));
    // Five points known to .1 % each, over three units of log r: weights of .1 to .4.
    assertThat(rms.numbers().get("slope").standardError()).isBetween(1e-4, 1e-3);
  }

  /**
   * Long after the start the weights of a cosine to 0 go as η^(1/6)·λ^(−5/6): .448 at 10/3 of both.
   */
  @Test
  void weightsAtTheEndOfACosineDependOnMoreThanTheRatioOfRateAndDecay() {
    Experiments.Result rms = Experiments.run("weight-rms-schedule", units -> {});
    assertThat(rms.numbers().get("constant").value()).isEqualTo(1, within(0.04));
    assertThat(rms.numbers().get("cosine").value()).isEqualTo(0.448, within(0.04));
    assertThat(rms.numbers().get("cosine_over_law").value()).isEqualTo(1, within(0.03));
  }

  /**
   * Every number of results/frozen that a claim names is there, as the table of that page has it.
   */
  @Test
  void frozenWeightsAreReadFromTheirPage(@TempDir Path temp) throws IOException {
    Map<String, Estimate> numbers =
        FrozenRows.read(Path.of("results/frozen")).orElseThrow().numbers();
    String csv = Files.readString(Path.of("results/frozen/frozen.csv"));
    Estimate sgdm = numbers.get("3/SGDM, β 0.9/64/1");
    assertThat(sgdm.value()).isEqualTo(0.9692, within(1e-4));
    assertThat(csv).contains("0.969");
    assertThat(sgdm.samples()).isEqualTo(32);
    assertThat(numbers.get("1/SGD/1/1").value()).isNaN(); // too few draws
    assertThat(numbers).doesNotContainKey("4/SGD/1/1");
    assertThat(FrozenRows.read(temp)).isEmpty();
    Files.writeString(temp.resolve("frozen.json"), "{");
    assertThatThrownBy(() -> FrozenRows.read(temp))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("frozen.json is not what adamant frozen writes");
  }

  /**
   * Where noise prevails, progress and level depend on η/√(1 − β); an independent program has .48
   * to .54.
   */
  @Test
  void noiseGivesSignumASlopeOfOneHalf() {
    Map<String, Estimate> slopes = Experiments.run("signum-slope", units -> {}).numbers();
    for (String sigma : List.of("1", "3", "10")) {
      assertThat(slopes.get("noise_" + sigma).value()).as(sigma).isBetween(0.42, 0.6);
      assertThat(slopes.get("noise_" + sigma).standardError()).isLessThan(0.05);
    }
    assertThat(slopes.get("short").value()).isLessThan(0.3); // 100 steps reach nothing
  }
}
