package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RankCorrelationTest {

  /** By hand: of 10 pairs 8 agree and 2 do not, so 0.6; z = 0.6931 ± 1.96 sqrt(0.437 / 1). */
  @Test
  void tauAndItsInterval() {
    RankCorrelation order =
        RankCorrelation.of(new double[] {1, 2, 3, 4, 5}, new double[] {2, 1, 3, 5, 4}, 0.95);
    assertThat(order.tau()).isCloseTo(0.6, within(1e-12));
    assertThat(order.concordance()).isCloseTo(0.8, within(1e-12));
    assertThat(order.interval().low()).isCloseTo(Math.tanh(0.693147 - 1.295661), within(1e-5));
    assertThat(order.interval().high()).isCloseTo(Math.tanh(0.693147 + 1.295661), within(1e-5));
  }

  @Test
  void whereAllAgreeTheLowerEndIsStillBelowOne() {
    double[] x = {1, 2, 3, 4, 5, 6};
    RankCorrelation order = RankCorrelation.of(x, x, 0.95);
    assertThat(order.tau()).isEqualTo(1);
    assertThat(order.interval().high()).isEqualTo(1);
    assertThat(order.interval().low()).isBetween(0.5, 0.75);
  }

  @Test
  void fewPairsSayNothing() {
    assertThat(RankCorrelation.of(new double[] {1}, new double[] {1}, 0.95).tau()).isNaN();
    RankCorrelation four =
        RankCorrelation.of(new double[] {1, 2, 3, 4}, new double[] {1, 2, 3, 4}, 0.95);
    assertThat(four.tau()).isEqualTo(1);
    assertThat(four.interval().low()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThatThrownBy(() -> RankCorrelation.of(new double[1], new double[2], 0.95))
        .hasMessage("x has 1 values, y has 2");
  }

  /** For normal pairs of correlation r, tau is (2/pi) asin r; the interval covers it as it says. */
  @Test
  void theIntervalCoversTheTruth() {
    SplittableRandom random = new SplittableRandom(20261129);
    double r = 0.6;
    double truth = 2 / Math.PI * Math.asin(r);
    int covered = 0;
    int draws = 2000;
    for (int i = 0; i < draws; i++) {
      double[] x = new double[12];
      double[] y = new double[12];
      for (int k = 0; k < x.length; k++) {
        x[k] = normal(random);
        y[k] = r * x[k] + Math.sqrt(1 - r * r) * normal(random);
      }
      covered += RankCorrelation.of(x, y, 0.95).interval().contains(truth) ? 1 : 0;
    }
    assertThat(covered / (double) draws).isBetween(0.92, 0.99);
  }

  private static double normal(SplittableRandom random) {
    return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
        * Math.cos(2 * Math.PI * random.nextDouble());
  }
}
