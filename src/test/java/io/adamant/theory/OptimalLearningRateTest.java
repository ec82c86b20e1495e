package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimalLearningRateTest {

  private static LocalGeometry geometry(double[] sigma) {
    return LocalGeometry.of(OneStep.GRADIENT, sigma, OneStep.HESSIAN);
  }

  private static void agrees(double value, Sampled measured, double stated) {
    Sharp.within(value, measured.mean(), measured.interval() + stated * measured.mean());
  }

  private static double coordinate(DirectionMoments moments, double[] sigma, double batch) {
    return CoordinateLearningRate.optimal(moments, OneStep.GRADIENT, sigma, OneStep.HESSIAN, batch);
  }

  @ParameterizedTest
  @CsvSource({"0.0,0.5", "0.0,20", "0.9,0.5", "0.8,4"})
  void sgdmIsExact(double beta1, double batch) {
    LocalGeometry at = geometry(OneStep.SIGMA);
    Sampled measured =
        OneStep.measure(OneStep.momentum(beta1, false), OneStep.SIGMA, batch, 20_000);
    agrees(OptimalLearningRate.sgdm(at, beta1, batch), measured, 0);
    agrees(coordinate(DirectionMoments.sgdm(beta1), OneStep.SIGMA, batch), measured, 0);
    if (beta1 == 0) {
      agrees(OptimalLearningRate.sgd(at, batch), measured, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"0.0,0.5", "0.0,8", "0.9,0.2", "0.8,2"})
  void signumIsExactWithErfMoments(double beta1, double batch) {
    Sampled measured = OneStep.measure(OneStep.momentum(beta1, true), OneStep.SIGMA, batch, 10_000);
    agrees(coordinate(DirectionMoments.signum(beta1), OneStep.SIGMA, batch), measured, 0);
  }

  @ParameterizedTest
  @CsvSource({"0.0,4", "0.9,4", "0.5,0.5"})
  void adamPerCoordinateIsWithinItsStatedError(double beta1, double batch) {
    Sampled measured = OneStep.measure(OneStep.adam(beta1, 0.99), OneStep.SIGMA, batch, 400);
    agrees(coordinate(DirectionMoments.adam(beta1), OneStep.SIGMA, batch), measured, 0.01);
  }

  @ParameterizedTest
  @CsvSource({"0.0,0.7", "0.9,3"})
  void softSignPerCoordinateIsExact(double epsilon, double batch) {
    Sampled measured =
        OneStep.measure(
            (g, s, random) -> SoftSign.value(g + s * random.nextGaussian(), epsilon),
            OneStep.SIGMA,
            batch,
            20_000);
    agrees(coordinate(DirectionMoments.softSign(epsilon), OneStep.SIGMA, batch), measured, 0);
  }

  /** Where σ_i ∝ |g_i| one noise scale is enough: the sums and the coordinates must agree. */
  @ParameterizedTest
  @CsvSource({"0.0,0.3", "0.5,1", "0.9,4", "0.9,100"})
  void meanFieldSumsEqualTheirCoordinatesForProportionalNoise(double beta1, double batch) {
    double[] sigma = OneStep.proportionalSigma(2);
    LocalGeometry at = geometry(sigma);
    Sharp.relative(
        OptimalLearningRate.adam(at, beta1, batch),
        coordinate(DirectionMoments.adam(beta1), sigma, batch),
        1e-12);
    Sharp.relative(
        OptimalLearningRate.signum(at, beta1, batch),
        coordinate(DirectionMoments.signumMeanField(beta1), sigma, batch),
        1e-12);
    Sharp.relative(
        OptimalLearningRate.signSgd(at, batch), OptimalLearningRate.signum(at, 0, batch), 1e-12);
  }

  @Test
  void erfVariantIsExactWhereNoiseDominatesAndWhereItVanishes() {
    double[] sigma = OneStep.proportionalSigma(2);
    LocalGeometry at = geometry(sigma);
    for (double batch : new double[] {1e-3, 1e6}) {
      double exact = coordinate(DirectionMoments.signum(0), sigma, batch);
      Sharp.relative(OptimalLearningRate.signSgdErf(at, batch), exact, 3e-3);
      double momentum = coordinate(DirectionMoments.signum(0.9), sigma, batch / 19);
      Sharp.relative(OptimalLearningRate.signumErf(at, 0.9, batch / 19), momentum, 3e-3);
    }
    double overstated = OptimalLearningRate.signSgd(at, 1e-3);
    Sharp.relative(
        overstated,
        Math.sqrt(Math.PI / 2) * coordinate(DirectionMoments.signum(0), sigma, 1e-3),
        3e-3);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 3, 50})
  void longMomentumIsAdamsLimit(double batch) {
    LocalGeometry at = geometry(OneStep.SIGMA);
    Sharp.relative(
        OptimalLearningRate.adamLongMomentum(at, batch),
        OptimalLearningRate.adam(at, 1 - 1e-9, batch),
        1e-6);
  }

  @Test
  void softSignFollowsItsDefinition() {
    double epsilon = 0.4;
    double batch = 3;
    double kappa = 0;
    double[] mean = new double[4];
    double[] nu = new double[4];
    double alignment = 0;
    for (int i = 0; i < 4; i++) {
      double g = OneStep.GRADIENT[i];
      nu[i] = SoftSign.value(g, epsilon);
      kappa += OneStep.SIGMA[i] * OneStep.SIGMA[i] / (g * g + epsilon * epsilon) / 4;
      alignment += nu[i] * g;
    }
    double strength = SoftSign.strength(kappa, batch);
    // Independently: the definition with E φφᵀ = β²ννᵀ + (1 − β²)I, element by element.
    double numerator = 0;
    double denominator = 0;
    double soft = 0;
    double trace = 0;
    for (int i = 0; i < 4; i++) {
      mean[i] = nu[i] / Math.sqrt(1 + Math.PI * kappa / (2 * batch));
      numerator += mean[i] * OneStep.GRADIENT[i];
    }
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        double noise = i == j ? Math.PI * kappa / (2 * batch + Math.PI * kappa) : 0;
        denominator += OneStep.HESSIAN[i][j] * (mean[i] * mean[j] + noise);
        soft += OneStep.HESSIAN[i][j] * nu[i] * nu[j];
      }
      trace += OneStep.HESSIAN[i][i];
    }
    Sharp.relative(
        OptimalLearningRate.softSign(alignment, soft, trace, strength),
        numerator / denominator,
        1e-12);
  }

  @Test
  void largeEpsilonIsSgdsLimitWithTheCorrectedCoefficient() {
    double[] sigma = {0.9, 0.9, 0.9, 0.9};
    LocalGeometry at = geometry(sigma);
    double epsilon = 300;
    for (double batch : new double[] {0.5, 4}) {
      double exact = coordinate(DirectionMoments.softSign(epsilon), sigma, batch) / epsilon;
      Sharp.relative(OptimalLearningRate.softSignLargeEpsilon(at, 0.81, batch), exact, 1e-3);
      Sharp.relative(
          OptimalLearningRate.softSignLargeEpsilon(at, 0.81, batch),
          OptimalLearningRate.sgd(at, batch),
          1e-12);
      double printed = OptimalLearningRate.softSignLargeEpsilonAsPrinted(at, 0.81, batch);
      Sharp.relative(
          printed, OptimalLearningRate.softSignLargeEpsilon(at, 0.81 * Math.PI / 2, batch), 1e-12);
      assertThat(printed).isLessThan(0.95 * exact);
    }
  }

  @Test
  void oneStepReferenceIsMet() {
    List<Double> sgdm = new ArrayList<>();
    List<Double> proportional = new ArrayList<>();
    List<Double> signum = new ArrayList<>();
    List<Double> adam = new ArrayList<>();
    for (JsonNode row : Reference.at("lr_vs_batch_one_step")) {
      JsonNode c = row.get("constants");
      double etaMax = c.get("eta_max").asDouble();
      LocalGeometry at =
          new LocalGeometry(
              1,
              1 / etaMax,
              c.get("Bsimple").asDouble(),
              c.get("Bnoise").asDouble() / etaMax,
              c.get("g1").asDouble(),
              c.get("T").asDouble(),
              c.get("P").asDouble());
      boolean independent =
          !row.get("noise").asText().equals("cov=H") || row.get("H").asText().equals("diag");
      double beta1 = row.get("b1").asDouble();
      for (int i = 0; i < row.get("B").size(); i++) {
        double batch = row.get("B").get(i).asDouble();
        double measured = row.get("eta_mc").get(i).asDouble();
        double interval = row.get("ci95").get(i).asDouble();
        String method = row.get("method").asText();
        double value =
            switch (method) {
              case "SGDM" -> OptimalLearningRate.sgdm(at, beta1, batch);
              case "Signum" -> OptimalLearningRate.signum(at, beta1, batch);
              default -> OptimalLearningRate.adam(at, beta1, batch);
            };
        Sharp.relative(value, row.get("formula").get(i).asDouble(), 2e-5);
        if (interval > 0.02 * measured || !independent) {
          continue;
        }
        double error = Math.abs(value / measured - 1);
        if (method.equals("SGDM")) {
          Sharp.within(value, measured, 2 * interval + 1e-4 * measured);
          sgdm.add(error);
        } else if (method.equals("Signum")) {
          signum.add(error);
        } else if (row.get("noise").asText().equals("prop") && row.get("b2").asDouble() == 0.99) {
          Sharp.within(value, measured, 2 * interval + 0.012 * measured);
          proportional.add(error);
        } else {
          adam.add(error);
        }
      }
    }
    assertThat(sgdm).hasSizeGreaterThan(100);
    assertThat(proportional).hasSizeGreaterThan(50);
    assertThat(median(signum)).isLessThan(0.06);
    assertThat(Collections.max(signum)).isLessThan(0.29);
    assertThat(median(adam)).isLessThan(0.13);
    assertThat(Collections.max(adam)).isLessThan(0.42);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  @Test
  void badArgumentsAreNamed() {
    LocalGeometry at = geometry(OneStep.SIGMA);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OptimalLearningRate.adam(at, 0.9, 0))
        .withMessage("batch = 0.0 is not allowed: it must be a finite number above 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LocalGeometry.of(new double[2], new double[3], new double[2][2]))
        .withMessageContaining("sigma has 3 coordinates and gradient has 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LocalGeometry.of(new double[] {1, 2}, new double[] {1, 1}, new double[2][1]))
        .withMessageContaining("a row of hessian has 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DirectionMoments.softSign(-1))
        .withMessageContaining("epsilon = -1.0");
  }
}
