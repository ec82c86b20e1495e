package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.theory.ScaleDrift;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The factor of a drifting scale, against averages of drifting gradients. */
class ScaleDriftTest {

  private static Measurement simulated(Map<String, String> given) {
    Simulation simulation = Simulations.named("scale-drift");
    return simulation
        .run()
        .apply(
            io.adamant.theory.Values.of(simulation.parameters(), given),
            new Blocks(1, 3, done -> {}))
        .get(0);
  }

  @ParameterizedTest
  @CsvSource({
    // beta1, beta2, snr, drift, steps
    "0.9, 0.95, 0, -0.005, 300",
    "0.9, 0.95, 0, 0.01, 12",
    "0.9, 0.99, 0, -0.001, 1000",
    "0.9, 0.99, 0.5, -0.003, 200",
    "0.9, 0.999, 0.1, 0.004, 100",
    "0.95, 0.95, 2, -0.02, 80",
    "0, 0.95, 0, -0.01, 300"
  })
  void theFactorIsThatOfAveragesOfDriftingGradients(
      double beta1, double beta2, double snr, double drift, long steps) {
    Measurement found =
        simulated(
            Map.of(
                "beta1",
                "" + beta1,
                "beta2",
                "" + beta2,
                "snr",
                "" + snr,
                "drift",
                "" + drift,
                "steps",
                "" + steps,
                "repetitions",
                "600"));
    double factor = ScaleDrift.factor(beta1, beta2, snr, drift, (double) steps);

    assertThat(found.halfWidth()).isLessThan(0.01);
    assertThat(found.value())
        .isCloseTo(factor, Percentage.withPercentage(1 + 100 * found.halfWidth()));
    assertThat(Math.abs(factor - 1)).isGreaterThan(0.01); // there is something to see
  }

  /** The stationary form, written as it is in the text. */
  @Test
  void theSumsEndInTheClosedForm() {
    double beta1 = 0.9;
    double beta2 = 0.97;
    double snr = 0.2;
    double drift = 0.004;
    double r = (1 - beta1) / (1 + beta1);
    double q = beta1 * Math.exp(-drift);
    double signal = Math.pow((1 - beta1) / (1 - q), 2);
    double noise = (1 - beta1) * (1 - beta1) / (1 - q * q);
    double square =
        (snr * signal + noise) / (snr + r) * (1 - beta2 * Math.exp(-2 * drift)) / (1 - beta2);

    assertThat(ScaleDrift.factor(beta1, beta2, snr, drift, Double.POSITIVE_INFINITY))
        .isCloseTo(Math.sqrt(square), within(1e-12));
    assertThat(ScaleDrift.factor(beta1, beta2, snr, drift, 5000))
        .isCloseTo(Math.sqrt(square), within(1e-12));
    assertThat(ScaleDrift.factor(beta1, beta2, snr, drift, 1)).isCloseTo(1, within(1e-12));
  }

  /** First order: equal betas for a signal, beta2 = beta1² for noise, and no others. */
  @ParameterizedTest
  @CsvSource({"0.8", "0.9", "0.95"})
  void betasWithoutAFirstOrder(double beta1) {
    double signal = 1e12; // an snr
    assertThat(slope(beta1, beta1, signal)).isCloseTo(0, within(1e-3));
    assertThat(slope(beta1, beta1 * beta1, 0)).isCloseTo(0, within(1e-3));
    for (double off : new double[] {-0.02, 0.02}) {
      assertThat(Math.abs(slope(beta1, beta1 + off, signal))).isGreaterThan(0.4);
      assertThat(Math.abs(slope(beta1, beta1 * beta1 + off, 0))).isGreaterThan(0.1);
    }
    assertThat(ScaleDrift.slope(beta1, 0.97, 0.3)).isCloseTo(slope(beta1, 0.97, 0.3), within(1e-3));
  }

  private static double slope(double beta1, double beta2, double snr) {
    double h = 1e-6;
    return (ScaleDrift.factor(beta1, beta2, snr, h, Double.POSITIVE_INFINITY)
            - ScaleDrift.factor(beta1, beta2, snr, -h, Double.POSITIVE_INFINITY))
        / (2 * h);
  }

  /** A scale that falls faster than m forgets has no stationary state; the sums have a value. */
  @Test
  void sumsThatGrowWithoutEndHaveAValueAtAnyStep() {
    assertThat(ScaleDrift.factor(0.9, 0.99, 0.1, -0.2, 50)).isFinite().isPositive();
    // What v remembers of the large gradients of old leaves nothing of the update.
    assertThat(ScaleDrift.factor(0.9, 0.9, 1, -0.2, 100_000)).isZero();
    assertThat(ScaleDrift.factor(0, 0.9, 0, -0.2, 100)).isFinite().isPositive();
  }
}
