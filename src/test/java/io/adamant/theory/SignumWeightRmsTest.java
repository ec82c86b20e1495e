package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignumWeightRmsTest {

  @Test
  void stationaryFormsFollowTheReference() {
    Sharp.Band printed = new Sharp.Band();
    int exact = 0;
    for (JsonNode row : Reference.at("weight_rms", "stationary")) {
      if (!row.get("method").asText().equals("sign")) {
        continue;
      }
      double beta1 = row.get("b1").asDouble();
      double lr = row.get("eta").asDouble();
      double decay = row.get("lam").asDouble();
      double measured = row.get("rms").asDouble();
      double value = SignumWeightRms.exactStationary(beta1, 0, lr, decay);
      Sharp.relative(value, measured, 0.005 + row.get("ci95").asDouble() / measured);
      exact++;
      if (beta1 >= 0.9 && lr * decay <= 1e-3 && lr * decay <= 0.02 * (1 - beta1)) {
        printed.add(SignumWeightRms.stationaryMeanField(beta1, lr, decay), measured);
        Sharp.relative(SignumWeightRms.slowDecay(beta1, lr, decay), measured, 0.02);
      }
    }
    assertThat(exact).isGreaterThan(10);
    printed.liesIn(0.19, 0.22);
  }

  @Test
  void finiteFormsFollowTheReference() {
    Sharp.Band meanField = new Sharp.Band();
    int exact = 0;
    for (JsonNode row : Reference.at("weight_rms", "finite_t")) {
      double beta1 = row.get("b1").asDouble();
      long steps = row.get("t").asLong();
      // The file's momentum starts from zero; it must have been forgotten.
      if (!row.get("method").asText().equals("sign") || steps * (1 - beta1) < 150) {
        continue;
      }
      double lr = row.get("eta").asDouble();
      double decay = row.get("lam").asDouble();
      double snr = row.get("snr").asDouble();
      double start = row.get("theta0").asDouble();
      double measured = row.get("rms").asDouble();
      double interval = row.get("ci95").asDouble();
      if (interval < 0.01 * measured) {
        // 0.5 % stated error; 1.3 times the 95 % interval, because there are many rows.
        double value = SignumWeightRms.exactFinite(beta1, snr, lr, decay, steps, start);
        Sharp.within(value, measured, 0.005 * measured + 1.3 * interval);
        exact++;
      }
      if (beta1 >= 0.9 && snr == 0 && start == 0 && lr * decay <= 0.01 * (1 - beta1)) {
        meanField.add(SignumWeightRms.meanField(beta1, snr, lr, decay, steps, start), measured);
      }
    }
    assertThat(exact).isGreaterThan(50);
    meanField.liesIn(0.18, 0.225);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.0,0.05,0.2,60,0.3", "0.8,0.05,0.1,0.5,40,0.0", "0.5,0.3,0.1,0.0,30,0.1"})
  void exactFiniteIsTheDoubleSum(
      double beta1, double snr, double lr, double decay, int steps, double initial) {
    double c = 1 - lr * decay;
    double mean = UpdateRms.meanSign(beta1, snr);
    double total = Math.pow(c, 2.0 * steps) * initial * initial;
    for (int i = 1; i <= steps; i++) {
      for (int j = 1; j <= steps; j++) {
        double both = SignAutocorrelation.covariance(beta1, snr, Math.abs(i - j)) + mean * mean;
        total += lr * lr * Math.pow(c, 2.0 * steps - i - j) * both;
      }
    }
    double value = SignumWeightRms.exactFinite(beta1, snr, lr, decay, steps, initial);
    Sharp.relative(value, Math.sqrt(total), 1e-10);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.0,0.1,0.1", "0.9,0.02,0.1,0.2", "0.0,0.1,0.1,0.5"})
  void exactStationaryIsWhereTheFiniteFormEnds(double beta1, double snr, double lr, double decay) {
    Sharp.relative(
        SignumWeightRms.exactStationary(beta1, snr, lr, decay),
        SignumWeightRms.exactFinite(beta1, snr, lr, decay, 5000, 1),
        1e-10);
  }

  @Test
  void slowDecayIsTheLimitOfTheExactForm() {
    for (double beta1 : new double[] {0, 0.6, 0.9}) {
      double exact = SignumWeightRms.exactStationary(beta1, 0, 0.001, 0.01);
      Sharp.relative(SignumWeightRms.slowDecay(beta1, 0.001, 0.01), exact, 1e-3);
    }
  }

  @Test
  void meanFieldEndsAtItsStationaryForm() {
    double end = SignumWeightRms.meanField(0.9, 0, 0.01, 0.1, 1_000_000, 2);
    Sharp.relative(SignumWeightRms.stationaryMeanField(0.9, 0.01, 0.1), end, 1e-3);
    double printed = SignumWeightRms.stationaryAsPrinted(0.9, 0.01, 0.1);
    Sharp.relative(printed * printed, end, 1e-3);
  }

  @ParameterizedTest
  @CsvSource({"0.6,2.979", "0.8,6.389", "0.9,13.28", "0.95,27.11", "0.975,54.82", "0.9875,110.3"})
  void randomWalkFactorMatchesItsTable(double beta1, double factor) {
    Sharp.relative(SignAutocorrelation.randomWalkFactor(beta1), factor, 5e-4);
  }

  @Test
  void randomWalkFactorApproachesItsLimit() {
    double limit = 2 * Math.log(2) / 1e-4;
    Sharp.relative(SignAutocorrelation.randomWalkFactor(1 - 1e-4), limit, 1e-3);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.0,1", "0.9,0.02,1", "0.9,0.1,4", "0.5,0.5,1"})
  void covarianceAgreesWithSimulation(double beta1, double snr, int lag) {
    double mean = Math.sqrt(snr / EffectiveBatch.noiseRatio(beta1));
    double rho = Math.pow(beta1, lag);
    double p = UpdateRms.meanSign(beta1, snr);
    Sampled product =
        Sampled.of(
            5,
            1_000_000,
            random -> {
              double x = random.nextGaussian();
              double y = rho * x + Math.sqrt(1 - rho * rho) * random.nextGaussian();
              return (Math.signum(mean + x) - p) * (Math.signum(mean + y) - p);
            });
    Sharp.within(
        SignAutocorrelation.covariance(beta1, snr, lag), product.mean(), product.interval());
  }

  @ParameterizedTest
  @CsvSource({"0.5,0", "0.9,0", "0.99,0", "0.999,0", "0.9,0.03", "0.99,0.05", "0.95,2", "0.3,0.8"})
  void geometricSeriesReproducesTheCovariance(double beta1, double snr) {
    GeometricSeries series = SignAutocorrelation.series(beta1, snr);
    for (long lag : new long[] {1, 2, 3, 5, 8, 20, 60, 200, 1000}) {
      double exact = SignAutocorrelation.covariance(beta1, snr, lag);
      Sharp.close(series.at(lag) + 1, exact + 1, 1e-7);
      assertThat(series.at(lag) - exact).isBetween(-1e-7, 1e-7);
    }
    assertThat(series.size()).isLessThan(200);
  }

  @Test
  void varianceIsTheFullSumOfMehlersWeights() {
    double p = Erf.erf(Math.sqrt(0.02 / (2 * EffectiveBatch.noiseRatio(0.9))));
    Sharp.relative(SignAutocorrelation.variance(0.9, 0.02), 1 - p * p, 1e-12);
    assertThat(SignAutocorrelation.covariance(0.9, 0.02, 0))
        .isEqualTo(SignAutocorrelation.variance(0.9, 0.02));
  }
}
