package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.theory.UpdateRms;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class GradientAverageTest {

  /** The weight of each gradient in m after some steps, by running the average on unit vectors. */
  private static double[] weights(GradientAverage average, int steps) {
    double[] weights = new double[steps];
    for (int step = 0; step < steps; step++) {
      double share = step == 0 && average.fromGradient() ? 1 : 1 - average.beta();
      for (int k = 0; k < step; k++) {
        weights[k] *= 1 - share;
      }
      weights[step] = share;
    }
    return weights;
  }

  @Property(tries = 200)
  void theSplitInvertsTheAverage(
      @ForAll @DoubleRange(min = 0.05, max = 0.99) double beta,
      @ForAll boolean fromGradient,
      @ForAll @IntRange(min = 2, max = 400) int steps,
      @ForAll @DoubleRange(min = 0, max = 10) double signal,
      @ForAll @DoubleRange(min = 0.1, max = 10) double noise) {
    GradientAverage average = new GradientAverage(beta, fromGradient);
    double sum = 0;
    double squares = 0;
    for (double weight : weights(average, steps)) {
      sum += weight;
      squares += weight * weight;
    }
    double momentum = sum * sum * signal + squares * noise;

    GradientSplit split = average.split(momentum, signal + noise, steps);

    Offset<Double> rounding = within(1e-9 * (signal + noise) / (sum * sum - squares));
    assertThat(split.signal()).isCloseTo(signal, rounding);
    assertThat(split.noise()).isCloseTo(noise, rounding);
  }

  @Test
  void afterManyStepsItIsTheInversionOfTheory() {
    for (boolean fromGradient : new boolean[] {false, true}) {
      GradientSplit split = new GradientAverage(0.9, fromGradient).split(0.13, 1, 10_000);
      assertThat(split.snr().orElseThrow())
          .isCloseTo(UpdateRms.snrFromMomentumRatio(0.9, 0.13), within(1e-12));
    }
  }

  @Test
  void withoutAnAverageThereIsNothingToInvert() {
    assertThat(new GradientAverage(0.9, false).split(0.01, 1, 1).snr()).isEmpty();
    assertThat(new GradientAverage(0.9, true).split(1, 1, 1).snr()).isEmpty();
    assertThat(new GradientAverage(0, false).split(1, 1, 100).snr()).isEmpty();
    assertThat(GradientSplit.UNDEFINED.plus(new GradientSplit(1, 1)).snr()).isEmpty();
  }

  @Test
  void theNoiseScaleIsTheBatchOverTheSnr() {
    assertThat(new GradientSplit(2, 8).snr()).hasValue(0.25);
    assertThat(new GradientSplit(2, 8).noiseScale(16)).hasValue(64);
    assertThat(new GradientSplit(-1, 8).noiseScale(16)).isEmpty();
    assertThat(new GradientSplit(-1, 8).snr()).hasValue(-0.125);
    assertThat(new GradientSplit(1, 0).snr()).isEmpty();
  }
}
