package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The bootstrap of the median against the enumeration of all resamples. */
class BootstrapMedianTest {
  private static final double[] SAMPLE = {5, 1, 4, 2, 8, 16, 9};

  /** All 7^7 resamples: the exact bootstrap distribution of the median. */
  @Test
  void agreesWithTheEnumerationOfAllResamples() {
    double[] medians = new double[(int) Math.pow(7, 7)];
    double[] draw = new double[7];
    for (int code = 0; code < medians.length; code++) {
      int rest = code;
      for (int i = 0; i < 7; i++) {
        draw[i] = SAMPLE[rest % 7];
        rest /= 7;
      }
      Arrays.sort(draw);
      medians[code] = draw[3];
    }
    for (double level : new double[] {0.5, 0.8, 0.95, 0.99}) {
      Interval interval = BootstrapMedian.of(SAMPLE, level, 20_000, 3).interval();
      assertThat(interval.low()).isEqualTo(Quartiles.quantile(medians, (1 - level) / 2));
      assertThat(interval.high()).isEqualTo(Quartiles.quantile(medians, (1 + level) / 2));
    }
  }

  @Test
  void isFixedByItsSeed() {
    double[] x = new java.util.Random(5).doubles(30).toArray();
    BootstrapMedian first = BootstrapMedian.of(x, 0.9, 500, 1);
    assertThat(BootstrapMedian.of(x, 0.9, 500, 1)).isEqualTo(first);
    assertThat(BootstrapMedian.of(x, 0.9, 500, 2).interval()).isNotEqualTo(first.interval());
    assertThat(first.median()).isEqualTo(Quartiles.of(x).median());
  }

  @Test
  void leavesTheSampleInItsOrder() {
    double[] x = SAMPLE.clone();
    assertThat(BootstrapMedian.of(x, 0.9, 100, 1).median()).isEqualTo(5);
    assertThat(x).containsExactly(SAMPLE);
  }

  @Test
  void refusesTooFewResamples() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BootstrapMedian.of(SAMPLE, 0.9, 99, 1))
        .withMessage("resamples is 99; at least 100 are needed");
  }

  /** Type 7: numpy.quantile([1, 2, 4, 8], [.25, .5, .75, .9]) = 1.75, 3, 5, 6.8. */
  @Test
  void quantilesInterpolateLinearly() {
    double[] x = {8, 1, 4, 2};
    assertThat(Quartiles.of(x)).isEqualTo(new Quartiles(1.75, 3, 5));
    assertThat(Quartiles.quantile(x, 0.9)).isEqualTo(6.8, within(1e-15));
    assertThat(Quartiles.quantile(x, 0)).isEqualTo(1);
    assertThat(Quartiles.quantile(x, 1)).isEqualTo(8);
    assertThatIllegalArgumentException().isThrownBy(() -> Quartiles.quantile(x, 1.1));
  }
}
