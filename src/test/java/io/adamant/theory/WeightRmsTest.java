package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightRmsTest {

  /** E w_t² of the linear filter, from the weight that each single gradient ends with. */
  private static double direct(
      double beta1, double snr, double lr, double decay, int steps, double initial) {
    double[] weights = new double[steps]; // w_t = Σ weights_j g_j
    double[] momentum = new double[steps];
    for (int t = 0; t < steps; t++) {
      for (int j = 0; j <= t; j++) {
        momentum[j] = beta1 * momentum[j] + (j == t ? 1 - beta1 : 0);
        weights[j] = (1 - lr * decay) * weights[j] - lr * momentum[j];
      }
    }
    double sum = 0;
    double squares = 0;
    for (double w : weights) {
      sum += w;
      squares += w * w;
    }
    double start = Math.pow(1 - lr * decay, steps) * initial;
    return Math.sqrt(start * start + (squares + snr * sum * sum) / (snr + 1));
  }

  @ParameterizedTest
  @CsvSource({
    "0.9,0.0,0.01,0.1,400,0.2",
    "0.95,0.02,0.1,0.5,300,0.0",
    "0.9,0.3,0.2,0.5,200,0.1",
    "0.9,0.01,0.2,0.4999,200,0.0", // decay factor next to beta1
    "0.0,0.1,0.05,0.0,250,0.3",
    "0.99,0.0,0.1,0.1,900,0.0" // decay factor equal to beta1
  })
  void exactFiniteIsTheDirectSum(
      double beta1, double snr, double lr, double decay, int steps, double initial) {
    double expected = direct(beta1, snr, lr, decay, steps, initial);
    double value = WeightRms.exactFinite(beta1, snr, lr, decay, steps, initial);
    Sharp.relative(value, expected, 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.01,0.1", "0.0,0.1,0.5", "0.99,0.1,1.0"})
  void exactStationaryIsWhereTheFiniteFormEnds(double beta1, double lr, double decay) {
    double end = WeightRms.exactFinite(beta1, 0, lr, decay, 10_000_000, 5);
    Sharp.relative(WeightRms.exactStationary(beta1, lr, decay), end, 1e-9);
    double doubled =
        WeightRms.exactStationary(beta1, 2 * UpdateRms.parameterFree(beta1), lr, decay);
    Sharp.relative(doubled, 2 * end, 1e-9);
  }

  @Test
  void stationaryErrorsAgainstTheReferenceLieInTheStatedBands() {
    Sharp.Band exact = new Sharp.Band();
    Sharp.Band exactLowBeta2 = new Sharp.Band();
    Sharp.Band meanFieldSlow = new Sharp.Band();
    Sharp.Band second = new Sharp.Band();
    Sharp.Band quick = new Sharp.Band();
    for (JsonNode row : Reference.at("weight_rms", "stationary")) {
      if (row.get("method").asText().equals("sign")) {
        continue;
      }
      double beta1 = row.get("b1").asDouble();
      double lr = row.get("eta").asDouble();
      double decay = row.get("lam").asDouble();
      double measured = row.get("rms").asDouble();
      double value = WeightRms.exactStationary(beta1, lr, decay);
      double beta2 = row.get("b2").asDouble();
      second.add(WeightRms.secondOrderStationary(beta1, beta2, lr, decay), measured);
      (beta2 >= 0.9 ? exact : exactLowBeta2).add(value, measured);
      if (lr == 0.003 && beta2 >= 0.9) {
        meanFieldSlow.add(WeightRms.stationaryMeanField(lr, decay), measured);
        if (beta1 == 0.9) {
          quick.add(WeightRms.quickEstimate(beta1, lr, decay), measured);
        }
      }
    }
    exact.liesIn(-0.002, 0.029);
    second.liesIn(-0.004, 0.006);
    exactLowBeta2.liesIn(-0.047, -0.02);
    meanFieldSlow.liesIn(0.005, 0.029);
    quick.liesIn(-0.775, -0.765);
  }

  @Test
  void finiteFormsFollowTheReferenceInItsRange() {
    Sharp.Band meanField = new Sharp.Band();
    Sharp.Band exact = new Sharp.Band();
    for (JsonNode row : Reference.at("weight_rms", "finite_t")) {
      double beta1 = row.get("b1").asDouble();
      double lr = row.get("eta").asDouble();
      double decay = row.get("lam").asDouble();
      long steps = row.get("t").asLong();
      boolean settled = steps * (1 - beta1) >= 30 && steps * (1 - row.get("b2").asDouble()) >= 30;
      if (!row.get("method").asText().startsWith("adamw")
          || row.get("b2").asDouble() < 0.9
          || !settled
          || row.get("ci95").asDouble() > 0.01 * row.get("rms").asDouble()) {
        continue;
      }
      double snr = row.get("snr").asDouble();
      double start = row.get("theta0").asDouble();
      double measured = row.get("rms").asDouble();
      exact.add(WeightRms.exactFinite(beta1, snr, lr, decay, steps, start), measured);
      if (lr * decay <= 0.02 * (1 - beta1)) {
        meanField.add(WeightRms.meanField(snr, lr, decay, steps, start), measured);
      }
    }
    assertThat(exact.size()).isGreaterThan(50);
    exact.liesIn(-0.03, 0.03);
    meanField.liesIn(-0.03, 0.03);
  }

  @Test
  void theArticlesScriptIsWithinItsInterval() {
    JsonNode script = Reference.at("extra", "seed003_script");
    double value = WeightRms.exactFinite(0.9, 0, 0.001, 0.1, 100_000, 0.1);
    double slow = TotalUpdateContribution.secondOrder(0.9, 0.95); // what v's fluctuation takes off
    Sharp.within(slow * value, script.get("rms_T1e5").asDouble(), script.get("ci95").asDouble());
    Sharp.relative(
        WeightRms.zeroMean(0.001, 0.1, 100_000, 0.1), script.get("eq18").asDouble(), 1e-5);
  }

  @Test
  void specialCasesAreLimitsOfTheMeanField() {
    double lr = 0.002;
    double decay = 0.1;
    Sharp.relative(
        WeightRms.zeroMean(lr, decay, 700, 0.05),
        WeightRms.meanField(0, lr, decay, 700, 0.05),
        1e-3);
    Sharp.relative(
        WeightRms.stationaryMeanField(lr, decay),
        WeightRms.zeroMean(lr, decay, 1_000_000, 9),
        1e-12);
    Sharp.relative(
        WeightRms.withoutDecay(lr, 900, 0.05), WeightRms.zeroMean(lr, 1e-7, 900, 0.05), 1e-6);
    Sharp.relative(
        WeightRms.signalDominated(50, lr, decay, 900, 0.05),
        WeightRms.meanField(50, lr, decay, 900, 0.05),
        1e-3);
    Sharp.relative(
        WeightRms.withoutDecay(lr, 5000, 0.05),
        WeightRms.exactFinite(0.9, 0, lr, 0, 5000, 0.05),
        5e-3);
    Sharp.relative(
        WeightRms.quickEstimate(0.0, lr, decay), WeightRms.exactStationary(0.0, lr, decay), 1e-3);
  }

  @Test
  void sumsMatchTheReference() {
    int seen = 0;
    var fields = Reference.at("identities", "seed003_sums").fields();
    while (fields.hasNext()) {
      var field = fields.next();
      String[] parts = field.getKey().split(",?[a-z0-9]+=", -1); // b1=0.9,b2=0.95,b3=0.9999,t=200
      check(
          field.getValue(),
          Double.parseDouble(parts[1]),
          Double.parseDouble(parts[2]),
          1 - Double.parseDouble(parts[3]),
          Long.parseLong(parts[4]));
      seen++;
    }
    assertThat(seen).isEqualTo(8);
  }

  private static void check(JsonNode sums, double beta1, double beta2, double product, long steps) {
    double lr = 0.1;
    double decay = product / lr;
    Sharp.relative(
        DecaySums.averagedMean(beta2, lr, decay, steps), sums.get("Ev").asDouble(), 1e-5);
    Sharp.relative(
        DecaySums.averagedMean(beta1, lr, decay, steps), sums.get("Em").asDouble(), 1e-5);
    Sharp.relative(
        DecaySums.averagedVariance(beta1, lr, decay, steps), sums.get("Var").asDouble(), 1e-5);
    Sharp.relative(
        DecaySums.averagedVarianceApproximate(lr, decay, steps),
        sums.get("Var_apx").asDouble(),
        1e-5);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.1,0.01,150", "0.95,0.1,0.5,80", "0.95,0.1,0.0,80"})
  void sumsAreTheDirectAverages(double beta, double lr, double decay, int steps) {
    double c = 1 - lr * decay;
    double weights = 0;
    double mean = 0;
    double variance = 0;
    for (int j = 1; j <= steps; j++) {
      weights += Math.pow(c, steps - j);
      double share = 0;
      for (int i = j; i <= steps; i++) {
        share += Math.pow(c, steps - i) * (1 - beta) * Math.pow(beta, i - j);
      }
      mean += share;
      variance += share * share;
    }
    Sharp.relative(DecaySums.averagedMean(beta, lr, decay, steps), mean / weights, 1e-9);
    Sharp.relative(
        DecaySums.averagedVariance(beta, lr, decay, steps), variance / (weights * weights), 1e-9);
  }

  @Test
  void totalUpdateContributionAgreesWithTheReference() {
    JsonNode measured = Reference.at("extra", "tuc_rms");
    for (double[] betas :
        new double[][] {
          {0.0, 0.95},
          {0.9, 0.9},
          {0.9, 0.95},
          {0.95, 0.95},
          {0.95, 0.8},
          {0.9, 0.999},
          {0.975, 0.975}
        }) {
      JsonNode point = measured.get(betas[0] + "," + betas[1]);
      double value = TotalUpdateContribution.secondOrder(betas[0], betas[1]);
      Sharp.within(value, point.get(0).asDouble(), 1.1 * point.get(1).asDouble());
    }
    Sharp.close(
        TotalUpdateContribution.meanField(), measured.get("0.9,0.999").get(0).asDouble(), 0.01);
  }

  @Test
  void totalUpdateContributionAgreesWithSimulation() {
    double beta1 = 0.9;
    double beta2 = 0.95;
    Sampled square =
        Sampled.of(
            3,
            20_000,
            random -> {
              double v = 0;
              for (int t = 0; t < 300; t++) {
                double g = random.nextGaussian();
                v = beta2 * v + (1 - beta2) * g * g;
              }
              double own = random.nextGaussian();
              v = beta2 * v + (1 - beta2) * own * own;
              double total = (1 - beta1) * own / Math.sqrt(v);
              for (int k = 1; k < 200; k++) {
                double g = random.nextGaussian();
                v = beta2 * v + (1 - beta2) * g * g;
                total += (1 - beta1) * Math.pow(beta1, k) * own / Math.sqrt(v);
              }
              return total * total;
            });
    double rms = Math.sqrt(square.mean());
    Sharp.within(
        TotalUpdateContribution.secondOrder(beta1, beta2), rms, square.interval() / (2 * rms));
  }

  @Test
  void totalUpdateContributionIsOneWhereVDoesNotFluctuate() {
    Sharp.close(
        TotalUpdateContribution.meanField(),
        TotalUpdateContribution.secondOrder(0.9, 1 - 1e-9),
        1e-6);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.95", "0.95,0.8", "0.0,0.9"})
  void secondOrderStationaryAgreesWithASimulationOfAdamW(double beta1, double beta2) {
    double lr = 0.05;
    double decay = 1;
    Sampled square =
        Sampled.of(
            5,
            30_000,
            random -> {
              double m = 0;
              double v = 1;
              double w = 0;
              for (int t = 0; t < 160; t++) {
                double g = random.nextGaussian();
                m = beta1 * m + (1 - beta1) * g;
                v = beta2 * v + (1 - beta2) * g * g;
                w = (1 - lr * decay) * w - lr * m / Math.sqrt(v);
              }
              return w * w;
            });
    double rms = Math.sqrt(square.mean());
    Sharp.within(
        WeightRms.secondOrderStationary(beta1, beta2, lr, decay),
        rms,
        square.interval() / (2 * rms) + 0.006 * rms);
  }

  @Test
  void badArgumentsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightRms.stationaryMeanField(2, 0.5))
        .withMessage(
            "lr * weightDecay = 1.0 is not allowed: it must be below 1, or a step would flip every"
                + " weight");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightRms.meanField(0, 0.01, 0, 10, 0))
        .withMessageContaining("weightDecay = 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightRms.exactFinite(0.9, 0, 0.01, 0.1, 0, 0))
        .withMessageContaining("steps = 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightRms.withoutDecay(0.1, 3, Double.POSITIVE_INFINITY))
        .withMessageContaining("initialRms = Infinity");
  }
}
