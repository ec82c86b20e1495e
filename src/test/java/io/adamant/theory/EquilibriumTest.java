package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases in which one rule is another; the simulations are in the audit of all formulas. */
class EquilibriumTest {

  private static void assertSame(NoiseUpdate rule, NoiseUpdate other) {
    Sharp.relative(rule.rms(), other.rms(), 1e-9);
    for (double z : new double[] {1, 0.99, 0.7}) {
      Sharp.relative(rule.correlation(z), other.correlation(z), 1e-9);
    }
  }

  @Test
  void rulesWithoutTheirAdditionsAreAdamW() {
    NoiseUpdate adamw = RatioUpdate.adamw(0.9, 0.95);
    assertSame(RatioUpdate.ademamix(0.9, 0.95, 0.999, 0), adamw);
    assertSame(RatioUpdate.mars(0.9, 0.95, 0), adamw);
    assertSame(RatioUpdate.adan(0.9, 0, 0.95), adamw);
    // A slow average that is no slower.
    NoiseUpdate fourfold = RatioUpdate.ademamix(0.9, 0.95, 0.9, 3);
    Sharp.relative(fourfold.rms(), 4 * adamw.rms(), 1e-9);
    Sharp.relative(fourfold.spread(), adamw.spread(), 1e-9);
  }

  @Test
  void withoutMomentumRulesAreRmsPropOrSignSgd() {
    NoiseUpdate rmsprop = RatioUpdate.adamw(0, 0.95);
    assertSame(RatioUpdate.nadamw(0, 0.95), rmsprop);
    assertSame(RatioUpdate.mars(0, 0.95, 0.3), rmsprop);
    NoiseUpdate masked = new CautiousUpdate(0, 0.95);
    Sharp.relative(masked.rms(), rmsprop.rms(), 1e-9);
    assertThat(masked.spread()).isEqualTo(1);
    assertSame(SignUpdate.lion(0, 0.95, true), SignUpdate.signum(0));
    assertSame(SignUpdate.lion(0, 0.95, false), SignUpdate.signum(0));
    // v = g²: a sign.
    Sharp.relative(RatioUpdate.adamw(0, 0).rms(), 1, 1e-7);
    assertThat(RatioUpdate.adamw(0.5, 0).rms()).isInfinite();
  }

  @Test
  void lionOfEqualBetasIsSignum() {
    assertSame(SignUpdate.lion(0.9, 0.9, false), SignUpdate.signum(0.9));
    NoiseUpdate signum = SignUpdate.signum(0.9);
    Sharp.relative(signum.spread(), SignAutocorrelation.randomWalkFactor(0.9), 1e-12);
    Sharp.relative(
        signum.weightRms(0.1, 0.2), SignumWeightRms.exactStationary(0.9, 0, 0.1, 0.2), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.95", "0.5,0.9", "0,0.99"})
  void adamwsSecondOrderIsThatOfTotalContributions(double beta1, double beta2) {
    double contribution = TotalUpdateContribution.secondOrder(beta1, beta2);
    Sharp.relative(
        RatioUpdate.adamw(beta1, beta2).secondOrderSum(1), contribution * contribution, 1e-12);
  }

  /** Where v averages squares of differences: the same sums term by term. */
  @Test
  void theSecondOrderOfDifferencesIsThatOfItsTerms() {
    double[] mars = new double[400];
    double[] adan = new double[400];
    for (int j = 0; j < mars.length; j++) {
      mars[j] = 0.7 * 0.2 * Math.pow(0.8, j) + (j == 0 ? 0.3 : 0);
      double before = j == 0 ? 0 : Math.pow(0.7, j - 1.0);
      adan[j] = 0.1 * Math.pow(0.9, j) + 0.7 * 0.3 * (Math.pow(0.7, j) - before);
    }
    for (double z : new double[] {0.9, 1}) {
      Sharp.relative(
          RatioUpdate.mars(0.8, 0.9, 0.3).secondOrderSum(z),
          secondOrder(mars, 0.3 * 0.8 / 0.2, 0.9, z),
          1e-10);
      Sharp.relative(
          RatioUpdate.adan(0.9, 0.7, 0.8).secondOrderSum(z), secondOrder(adan, 0.7, 0.8, z), 1e-10);
    }
  }

  /** The second line of RatioUpdate's formula for weights a of x, y = g + d (g - g'). */
  private static double secondOrder(double[] a, double d, double beta, double z) {
    double square = (1 + d) * (1 + d) + d * d; // E y^2
    double neighbours = -d * (1 + d) / square;
    double variance = 0;
    double walk = 0;
    double shared = 0;
    double[] h = new double[a.length]; // h[j + 1] = Cov(x_t, y_{t-j})
    for (int j = 0; j < h.length; j++) {
      h[j] = (j == 0 ? 0 : (1 + d) * a[j - 1]) - d * a[j];
    }
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a.length; j++) {
        int k = Math.abs(i - j);
        double same = k > 1 ? 0 : k == 1 ? neighbours : 1; // correlation of y_i and y_j
        variance += 2 * Math.pow((1 - beta) * same, 2) * Math.pow(beta, i + j);
        shared += i == 0 ? 0 : Math.pow(beta, i - 1.0) * h[i] * Math.pow(z, k) * h[j];
      }
    }
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a.length; j++) {
        int k = Math.abs(i - j);
        double of = 1 + 0.75 * variance + 0.25 * variance * Math.pow(beta, k);
        walk += Math.pow(z, k) * a[i] * a[j] * of;
      }
    }
    return (walk - 2 * (1 - beta) * shared / square) / square;
  }

  /** A constant v: c(z) of a linear filter, summed lag by lag over its own weights. */
  @Test
  void correlationsOfAveragesAreThoseOfTheirWeights() {
    double nearlyOne = 1 - 1e-9;
    double z = 0.97;
    double[] fast = new double[2000];
    double[] adan = new double[2000];
    for (int j = 0; j < fast.length; j++) {
      double m = 0.1 * Math.pow(0.9, j);
      fast[j] = m + 2 * 0.02 * Math.pow(0.98, j);
      double before = j == 0 ? 0 : Math.pow(0.8, j - 1.0);
      adan[j] = m + 0.8 * 0.2 * (Math.pow(0.8, j) - before);
    }
    Sharp.relative(
        RatioUpdate.ademamix(0.9, nearlyOne, 0.98, 2).secondOrderSum(z), walk(fast, z), 1e-6);
    double y = 1.8 * 1.8 + 0.8 * 0.8; // of g + 0.8(g − g')
    Sharp.relative(
        RatioUpdate.adan(0.9, 0.8, nearlyOne).secondOrderSum(z), walk(adan, z) / y, 1e-6);
  }

  private static double walk(double[] a, double z) {
    double total = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a.length; j++) {
        total += a[i] * a[j] * Math.pow(z, Math.abs(i - j));
      }
    }
    return total;
  }

  /** Exact, so it lies in the second order's stated band, and beyond it where that fails. */
  @ParameterizedTest
  @CsvSource({"0.9,0.95,0", "0.9,0.95,0.3", "0.95,0.9,10", "0.5,0.999,0.01"})
  void updateRmsWithASignalAgreesWithTheSecondOrder(double beta1, double beta2, double snr) {
    double exact = Math.sqrt(RatioUpdate.adamw(beta1, beta2).meanSquare(snr));
    Sharp.relative(exact, UpdateRms.secondOrder(beta1, beta2, snr), 0.009);
  }

  @Test
  void updateRmsWithASignalAgreesWithASimulationOfNadamwAndAdan() {
    double mu = Math.sqrt(0.4);
    Sampled nadamw =
        Sampled.of(
            17,
            6000,
            random -> {
              double m = mu;
              double v = mu * mu + 1;
              double sum = 0;
              for (int t = 0; t < 300; t++) {
                double g = mu + random.nextGaussian();
                m = 0.8 * m + 0.2 * g;
                v = 0.9 * v + 0.1 * g * g;
                double x = 0.8 * m + 0.2 * g;
                sum += t < 200 ? 0 : x * x / v / 100;
              }
              return sum;
            });
    Sharp.within(RatioUpdate.nadamw(0.8, 0.9).meanSquare(0.4), nadamw.mean(), nadamw.interval());
    Sampled adan =
        Sampled.of(
            18,
            6000,
            random -> {
              double m = mu;
              double q = 0;
              double n = 1;
              double before = mu;
              double sum = 0;
              for (int t = 0; t < 300; t++) {
                double g = mu + random.nextGaussian();
                double e = g - before;
                before = g;
                m = 0.9 * m + 0.1 * g;
                q = 0.7 * q + 0.3 * e;
                n = 0.9 * n + 0.1 * (g + 0.7 * e) * (g + 0.7 * e);
                double x = m + 0.7 * q;
                sum += t < 200 ? 0 : x * x / n / 100;
              }
              return sum;
            });
    Sharp.within(RatioUpdate.adan(0.9, 0.7, 0.9).meanSquare(0.4), adan.mean(), adan.interval());
  }

  /** p = 1/2 + arccos(0.9)/π; Corr(x, g) of Lion is (1 − beta1) over the deviation of x. */
  @Test
  void theMaskDividesByTheShareOfAlignedCoordinates() {
    double p = 0.5 + Math.acos(0.9) / Math.PI;
    Sharp.relative(SignUpdate.lion(0.9, 0.9, true).rms(), 1 / Math.sqrt(p), 1e-12);
    // v constant: E m²·1(m·g > 0)/r by Simpson's rule over the gradient.
    double rho = Math.sqrt(1 - 0.81);
    double kept = 0.5 + (Math.asin(rho) + rho * 0.9) / Math.PI;
    double limit = Math.sqrt(kept * 0.1 / 1.9) / p;
    Sharp.relative(new CautiousUpdate(0.9, 0.99999).rms(), limit, 1e-4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "ademamix", "cautious_adamw", "lion", "cautious_lion", "adopt"})
  void aHeldNormTurnsAsDecayDoesAtTheMatchingStep(String optimizer) {
    String lr = "0.05";
    Quantity quantity = Quantities.named("equilibrium");
    Map<String, Double> decayed = values(quantity.at(Map.of("optimizer", optimizer, "lr", lr)));
    String step = Double.toString(decayed.get("matching_step"));
    Map<String, Double> held = values(quantity.at(Map.of("optimizer", optimizer, "lr", step)));
    Sharp.relative(held.get("fixed_norm_angle"), decayed.get("angle"), 1e-9);
    // Small: √(2·lr·weightDecay/c).
    Map<String, Double> small = values(quantity.at(Map.of("optimizer", optimizer, "lr", "1e-6")));
    double limit = Math.sqrt(2e-7 / small.get("spread"));
    Sharp.relative(small.get("angle"), limit, 1e-3);
    Sharp.relative(small.get("matching_step"), limit, 1e-3);
    Sharp.relative(small.get("fixed_norm_angle"), 1e-6, 1e-3);
  }

  private static Map<String, Double> values(List<Formula> formulas) {
    return formulas.stream().collect(Collectors.toMap(Formula::key, Formula::value));
  }

  @Test
  void independentUpdatesOfHeldNormTurnByAnArctangent() {
    NoiseUpdate sign = SignUpdate.signum(0);
    Sharp.relative(sign.fixedNormAngle(0.3), Math.atan(0.3), 1e-12);
    Sharp.relative(sign.fixedNormAngle(1e-7), 1e-7, 1e-9);
  }

  @Test
  void badArgumentsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RatioUpdate.nadamw(0.9, 1))
        .withMessage("beta2 = 1.0 is not allowed: it must be a number in [0, 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RatioUpdate.ademamix(0.9, 0.9, 0.9, -1))
        .withMessageContaining("alpha = -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignUpdate.lion(0.9, 1, false))
        .withMessageContaining("beta2 = 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignUpdate.signum(0.5).fixedNormAngle(0))
        .withMessageContaining("step = 0.0");
  }
}
