package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RatioHistogramTest {

  private static double[] counts(double... log2) {
    double[] counts = new double[RatioHistogram.BINS];
    for (double x : log2) {
      counts[(int) Math.max(0, Math.min(23, Math.floor((x + 8) * 2)))]++;
    }
    return counts;
  }

  @Test
  void theNoiseDominatedShareIsWhatLiesBelowOne() {
    assertThat(RatioHistogram.noiseDominated(counts(-3, -0.1, 0.1, 2))).isEqualTo(0.5);
    assertThat(RatioHistogram.noiseDominated(counts(-3, -2.9, -0.2, 0.1))).isEqualTo(0.75);
    assertThat(RatioHistogram.noiseDominated(new double[RatioHistogram.BINS])).isNaN();
  }

  @Test
  void sharesAddUpToOne() {
    assertThat(RatioHistogram.shares(counts(-3, -0.1, 0.1, 2)))
        .hasSize(24)
        .satisfies(s -> assertThat(s.stream().mapToDouble(x -> x).sum()).isEqualTo(1))
        .contains(0.25);
    assertThat(RatioHistogram.shares(new double[RatioHistogram.BINS])).isEmpty();
  }

  @Test
  void quantilesAreThoseOfTheValuesCounted() {
    SplittableRandom random = new SplittableRandom(4);
    double[] log2 = random.doubles(50_000).map(u -> -6 + 8 * u * u).toArray(); // from -6 to 2
    double[] counts = counts(log2);
    for (double p : new double[] {0.05, 0.25, 0.5, 0.75, 0.95}) {
      double truth = -6 + 8 * p * p;
      double found = Math.log(RatioHistogram.quantile(counts, p)) / Math.log(2);
      assertThat(found).as("p = " + p).isCloseTo(truth, within(0.12)); // within bins of 0.5
    }
    assertThat(RatioHistogram.quantile(counts, 0.2))
        .isLessThan(RatioHistogram.quantile(counts, 0.3));
    assertThat(RatioHistogram.quantile(new double[RatioHistogram.BINS], 0.5)).isNaN();
    assertThat(RatioHistogram.quantile(counts(-20, 20), 1)).isEqualTo(16);
  }
}
