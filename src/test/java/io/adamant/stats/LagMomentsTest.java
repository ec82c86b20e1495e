package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.theory.UpdateRms;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Moments over lags against processes whose memory is known. */
class LagMomentsTest {

  private static final int STEPS = 90;
  private static final int BLOCKS = 8;
  private static final int BLOCK = 16;

  /** The moments of a process, with C_0 = 1, as exact inner products. */
  private static LagMoments exact(IntToDoubleFunction moment) {
    double[][] gram = new double[STEPS][STEPS];
    for (int i = 0; i < STEPS; i++) {
      for (int j = 0; j < STEPS; j++) {
        gram[i][j] = BLOCK * moment.applyAsDouble(Math.abs(i - j));
      }
    }
    return new LagMoments(new double[][][] {gram, gram}, new double[] {BLOCK, BLOCK});
  }

  @Test
  void aConstantMeanGivesTheMeanField() {
    for (double snr : new double[] {0, 0.01, 0.1, 1}) {
      LagMoments moments = exact(lag -> lag == 0 ? 1 : snr / (1 + snr));
      for (double beta : new double[] {0, 0.5, 0.9}) {
        assertThat(moments.updateRms(beta).value())
            .isCloseTo(UpdateRms.meanField(beta, snr), within(1e-4));
      }
      assertThat(moments.persistence(1).value()).isCloseTo(snr / (1 + snr), within(1e-12));
    }
  }

  @Test
  void memoryRaisesTheUpdateAndOppositionLowersIt() {
    assertThat(exact(lag -> Math.pow(0.9, lag)).memoryFactor(0.9).value()).isGreaterThan(1.5);
    double opposed = exact(lag -> lag == 0 ? 1 : lag == 1 ? -0.4 : 0).memoryFactor(0.9).value();
    // 1 + 2 beta C_1/C_0, but for the truncation
    assertThat(opposed).isCloseTo(Math.sqrt(1 - 2 * 0.9 * 0.4), within(3e-4));
  }

  /** The best average of an AR(1) signal in white noise is the stationary Kalman filter. */
  @Test
  void theBestPredictorIsKalmans() {
    double a = 0.9;
    double share = 0.5;
    double p = share * (1 - a * a);
    double prior = share;
    for (int i = 0; i < 1000; i++) {
      prior = a * a * prior * (1 - share) / (prior + 1 - share) + p;
    }
    double gain = prior / (prior + 1 - share);
    double beta = exact(lag -> lag == 0 ? 1 : share * Math.pow(a, lag)).predictiveBeta().value();
    assertThat(beta).isCloseTo(a * (1 - gain), within(0.02));
    assertThat(exact(lag -> lag == 0 ? 1 : -0.01).predictiveBeta().known()).isFalse();
  }

  /** An average that remembers more than the steps hold is not predicted. */
  @Test
  void noPredictionBeyondTheSteps() {
    LagMoments moments = exact(lag -> lag == 0 ? 1 : 0.1);
    assertThat(LagMoments.covers(0.95, STEPS)).isTrue();
    assertThat(moments.updateRms(0.95).known()).isTrue();
    assertThat(LagMoments.covers(0.96, STEPS)).isFalse();
    assertThat(moments.updateRms(0.96).known()).isFalse();
    assertThat(moments.predictiveBeta().interval().high()).isBetween(0.94, 0.9502);
  }

  @Test
  void tooFewStepsAreRefused() {
    double[][][] gram = new double[2][15][15];
    assertThatThrownBy(() -> new LagMoments(gram, new double[] {1, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 16");
  }

  /**
   * Half of the variance remembers, by a factor of 0.7 a step, or opposes itself (0.5 of white
   * noise less half of the one before); a share of all variance lies in one direction, which no
   * number of coordinates averages out.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.05, 0.2})
  void intervalsCoverTheTruth(double shared) {
    cover(shared, 200, 172, 199); // 90 to 99 %, give or take two standard errors of a share of 200
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(doubles = {0, 0.05, 0.2})
  void intervalsCoverTheTruthInNineOfTenOfMany(double shared) {
    cover(shared, 2000, 1800, 1980);
  }

  private static void cover(double shared, int repetitions, int least, int most) {
    for (boolean opposing : new boolean[] {false, true}) {
      LagMoments truth =
          opposing
              ? exact(lag -> lag == 0 ? 1 : lag == 1 ? -0.4 : 0)
              : exact(lag -> lag == 0 ? 1 : 0.5 * Math.pow(0.7, lag));
      LagMoments.Estimate best = truth.predictiveBeta();
      Random random = new Random(opposing ? 7 : 3);
      int[] covered = new int[5];
      for (int r = 0; r < repetitions; r++) {
        LagMoments drawn = draw(random, shared, opposing);
        covered[0] += in(drawn.persistence(1), truth.persistence(1));
        covered[1] += in(drawn.updateRms(0.8), truth.updateRms(0.8));
        covered[2] += in(drawn.updateRms(0.9), truth.updateRms(0.9));
        covered[3] += in(drawn.updateRms(0.95), truth.updateRms(0.95));
        covered[4] += opposing ? 0 : in(drawn.predictiveBeta(), best);
      }
      String[] what = {"lag 1", "beta 0.8", "beta 0.9", "beta 0.95", "predictive beta"};
      for (int i = 0; i < (opposing ? 4 : 5); i++) { // nothing predicts what opposes itself
        assertThat(covered[i]).as(what[i]).isBetween(least, most);
      }
    }
  }

  private static int in(LagMoments.Estimate estimate, LagMoments.Estimate truth) {
    return estimate.interval().contains(truth.value()) ? 1 : 0;
  }

  private static LagMoments draw(Random random, double shared, boolean opposing) {
    double[] common = series(random, opposing);
    double[][][] gram = new double[BLOCKS][STEPS][STEPS];
    double[][] x = new double[BLOCK][];
    for (double[][] block : gram) {
      for (int i = 0; i < BLOCK; i++) {
        x[i] = series(random, opposing);
        double sign = Math.sqrt(shared) * (i % 2 == 0 ? 1 : -1);
        for (int t = 0; t < STEPS; t++) {
          x[i][t] = Math.sqrt(1 - shared) * x[i][t] + sign * common[t];
        }
        for (int t = 0; t < STEPS; t++) {
          for (int s = 0; s <= t; s++) {
            block[t][s] += x[i][t] * x[i][s];
          }
        }
      }
    }
    double[] sizes = new double[BLOCKS];
    Arrays.fill(sizes, BLOCK);
    return new LagMoments(gram, sizes);
  }

  private static double[] series(Random random, boolean opposing) {
    double[] x = new double[STEPS];
    double state = random.nextGaussian();
    for (int t = 0; t < STEPS; t++) {
      double fresh = random.nextGaussian();
      if (opposing) { // (e_t - e_{t-1}/2)/sqrt(5/4): C_1 = -0.4
        x[t] = (fresh - state / 2) / Math.sqrt(1.25);
        state = fresh;
      } else {
        x[t] = Math.sqrt(0.5) * (state + random.nextGaussian());
        state = 0.7 * state + Math.sqrt(1 - 0.49) * fresh;
      }
    }
    return x;
  }
}
