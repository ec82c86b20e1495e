package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SurgeThresholdTest {

  /** The batch at which a one-humped function of it is largest, by a search over log B. */
  private static double peak(DoubleUnaryOperator rate) {
    double low = Math.log(1e-6);
    double high = Math.log(1e9);
    for (int i = 0; i < 200; i++) {
      double left = low + (high - low) / 3;
      double right = high - (high - low) / 3;
      if (rate.applyAsDouble(Math.exp(left)) < rate.applyAsDouble(Math.exp(right))) {
        low = left;
      } else {
        high = right;
      }
    }
    return Math.exp(low);
  }

  private static LocalGeometry geometry(double trace, double signCurvature) {
    return new LocalGeometry(1, 1.3, 6, 5, 4, trace, signCurvature);
  }

  @ParameterizedTest
  @CsvSource({"0.0,9", "0.9,9", "0.5,4.5"})
  void signumPeaksAtTheThreshold(double beta1, double signCurvature) {
    LocalGeometry at = geometry(2, signCurvature);
    double expected = peak(b -> OptimalLearningRate.signum(at, beta1, b));
    Sharp.relative(SurgeThreshold.signum(at, beta1), expected, 1e-5);
  }

  /** One coordinate's law, Σ|g|·p/(T(1 − p²) + P·p²), with p = erf(√(B/(2r·B_simple))). */
  @ParameterizedTest
  @CsvSource({"0.0,9", "0.9,9", "0.5,4.5"})
  void signumWithErfPeaksAtItsThreshold(double beta1, double signCurvature) {
    LocalGeometry at = geometry(2, signCurvature);
    double r = (1 - beta1) / (1 + beta1);
    double expected =
        peak(
            b -> {
              double p = Erf.erf(Math.sqrt(b / (2 * r * at.noiseScaleSimple())));
              return p / (2 * (1 - p * p) + signCurvature * p * p);
            });
    Sharp.relative(SurgeThreshold.signumErf(at, beta1), expected, 1e-5);
    assertThat(SurgeThreshold.signumErf(geometry(2, 4), beta1)).isInfinite();
  }

  @ParameterizedTest
  @CsvSource({"0.0,9", "0.9,2", "0.5,2", "0.9,30"})
  void adamPeaksAtTheThreshold(double beta1, double signCurvature) {
    LocalGeometry at = geometry(2, signCurvature);
    double expected = peak(b -> OptimalLearningRate.adam(at, beta1, b));
    Sharp.relative(SurgeThreshold.adam(at, beta1), expected, 1e-5);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.4, 0.5, 0.9})
  void adamWithADiagonalHessianPeaksAtTheThreshold(double beta1) {
    LocalGeometry at = geometry(2, 2);
    double expected = peak(b -> OptimalLearningRate.adam(at, beta1, b));
    double threshold = SurgeThreshold.adamDiagonal(beta1, at.noiseScaleSimple());
    Sharp.relative(threshold, expected, 1e-5);
    Sharp.relative(
        SurgeThreshold.adamDiagonalStrength(beta1),
        NoiseScale.signStrength(at.noiseScaleSimple(), expected),
        1e-5);
    double fall =
        1
            - OptimalLearningRate.adam(at, beta1, 1e12)
                / OptimalLearningRate.adam(at, beta1, expected);
    Sharp.relative(SurgeThreshold.adamDiagonalFall(beta1), fall, 1e-6);
  }

  @Test
  void theConditionsAreSharp() {
    double above = 1 + 1e-9;
    assertThat(SurgeThreshold.signum(geometry(2, 4), 0.9)).isInfinite();
    assertThat(SurgeThreshold.signum(geometry(2, 4 * above), 0.9)).isFinite();
    assertThat(SurgeThreshold.adam(geometry(2, 2), 0.33)).isInfinite();
    assertThat(SurgeThreshold.adamDiagonal(1.0 / 3 - 1e-9, 5)).isInfinite();
    assertThat(SurgeThreshold.adamDiagonal(1.0 / 3 + 1e-9, 5)).isFinite();
    assertThat(SurgeThreshold.adamDiagonalFall(0.3)).isZero();
    assertThat(SurgeThreshold.adamDiagonalStrength(0)).isInfinite();
  }

  @Test
  void softSignPeaksAtTheThresholdAndTheNecessaryConditionIsNotEnough() {
    double trace = 2;
    double kappa = 1.7;
    double soft = 7;
    DoubleUnaryOperator rate =
        b -> OptimalLearningRate.softSign(1, soft, trace, SoftSign.strength(kappa, b));
    Sharp.relative(SurgeThreshold.softSign(soft, trace, kappa), peak(rate), 1e-5);
    assertThat(SurgeThreshold.softSignNecessary(3, trace)).isTrue();
    assertThat(SurgeThreshold.softSignNecessary(1.9, trace)).isFalse();
    assertThat(SurgeThreshold.softSign(3, trace, kappa)).isInfinite();
    double before = OptimalLearningRate.softSign(1, 3, trace, 0.99);
    assertThat(OptimalLearningRate.softSign(1, 3, trace, 1)).isGreaterThan(before);
  }

  /** The reference's measured peaks of Adam on a diagonal Hessian with σ_i ∝ |g_i|. */
  @Test
  void measuredPeaksAreNextToTheThreshold() {
    int seen = 0;
    for (JsonNode row : Reference.at("lr_vs_batch_one_step")) {
      double beta1 = row.get("b1").asDouble();
      if (!row.get("H").asText().equals("diag")
          || !row.get("noise").asText().equals("prop")
          || !row.get("method").asText().equals("Adam")
          || row.get("b2").asDouble() < 0.99 // the mean field is that of beta2 → 1
          || beta1 < 0.5) {
        continue;
      }
      int best = 0;
      JsonNode rates = row.get("eta_mc");
      for (int i = 1; i < rates.size(); i++) {
        best = rates.get(i).asDouble() > rates.get(best).asDouble() ? i : best;
      }
      double noise = row.get("constants").get("Bsimple").asDouble();
      double threshold = SurgeThreshold.adamDiagonal(beta1, noise);
      // The grid goes in factors of two and the peak is flat.
      assertThat(threshold / row.get("B").get(best).asDouble()).isBetween(0.4, 2.5);
      double last = rates.get(rates.size() - 1).asDouble();
      double fall = 1 - last / rates.get(best).asDouble();
      // The mean field's own error at the peak (beta2 below 1) and the file's sampling.
      Sharp.within(SurgeThreshold.adamDiagonalFall(beta1), fall, 0.005 + 0.015 * fall);
      seen++;
    }
    assertThat(seen).isEqualTo(2);
  }
}
