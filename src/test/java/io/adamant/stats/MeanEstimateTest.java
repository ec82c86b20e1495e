package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The mean and its interval. */
class MeanEstimateTest {
  /** Table values: s = 1.789010, t_{.975, 9} = 2.262157. */
  @Test
  void sleepData() {
    MeanEstimate estimate = MeanEstimate.of(SleepData.first(), 0.95);
    assertThat(estimate.n()).isEqualTo(10);
    assertThat(estimate.mean()).isEqualTo(0.75, within(1e-14));
    assertThat(estimate.standardDeviation()).isEqualTo(1.789010, within(5e-7));
    assertThat(estimate.interval().halfWidth())
        .isEqualTo(2.262157 * 1.789010 / Math.sqrt(10), within(1e-6));
    assertThat((estimate.interval().low() + estimate.interval().high()) / 2)
        .isEqualTo(0.75, within(1e-14));
  }

  @Test
  void oneValueSaysNothingAboutItsSpread() {
    MeanEstimate estimate = MeanEstimate.of(new double[] {3}, 0.95);
    assertThat(estimate.mean()).isEqualTo(3);
    assertThat(estimate.standardDeviation()).isNaN();
    assertThat(estimate.interval().contains(1e300)).isTrue();
    assertThat(estimate.interval().halfWidth()).isInfinite();
  }

  /** A large offset costs no digits. */
  @Test
  void aCommonOffsetDoesNotBlurTheSpread() {
    double[] shifted = SleepData.first();
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] += 1 << 30;
    }
    assertThat(MeanEstimate.of(shifted, 0.95).standardDeviation())
        .isEqualTo(1.789010, within(5e-6));
  }

  /** The 90 % interval holds the mean in about 90 % of 2000 samples of three. */
  @Test
  void coversAsOftenAsItSays() {
    Random random = new Random(11);
    int covered = 0;
    for (int run = 0; run < 2000; run++) {
      double[] x = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
      covered += MeanEstimate.of(x, 0.9).interval().contains(0) ? 1 : 0;
    }
    assertThat(covered / 2000.0).isEqualTo(0.9, within(0.02)); // 3 standard errors
  }

  @Test
  void refusesWhatIsNoSample() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeanEstimate.of(new double[0], 0.95))
        .withMessage("sample has 0 values; at least 1 are needed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeanEstimate.of(new double[] {1, Double.NaN}, 0.95))
        .withMessage("sample holds NaN; values must be finite");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeanEstimate.of(new double[] {1}, 1))
        .withMessage("level is 1.0; it must lie in (0, 1)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Interval(2, 1, 0.95));
  }
}
