package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
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

  @Test
  void lonelySeedsHaveNoNoise() {
    assertThat(PooledNoise.of(List.of(new double[] {1}, new double[] {2}), 0.95)).isEmpty();
    assertThat(PooledNoise.of(List.of(), 0.95)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PooledNoise.of(List.of(new double[0]), 0.95));
  }
}
