package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpdateRmsTest {

  @ParameterizedTest
  @CsvSource({"0.9,0.0", "0.9,0.1", "0.95,1.0", "0.0,0.3"})
  void meanFieldIsTheRatioOfDirectlySummedMoments(double beta1, double snr) {
    double weights = 0;
    double squares = 0;
    for (int k = 0; k < 5000; k++) {
      double weight = (1 - beta1) * Math.pow(beta1, k);
      weights += weight;
      squares += weight * weight;
    }
    double ratio = (snr * weights * weights + squares) / (snr + 1);
    Sharp.relative(UpdateRms.meanField(beta1, snr), Math.sqrt(ratio), 1e-12);
    Sharp.relative(UpdateRms.parameterFree(beta1), Math.sqrt(squares), 1e-12);
    Sharp.relative(UpdateRms.sgdm(beta1, snr), Math.sqrt(snr * weights * weights + squares), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.95,0.0", "0.9,0.95,0.3", "0.8,0.9,0.1", "0.0,0.97,0.05"})
  void secondOrderAgreesWithASimulationOfAdam(double beta1, double beta2, double snr) {
    double mu = Math.sqrt(snr);
    Sampled square = Sampled.of(7, 6000, random -> stationarySquare(random, beta1, beta2, mu));
    // 0.9 % is the stated error of the formula, on top of the simulation's own.
    double expected = Math.sqrt(square.mean());
    double interval = square.interval() / (2 * expected) + 0.009 * expected;
    Sharp.within(UpdateRms.secondOrder(beta1, beta2, snr), expected, interval);
  }

  /** u² after long enough, averaged over one run so that each draw is independent of the next. */
  private static double stationarySquare(
      SplittableRandom random, double beta1, double beta2, double mu) {
    double m = 0;
    double v = 0;
    double sum = 0;
    int warm = 300;
    int kept = 100;
    for (int t = 0; t < warm + kept; t++) {
      double g = mu + random.nextGaussian();
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      if (t >= warm) {
        sum += m * m / v;
      }
    }
    return sum / kept;
  }

  @Test
  void secondOrderIsExactWithoutMemory() {
    assertThat(UpdateRms.secondOrder(0, 0, 0)).isEqualTo(1);
  }

  @Test
  void signTypeRulesHaveUnitRms() {
    assertThat(UpdateRms.signType()).isEqualTo(1);
  }

  @Test
  void errorsAgainstTheReferenceLieInTheStatedBands() {
    Sharp.Band meanField = new Sharp.Band();
    Sharp.Band meanFieldLow = new Sharp.Band();
    Sharp.Band second = new Sharp.Band();
    Sharp.Band secondLow = new Sharp.Band();
    for (JsonNode row : Reference.at("update_rms", "rows")) {
      double beta1 = row.get("b1").asDouble();
      double beta2 = row.get("b2").asDouble();
      double snr = row.get("snr").asDouble();
      double measured = row.get("rms").asDouble();
      if (beta2 >= 0.9) {
        meanField.add(UpdateRms.meanField(beta1, snr), measured);
        second.add(UpdateRms.secondOrder(beta1, beta2, snr), measured);
      } else if (beta2 >= 0.6) {
        meanFieldLow.add(UpdateRms.meanField(beta1, snr), measured);
        secondLow.add(UpdateRms.secondOrder(beta1, beta2, snr), measured);
      }
    }
    meanField.liesIn(-0.0325, 0.0535);
    meanFieldLow.liesIn(-0.196, 0.116);
    second.liesIn(-0.0095, 0.0025);
    secondLow.liesIn(-0.0685, 0.0095);
  }

  @Test
  void parameterFreeMatchesTheReferenceWithoutSignal() {
    Sharp.Band band = new Sharp.Band();
    for (JsonNode row : Reference.at("update_rms", "rows")) {
      if (row.get("snr").asDouble() == 0 && row.get("b2").asDouble() >= 0.9) {
        band.add(UpdateRms.parameterFree(row.get("b1").asDouble()), row.get("rms").asDouble());
      }
    }
    band.liesIn(-0.0325, 0.0425);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.02", "0.95,0.7", "0.0,0.5"})
  void bothInversesUndoTheMeanField(double beta1, double snr) {
    double rms = UpdateRms.meanField(beta1, snr);
    if (beta1 == 0) {
      assertThat(rms).as("no information about snr is left").isEqualTo(1);
      return;
    }
    Sharp.relative(UpdateRms.snrFromUpdateRms(beta1, rms), snr, 1e-9);
    Sharp.relative(UpdateRms.snrFromMomentumRatio(beta1, rms * rms), snr, 1e-9);
  }

  @Test
  void inversesReturnWhatTheReferenceMeasured() {
    // The key holds dots of its own, so it is reached in two steps.
    JsonNode measured = Reference.at("extra", "snr_inversion_b.9_.95");
    for (String snr : new String[] {"0.0", "0.003", "0.01", "0.03", "0.1", "0.3", "1.0"}) {
      double truth = Double.parseDouble(snr);
      double biased = measured.get(snr).get("from_update_rms").asDouble();
      double good = measured.get(snr).get("from_m_over_g").asDouble();
      double second = UpdateRms.secondOrder(0.9, 0.95, truth);
      // The inverse magnifies the 0.2 % error of the second order and the sampling of the file.
      Sharp.within(UpdateRms.snrFromUpdateRms(0.9, second), biased, 0.05 * biased + 5e-4);
      assertThat(Math.abs(good - truth)).isLessThan(Math.abs(biased - truth));
    }
  }

  @Test
  void snrBelowTheNoiseFloorIsReportedNegative() {
    assertThat(UpdateRms.snrFromUpdateRms(0.9, 0.2)).isNegative();
    assertThat(UpdateRms.snrFromMomentumRatio(0.9, 0.04)).isNegative();
  }

  @ParameterizedTest
  @CsvSource({"0.0,0.1", "0.8,0.05", "0.9,0.3"})
  void meanSignAndEmaSignAgreeWithSimulation(double beta1, double snr) {
    double mu = Math.sqrt(snr);
    double spread = Math.sqrt(EffectiveBatch.noiseRatio(beta1));
    Sampled sign =
        Sampled.of(11, 400_000, random -> Math.signum(mu + spread * random.nextGaussian()));
    Sharp.within(UpdateRms.meanSign(beta1, snr), sign.mean(), sign.interval());
    Sampled square =
        Sampled.of(
            12,
            20_000,
            random -> {
              double average = 0;
              for (int t = 0; t < 150; t++) {
                double step = Math.signum(mu + random.nextGaussian());
                average = beta1 * average + (1 - beta1) * step;
              }
              return average * average;
            });
    double rms = Math.sqrt(square.mean());
    Sharp.within(UpdateRms.emaSign(beta1, snr), rms, square.interval() / (2 * rms) + 1e-12);
  }

  @Test
  void badArgumentsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UpdateRms.meanField(1, 0))
        .withMessage("beta1 = 1.0 is not allowed: it must be a number in [0, 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UpdateRms.secondOrder(0.9, Double.NaN, 0))
        .withMessageContaining("beta2 = NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UpdateRms.meanField(0.9, -0.1))
        .withMessageContaining("snr = -0.1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UpdateRms.snrFromUpdateRms(0.9, 1))
        .withMessageContaining("updateRms = 1.0");
  }
}
