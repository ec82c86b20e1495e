package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LongRunTest {

  /** Second moments of (w, m) pushed through the linear update until they no longer move. */
  @ParameterizedTest
  @CsvSource({"0.0,0.1,0.5,1.0", "0.9,0.1,0.5,1.0", "0.9,1.0,3.0,0.2", "0.5,0.02,2.0,4.0"})
  void sgdmVarianceIsTheFixedPointOfItsMoments(
      double beta1, double lr, double curvature, double noiseVariance) {
    double ww = 0;
    double wm = 0;
    double mm = 0;
    double a = beta1;
    double b = (1 - beta1) * curvature; // m' = a·m + b·w + noise, w' = w − lr·m'
    double fresh = (1 - beta1) * (1 - beta1) * noiseVariance;
    for (int t = 0; t < 20_000; t++) {
      double newMm = a * a * mm + 2 * a * b * wm + b * b * ww + fresh;
      double newWithOld = a * wm + b * ww; // E[w m']
      double newWm = newWithOld - lr * newMm;
      double newWw = ww - 2 * lr * newWithOld + lr * lr * newMm;
      mm = newMm;
      wm = newWm;
      ww = newWw;
    }
    Sharp.relative(LongRun.sgdmVariance(beta1, lr, curvature, noiseVariance), ww, 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"0.05,0.0", "0.05,0.9", "0.3,0.0", "0.3,0.9", "1.0,0.0", "1.0,0.9"})
  void sgdmVarianceMatchesTheReference(double stiffness, double beta1) {
    JsonNode row =
        Reference.at("extra", "sgdm_stationary_var", "eta*h=" + stiffness + ",beta=" + beta1);
    double value = LongRun.sgdmVariance(beta1, stiffness, 1, 1);
    Sharp.relative(value, row.get("formula").asDouble(), 1e-5);
    Sharp.relative(value, row.get("mc").asDouble(), 0.01);
  }

  /** The stationary spread of long random walks with decay is what sets the best rate there. */
  @Test
  void signumRateRatioIsTheRatioOfSpreads() {
    double decay = 1e-3;
    double sign = SignumWeightRms.exactStationary(0, 0, 0.01, decay);
    double signum = SignumWeightRms.exactStationary(0.9, 0, 0.01, decay);
    Sharp.relative(LongRun.signumRateRatio(0.9), sign / signum, 1e-3);
    Sharp.relative(LongRun.signumRateRatio(0.9), 0.274, 2e-3);
  }

  @Test
  void angleIsMeasuredOnARandomWalk() {
    int d = 20_000;
    double lr = 0.02;
    double decay = 0.5;
    SplittableRandom random = new SplittableRandom(61);
    double[] w = new double[d];
    double cosine = 0;
    for (int t = 0; t < 400; t++) {
      double before = 0;
      double after = 0;
      double both = 0;
      for (int i = 0; i < d; i++) {
        double old = w[i];
        w[i] = (1 - lr * decay) * old - lr * Math.signum(random.nextGaussian());
        before += old * old;
        after += w[i] * w[i];
        both += old * w[i];
      }
      cosine = both / Math.sqrt(before * after);
    }
    Sharp.relative(LongRun.adamwAnglePerStep(0, lr, decay), Math.acos(cosine), 0.015);
    double weightRms = WeightRms.stationaryMeanField(lr, decay);
    Sharp.relative(
        LongRun.anglePerStep(lr, Math.sqrt(1.0 / 19), weightRms),
        LongRun.adamwAnglePerStep(0.9, lr, decay),
        1e-12);
    Sharp.relative(LongRun.adamwAnglePerStep(0.9, lr, decay), Math.sqrt(0.02 / 19), 1e-12);
  }

  /** Two vectors of one length, the second the first shrunk, plus a step: in two dimensions. */
  @Test
  void equilibriumAngleIsThatOfATriangle() {
    double decay = 0.3;
    double[] after = {Math.cos(0.4), Math.sin(0.4)};
    double step = Math.hypot(after[0] - (1 - 0.5 * decay), after[1]);
    Sharp.relative(LongRun.equilibriumAngle(0.5, decay, step / 0.5, 1), 0.4, 1e-12);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LongRun.equilibriumAngle(0.5, decay, 0.1, 1))
        .withMessageContaining("no equilibrium has such a step");
  }

  @Test
  void instabilityIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LongRun.sgdmVariance(0, 2, 1, 1))
        .withMessageContaining("2 - lr * curvature");
  }
}
