package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Each rule against directions worked out by hand from theory.md §1. */
class HandComputedStepsTest {
  private static final Offset<Double> ROUNDING = within(1e-15);

  private static void expect(
      String type, Map<String, Object> settings, double[] gradients, double... directions) {
    double[][] u = RuleRuns.directions(type, settings, RuleRuns.column(gradients));
    assertThat(RuleRuns.flat(u)).containsExactly(directions, ROUNDING);
  }

  private static double[] g(double... values) {
    return values;
  }

  @Test
  void sgd() {
    expect("sgd", Map.of(), g(4, -2), 4, -2);
  }

  @Test
  void sgdmNormalisedAverage() {
    expect("sgdm", Map.of("beta1", 0.5), g(4, 2, -8), 2, 2, -3);
  }

  @Test
  void sgdmInTorchsConvention() {
    expect("sgdm", Map.of("beta1", 0.5, "dampening", 0.0), g(4, 2, -8), 4, 4, -6);
    expect("sgdm", Map.of("beta1", 0.5, "dampening", 0.5), g(4, 2, -8), 4, 3, -2.5);
  }

  @Test
  void sgdmClipsTheMomentumAndDoesNotFeedItBack() {
    expect("sgdm", Map.of("beta1", 0.5, "coordinate_clip", 2.5), g(4, 2, -8, 0), 2, 2, -2.5, -1.5);
  }

  @Test
  void signSgd() {
    expect("signsgd", Map.of(), g(4, 0, -1e-300), 1, 0, -1);
  }

  @Test
  void signum() {
    expect("signum", Map.of("beta1", 0.5), g(4, 2, -1, -8), 1, 1, 1, -1);
    expect("signum", Map.of("beta1", 0.5, "mollifier", 1.0), g(4, 2, -8), 2 / 3., 2 / 3., -0.75);
  }

  @Test
  void signumStartsFromZeroOrFromTheGradient() {
    expect("signum", Map.of("beta1", 0.5, "init", "zero"), g(1, -0.8), 1, -1);
    expect("signum", Map.of("beta1", 0.5, "init", "gradient"), g(1, -0.8), 1, 1);
  }

  @Test
  void emaSign() {
    expect("emasign", Map.of("beta1", 0.5), g(4, 2, -8), 0.5, 0.75, -0.125);
  }

  @Test
  void rmsProp() {
    expect("rmsprop", Map.of("beta2", 0.5, "eps", 1.0), g(4, 2), 0.8, 2 / (Math.sqrt(8) + 1));
    expect(
        "rmsprop",
        Map.of("beta2", 0.5, "eps", 1.0, "bias_correction", false),
        g(4, 2),
        4 / (Math.sqrt(8) + 1),
        2 / (Math.sqrt(6) + 1));
  }

  @Test
  void adamW() {
    Map<String, Object> betas = Map.of("beta1", 0.5, "beta2", 0.75, "eps", 1.0);
    expect("adamw", betas, g(4, 2), 0.8, (8 / 3.) / (8 / Math.sqrt(7) + 1));
  }

  @Test
  void adamWWithoutBiasCorrection() {
    expect(
        "adamw",
        Map.of("beta1", 0.5, "beta2", 0.75, "eps", 1.0, "bias_correction", false),
        g(4, 2),
        2 / 3.,
        2 / 3.);
  }

  @Test
  void adamWFromTheFirstGradient() {
    expect(
        "adamw",
        Map.of("beta1", 0.5, "beta2", 0.75, "eps", 1.0, "init", "gradient"),
        g(4, 2),
        0.8,
        3 / (Math.sqrt(13) + 1));
  }

  @Test
  void softSignSgd() {
    expect("softsign_sgd", Map.of("eps", 4.0), g(3, 0), 0.6, 0);
    expect("softsign_sgd", Map.of("eps", 4.0, "denominator", "outside"), g(3, 0), 3 / 7., 0);
  }

  @Test
  void softSignAdam() {
    expect("softsign_adam", Map.of("beta1", 0.5, "beta2", 0.75, "eps", 3.0), g(4), 0.8);
    expect(
        "softsign_adam",
        Map.of("beta1", 0.5, "beta2", 0.75, "eps", 1.5, "bias_correction", false),
        g(4),
        0.8);
    expect(
        "softsign_adam",
        Map.of("beta1", 0.5, "beta2", 0.75, "eps", 3.0, "denominator", "outside"),
        g(4),
        4 / 7.);
  }

  @Test
  void adaVar() {
    expect(
        "adavar",
        Map.of("beta1", 0.5, "gamma", 3.0, "tau", 0.75, "eps", 1.0),
        g(4, 2),
        0.4,
        2 / (Math.sqrt(13) + 1));
  }

  @Test
  void lion() {
    // m = 1, .625, so the third sign is that of .5·.625 − .5·.7; exchanged betas would turn it.
    expect("lion", Map.of("beta1", 0.5, "beta2", 0.75), g(4, -0.5, -0.7), 1, 1, -1);
  }

  /** On a diagonal matrix one Newton-Schulz step is s ← as + bs³ + cs⁵ of the scaled diagonal. */
  @Test
  void muonOnADiagonalMatrix() {
    Map<String, Object> settings = Map.of("beta1", 0.0, "ns_steps", 1, "rms_scale", 0.2);
    double[] u = Rules.create("muon", settings, 2, 2).step(new double[4], g(3, 0, 0, 4), 0, 0);
    double scale = 0.2 * Math.sqrt(2);
    assertThat(u).containsExactly(g(scale * 1.19326944, 0, 0, scale * 0.97648192), ROUNDING);
  }

  @Test
  void muonLooksAheadWithNesterov() {
    double[][] g = {{4, 0, 0, 0}, {0, 0, 0, 4}};
    assertThat(secondMuonStep(true, g)).containsExactly(quintic(0.5, 3), ROUNDING);
    assertThat(secondMuonStep(false, g)).containsExactly(quintic(1, 2), ROUNDING);
  }

  private static double[] secondMuonStep(boolean nesterov, double[][] g) {
    Map<String, Object> settings =
        Map.of("beta1", 0.5, "nesterov", nesterov, "ns_steps", 1, "rms_scale", Math.sqrt(0.5));
    return RuleRuns.directions(Rules.create("muon", settings, 2, 2), g)[1];
  }

  private static double[] quintic(double a, double b) {
    double norm = Math.sqrt(a * a + b * b);
    return new double[] {quintic(a / norm), 0, 0, quintic(b / norm)};
  }

  private static double quintic(double s) {
    return 3.4445 * s - 4.7750 * s * s * s + 2.0315 * s * s * s * s * s;
  }

  /** w ← .75 w, then w − .5 u: decay before the step would-be after it gives .45, coupled .378. */
  @Test
  void decayComesFirstAndIsDecoupled() {
    double[] w = {1};
    Rules.create("adamw", Map.of("eps", 1.0), 1).step(w, g(4), 0.5, 0.5);
    assertThat(w[0]).isEqualTo(0.75 - 0.5 * 0.8, ROUNDING);
  }
}
