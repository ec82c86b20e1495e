package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Paired and Welch tests against R's published output and on equal samples. */
class TTestTest {
  /** R: t = -4.0621, df = 9, p-value = 0.002833, interval -2.4598858 -0.7001142. */
  @Test
  void pairedOnSleepData() {
    TTest test = TTest.paired(SleepData.first(), SleepData.second(), 0.95);
    assertThat(test.difference()).isEqualTo(-1.58, within(1e-14));
    assertThat(test.statistic()).isEqualTo(-4.0621, within(5e-5));
    assertThat(test.degreesOfFreedom()).isEqualTo(9);
    assertThat(test.pValue()).isEqualTo(0.002833, within(5e-7));
    assertThat(test.interval().low()).isEqualTo(-2.4598858, within(5e-8));
    assertThat(test.interval().high()).isEqualTo(-0.7001142, within(5e-8));
    assertThat(test.significantAt(0.01)).isTrue();
    assertThat(test.significantAt(0.001)).isFalse();
  }

  /** R: t = -1.8608, df = 17.776, p-value = 0.07939, interval -3.3654832 0.2054832. */
  @Test
  void welchOnSleepData() {
    TTest test = TTest.welch(SleepData.first(), SleepData.second(), 0.95);
    assertThat(test.statistic()).isEqualTo(-1.8608, within(5e-5));
    assertThat(test.degreesOfFreedom()).isEqualTo(17.776, within(5e-4));
    assertThat(test.pValue()).isEqualTo(0.07939, within(5e-6));
    assertThat(test.interval().low()).isEqualTo(-3.3654832, within(5e-8));
    assertThat(test.interval().high()).isEqualTo(0.2054832, within(5e-8));
  }

  @Test
  void withoutSpread() {
    double[] a = {1, 1};
    double[] b = {2, 2};
    assertThat(TTest.welch(a, a, 0.95).pValue()).isEqualTo(1);
    assertThat(TTest.paired(a, a, 0.95).statistic()).isZero();
    assertThat(TTest.paired(a, b, 0.95).pValue()).isZero();
    assertThat(TTest.welch(a, b, 0.95).statistic()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(TTest.welch(a, b, 0.95).interval()).isEqualTo(new Interval(-1, -1, 0.95));
  }

  /** A/A: of 100 comparisons of equal samples at most 10 are significant at 5 %. */
  @Test
  void equalSamplesAreRarelyToldApart() {
    assertThat(falseAlarms(100, 5, 1)).isLessThanOrEqualTo(10);
  }

  /** And over many more the rate is the one asked for, neither above nor far below. */
  @Test
  void theErrorRateIsTheOneAskedFor() {
    assertThat(falseAlarms(5000, 5, 2) / 5000.0).isEqualTo(0.05, within(0.0093)); // 3 s.e.
  }

  private static int falseAlarms(int comparisons, int n, long seed) {
    Random random = new Random(seed);
    int paired = 0;
    int welch = 0;
    for (int i = 0; i < comparisons; i++) {
      double[] a = normal(random, n);
      double[] b = normal(random, n);
      paired += TTest.paired(a, b, 0.95).significantAt(0.05) ? 1 : 0;
      welch += TTest.welch(a, b, 0.95).significantAt(0.05) ? 1 : 0;
    }
    assertThat(Math.abs(paired - welch)).isLessThan(1 + comparisons / 20);
    return Math.max(paired, welch);
  }

  private static double[] normal(Random random, int n) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextGaussian();
    }
    return x;
  }

  @Test
  void refusesWhatCannotBeTested() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TTest.paired(new double[2], new double[3], 0.95))
        .withMessage("a has 2 values, b 3; pairs need as many");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TTest.welch(new double[2], new double[1], 0.95))
        .withMessage("b has 1 values; at least 2 are needed");
  }
}
