package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Power, detectable differences and seeds needed, against published tables and simulation. */
class PowerTest {
  /**
   * R's documentation of power.t.test: n = 20, delta = 1, sd = 1 has power 0.8689528, of the upper
   * tail alone; the lower adds about 2e-7.
   */
  @Test
  void powerOfTwoSamples() {
    assertThat(TTestPower.of(1 / Math.sqrt(2.0 / 20), 38, 0.05))
        .isEqualTo(0.8689528 + 2e-7, within(1e-7));
  }

  /** At δ = 0 the power is the error rate, for any degrees of freedom: the integral is right. */
  @ParameterizedTest
  @CsvSource({"1", "1.5", "2", "4", "17.776", "300", "1e6"})
  void powerWithoutDifferenceIsTheErrorRate(double df) {
    for (double alpha : new double[] {0.001, 0.05, 0.5}) {
      assertThat(TTestPower.of(0, df, alpha)).isEqualTo(alpha, within(1e-9));
    }
    assertThat(TTestPower.of(-2, df, 0.05)).isEqualTo(TTestPower.of(2, df, 0.05), within(1e-14));
  }

  /** Cohen (1988), power 0.80 at 0.05 two-sided: 393, 64 and 26 an arm; 34 and 10 pairs. */
  @ParameterizedTest
  @CsvSource({"UNPAIRED,.2,394", "UNPAIRED,.5,64", "UNPAIRED,.8,26", "PAIRED,.5,34", "PAIRED,1,10"})
  void seedsNeeded(Design design, double effect, long needed) {
    assertThat(SeedPlan.of(design, 1, effect, 0).needed()).isEqualTo(needed);
    assertThat(SeedPlan.of(design, 0.02, 0.02 * effect, 3).more()).isEqualTo(needed - 3);
  }

  /** The detectable difference is the one that needs exactly these seeds. */
  @ParameterizedTest
  @CsvSource({"PAIRED,2", "PAIRED,3", "PAIRED,10", "UNPAIRED,2", "UNPAIRED,3", "UNPAIRED,40"})
  void detectableDifferenceAndSeedsAreInverse(Design design, int seeds) {
    double difference = DetectableDifference.of(design, 0.5, seeds).difference();
    assertThat(SeedPlan.of(design, 0.5, difference * 1.001, 1).needed()).isEqualTo(seeds);
    assertThat(SeedPlan.of(design, 0.5, difference * 0.999, 1).needed()).isEqualTo(seeds + 1L);
  }

  /** Tests of simulated arms that differ by it find it in 80 %. */
  @ParameterizedTest
  @CsvSource({"PAIRED,3", "PAIRED,6", "UNPAIRED,3", "UNPAIRED,6"})
  void aDetectableDifferenceIsDetected(Design design, int seeds) {
    double difference = DetectableDifference.of(design, 1, seeds).difference();
    Random random = new Random(7);
    double[] a = new double[seeds];
    double[] b = new double[seeds];
    int found = 0;
    for (int run = 0; run < 4000; run++) {
      for (int i = 0; i < seeds; i++) {
        a[i] = design == Design.PAIRED ? 0 : random.nextGaussian();
        b[i] = difference + random.nextGaussian();
      }
      // Pooled variances: Welch's test has fewer degrees of freedom and slightly less power.
      double t =
          design == Design.PAIRED
              ? TTest.paired(a, b, 0.95).statistic()
              : TTest.welch(a, b, 0.95).statistic(); // as many a side: the same t as pooled
      double df = DetectableDifference.degreesOfFreedom(design, seeds);
      found += Samples.twoSidedP(t, df) < 0.05 ? 1 : 0;
    }
    assertThat(found / 4000.0).isEqualTo(0.8, within(0.02)); // 3 standard errors
  }

  /** From some point on the normal approximation: n = 2 (1.959964 + .841621)² / d². */
  @Test
  void manySeeds() {
    long needed = SeedPlan.of(Design.UNPAIRED, 1, 0.001, 0).needed();
    assertThat((double) needed).isEqualTo(2e6 * 7.848879, within(200.0));
    assertThat(SeedPlan.of(Design.PAIRED, 1, 1e-12, 0).needed()).isEqualTo((long) 1e18);
  }

  @Test
  void inWords() {
    assertThat(SeedPlan.of(Design.PAIRED, 1, 1, 3).sentence())
        .isEqualTo("needs about 7 more seeds to resolve a difference of 1.00");
    assertThat(SeedPlan.of(Design.PAIRED, 0.01, 0.01, 9).sentence())
        .isEqualTo("needs about 1 more seed to resolve a difference of 0.0100");
    assertThat(SeedPlan.of(Design.PAIRED, 1, 1, 12).sentence())
        .isEqualTo("12 seeds suffice to resolve a difference of 1.00");
  }

  @Test
  void oneSeedDetectsNothing() {
    assertThat(DetectableDifference.of(Design.UNPAIRED, 1, 1).difference()).isInfinite();
  }

  @Test
  void refusesArgumentsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DetectableDifference.of(Design.PAIRED, 0, 3))
        .withMessage("noise is 0.0; it must be finite and > 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DetectableDifference.of(Design.PAIRED, 1, 3, 0.05, 0.04))
        .withMessageStartingWith("power is 0.04");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SeedPlan.of(Design.PAIRED, 1, -1, 3))
        .withMessage("difference is -1.0; it must be finite and > 0");
    assertThatIllegalArgumentException().isThrownBy(() -> SeedPlan.of(Design.PAIRED, 1, 1, -3));
    assertThatIllegalArgumentException().isThrownBy(() -> TTestPower.of(1, 0.5, 0.05));
  }
}
