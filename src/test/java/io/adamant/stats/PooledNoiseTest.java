package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The noise pooled over settings. */
class PooledNoiseTest {
  /** Squares 2 + 8 over 1 + 2 degrees of freedom, whatever the means; a lone value adds nothing. */
  @Test
  void poolsSquaresAndDegreesOfFreedom() {
    List<double[]> settings =
        List.of(new double[] {1, 3}, new double[] {98, 100, 102}, new double[] {7});
    PooledNoise noise = PooledNoise.of(settings, 0.95).orElseThrow();
    assertThat(noise.degreesOfFreedom()).isEqualTo(3);
    assertThat(noise.standardDeviation()).isEqualTo(Math.sqrt(10 / 3.0), within(1e-15));
  }

  /** Table values of χ² with 9 degrees of freedom: 2.70039 and 19.02277. */
  @Test
  void intervalFromChiSquared() {
    PooledNoise noise = PooledNoise.of(List.of(SleepData.first()), 0.95).orElseThrow();
    double sumOfSquares = 9 * 1.789010 * 1.789010;
    assertThat(noise.interval().low()).isEqualTo(Math.sqrt(sumOfSquares / 19.02277), within(1e-6));
    assertThat(noise.interval().high()).isEqualTo(Math.sqrt(sumOfSquares / 2.70039), within(5e-6));
  }

  /** The t-quantile of 9 degrees of freedom is 2.262157. */
  @Test
  void halfWidthOfAMean() {
    PooledNoise noise = PooledNoise.of(List.of(SleepData.first()), 0.95).orElseThrow();
    assertThat(noise.halfWidth(4)).isEqualTo(2.262157 * 1.789010 / 2, within(1e-6));
  }

  /** Of the three pairs' differences, whose own degrees of freedom would be counted thrice. */
  @Test
  void differencesWithinPairs() {
    double[] a = {1, 2, 4};
    double[] b = {2, 2, 5};
    double[] c = {0, 3, 3};
    PooledNoise noise = PooledNoise.ofDifferences(List.of(a, b, c), 0.95).orElseThrow();
    double sum = 0;
    for (double[] d : List.of(apart(a, b), apart(a, c), apart(b, c))) {
      sum += Samples.sumOfSquares(d);
    }
    assertThat(noise.standardDeviation()).isEqualTo(Math.sqrt(sum / 6), within(1e-14));
    assertThat(noise.degreesOfFreedom()).isEqualTo(4);
    assertThat(PooledNoise.ofDifferences(List.of(a), 0.95)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PooledNoise.ofDifferences(List.of(a, new double[2]), 0.95));
  }

  /** 95 % of 20,000 intervals hold the true noise, √2 · 0.3; ± 4 standard errors. */
  @Test
  void theIntervalOfDifferencesHoldsTheirNoise() {
    Random random = new Random(5);
    int held = 0;
    for (int trial = 0; trial < 20_000; trial++) {
      double[][] arms = new double[4][5];
      for (int seed = 0; seed < 5; seed++) {
        double shared = random.nextGaussian();
        for (double[] arm : arms) {
          arm[seed] = shared + 0.3 * random.nextGaussian();
        }
      }
      held +=
          PooledNoise.ofDifferences(List.of(arms), 0.95)
                  .orElseThrow()
                  .interval()
                  .contains(0.3 * Math.sqrt(2))
              ? 1
              : 0;
    }
    assertThat(held / 20_000.0).isEqualTo(0.95, within(4 * Math.sqrt(0.95 * 0.05 / 20_000)));
  }

  private static double[] apart(double[] a, double[] b) {
    double[] apart = new double[a.length];
    Arrays.setAll(apart, i -> a[i] - b[i]);
    return apart;
  }

  @Test
  void lonelySeedsHaveNoNoise() {
    assertThat(PooledNoise.of(List.of(new double[] {1}, new double[] {2}), 0.95)).isEmpty();
    assertThat(PooledNoise.of(List.of(), 0.95)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PooledNoise.of(List.of(new double[0]), 0.95));
  }
}
