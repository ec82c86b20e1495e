package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightRmsRecursionTest {

  /** Warm-up over a tenth, cosine to a tenth of the peak. */
  private static IntToDoubleFunction cosine(double peak, int steps) {
    return t -> {
      double warm = steps / 10.0;
      if (t < warm) {
        return peak * (t + 1) / warm;
      }
      double progress = (t - warm) / (steps - warm);
      return peak * (0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI * progress)));
    };
  }

  private static double run(
      WeightRmsRecursion recursion, int steps, IntToDoubleFunction lr, double decay) {
    for (int t = 0; t < steps; t++) {
      recursion.advance(lr.applyAsDouble(t), decay);
    }
    return recursion.rms();
  }

  /** One average is AdamW's, bias correction and schedule included. */
  @Test
  void severalAveragesOfWhichOneIsAllAreAdamW() {
    WeightRmsRecursion adamw = WeightRmsRecursion.adamw(0.9, 0.95, 0, 0.2);
    WeightRmsRecursion one = WeightRmsRecursion.ratio(RatioUpdate.adamw(0.9, 0.95), 0.2);
    IntToDoubleFunction lr = cosine(0.05, 60);
    for (int t = 0; t < 60; t++) {
      Sharp.relative(
          one.advance(lr.applyAsDouble(t), 0.3), adamw.advance(lr.applyAsDouble(t), 0.3), 1e-12);
    }
  }

  /** Gradient by gradient: what each has added to the weights, v at its expectation. */
  @Test
  void severalAveragesAreTheSumOfWhatEachGradientAdds() {
    int steps = 80;
    double decay = 0.4;
    IntToDoubleFunction lr = cosine(0.1, steps);
    double[] effect = new double[steps]; // on the weights
    double[] m = new double[steps];
    double[] n = new double[steps];
    for (int t = 0; t < steps; t++) {
      for (int s = 0; s <= t; s++) {
        m[s] = 0.8 * m[s] + (s == t ? 0.2 : 0);
        n[s] = 0.99 * n[s] + (s == t ? 0.01 : 0);
        double u = m[s] / (1 - Math.pow(0.8, t + 1)) + 4 * n[s];
        effect[s] = (1 - lr.applyAsDouble(t) * decay) * effect[s] - lr.applyAsDouble(t) * u;
      }
    }
    double sum = 0;
    for (double x : effect) {
      sum += x * x;
    }
    RatioUpdate ademamix = RatioUpdate.ademamix(0.8, 1 - 1e-9, 0.99, 4);
    Sharp.relative(
        run(WeightRmsRecursion.ratio(ademamix, 0), steps, lr, decay), Math.sqrt(sum), 1e-6);
  }

  @ParameterizedTest
  @CsvSource({
    "0.9,0.0,0.01,0.1,300,0.2",
    "0.95,0.02,0.1,0.5,200,0.1",
    "0.0,0.1,0.05,0.0,100,0.3",
    "0.99,0.0,0.1,0.1,1500,0.0"
  })
  void constantRateFromZeroGivesTheExactFiniteForm(
      double beta1, double snr, double lr, double decay, int steps, double initial) {
    double updateRms = UpdateRms.meanField(beta1, snr);
    WeightRmsRecursion recursion =
        WeightRmsRecursion.movingAverage(beta1, updateRms, snr, initial, MomentumStart.ZERO);
    Sharp.relative(
        run(recursion, steps, t -> lr, decay),
        WeightRms.exactFinite(beta1, snr, lr, decay, steps, initial),
        1e-9);
    assertThat(recursion.steps()).isEqualTo(steps);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.02,0.1", "0.95,0.1,0.5", "0.0,0.1,0.3"})
  void constantRateEndsAtTheStationaryForm(double beta1, double lr, double decay) {
    for (MomentumStart start : MomentumStart.values()) {
      WeightRmsRecursion recursion = WeightRmsRecursion.movingAverage(beta1, 0.7, 0, 1, start);
      Sharp.relative(
          run(recursion, 20_000, t -> lr, decay),
          WeightRms.exactStationary(beta1, 0.7, lr, decay),
          1e-9);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.9,0.0,0.01,0.1,300,0.2",
    "0.95,0.02,0.1,0.5,200,0.1",
    "0.0,0.1,0.05,0.0,100,0.3",
    "0.99,0.001,0.1,0.1,1500,0.0"
  })
  void constantRateGivesSignumsExactFiniteForm(
      double beta1, double snr, double lr, double decay, int steps, double initial) {
    Sharp.relative(
        run(WeightRmsRecursion.signum(beta1, snr, initial), steps, t -> lr, decay),
        SignumWeightRms.exactFinite(beta1, snr, lr, decay, steps, initial),
        1e-6);
  }

  /** The square of a weight after 120 steps along a direction of stationary momentum. */
  private static Sampled square(
      int seed,
      double beta1,
      double snr,
      double initial,
      IntToDoubleFunction lr,
      DoubleUnaryOperator direction) {
    double mu = Math.sqrt(snr);
    return Sampled.of(
        seed,
        60_000,
        random -> {
          double m = mu + spread(beta1) * random.nextGaussian();
          double w = initial * random.nextGaussian();
          for (int t = 0; t < 120; t++) {
            m = beta1 * m + (1 - beta1) * (mu + random.nextGaussian());
            double rate = lr.applyAsDouble(t);
            w = (1 - rate * 0.4) * w - rate * direction.applyAsDouble(m);
          }
          return w * w;
        });
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.0,0.05", "0.8,0.01,0.0", "0.95,0.02,0.1"})
  void cosineScheduleAgreesWithASimulationOfMomentum(double beta1, double snr, double initial) {
    int steps = 120;
    IntToDoubleFunction lr = cosine(0.05, steps);
    Sampled square = square(21, beta1, snr, initial, lr, m -> m);
    WeightRmsRecursion recursion =
        WeightRmsRecursion.movingAverage(
            beta1, UpdateRms.sgdm(beta1, snr), snr, initial, MomentumStart.STATIONARY);
    agrees(run(recursion, steps, lr, 0.4), square);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.0,0.05", "0.8,0.02,0.0", "0.0,0.1,0.2"})
  void cosineScheduleAgreesWithASimulationOfSignum(double beta1, double snr, double initial) {
    int steps = 120;
    IntToDoubleFunction lr = cosine(0.05, steps);
    Sampled square = square(22, beta1, snr, initial, lr, Math::signum);
    agrees(run(WeightRmsRecursion.signum(beta1, snr, initial), steps, lr, 0.4), square);
  }

  @Test
  void cosineScheduleAgreesWithASimulationOfEmaSign() {
    int steps = 120;
    IntToDoubleFunction lr = cosine(0.05, steps);
    Sampled square =
        Sampled.of(
            23,
            60_000,
            random -> {
              double m = 0;
              double w = 0.1 * random.nextGaussian();
              for (int t = 0; t < steps; t++) {
                m = 0.9 * m + 0.1 * Math.signum(0.2 + random.nextGaussian());
                double rate = lr.applyAsDouble(t);
                w = (1 - rate * 0.4) * w - rate * m;
              }
              return w * w;
            });
    agrees(
        run(WeightRmsRecursion.emaSign(0.9, 0.04, 0.1, MomentumStart.ZERO), steps, lr, 0.4),
        square);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.95", "0.9,0.99", "0.0,0.95", "0.95,0.8"})
  void cosineScheduleAgreesWithASimulationOfAdamW(double beta1, double beta2) {
    int steps = 300;
    IntToDoubleFunction lr = cosine(0.02, steps);
    Sampled square = Sampled.of(24, 30_000, random -> adamw(random, beta1, beta2, steps, lr));
    double expected = Math.sqrt(square.mean());
    // On top of the simulation's interval: the stated 1 % for the fluctuation of v.
    double interval = square.interval() / (2 * expected) + 0.01 * expected;
    double value = run(WeightRmsRecursion.adamw(beta1, beta2, 0.005, 0.05), steps, lr, 0.5);
    Sharp.within(value, expected, interval);
  }

  private static double adamw(
      SplittableRandom random, double beta1, double beta2, int steps, IntToDoubleFunction lr) {
    double mu = Math.sqrt(0.005);
    double m = 0;
    double v = 0;
    double w = 0.05 * random.nextGaussian();
    for (int t = 0; t < steps; t++) {
      double g = mu + random.nextGaussian();
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      double mHat = m / (1 - Math.pow(beta1, t + 1.0));
      double vHat = v / (1 - Math.pow(beta2, t + 1.0));
      double rate = lr.applyAsDouble(t);
      w = (1 - rate * 0.5) * w - rate * mHat / Math.sqrt(vHat);
    }
    return w * w;
  }

  /** Bias-corrected momentum over a v held at its expectation: the recursion is exact here. */
  @Test
  void biasCorrectionIsFollowedExactly() {
    double beta1 = 0.9;
    int steps = 25;
    double[] share = new double[steps]; // share of gradient j in w
    double[] inMomentum = new double[steps];
    WeightRmsRecursion recursion =
        WeightRmsRecursion.movingAverage(
            beta1, UpdateRms.sgdm(beta1, 0.3), 0.3, 0, MomentumStart.ZERO_BIAS_CORRECTED);
    IntToDoubleFunction lr = cosine(0.1, steps);
    for (int t = 0; t < steps; t++) {
      double rate = lr.applyAsDouble(t);
      double sum = 0;
      double squares = 0;
      for (int j = 0; j < steps; j++) {
        inMomentum[j] = beta1 * inMomentum[j] + (j == t ? 1 - beta1 : 0);
        double step = rate * inMomentum[j] / (1 - Math.pow(beta1, t + 1.0));
        share[j] = (1 - rate * 0.5) * share[j] - step;
        sum += share[j];
        squares += share[j] * share[j];
      }
      Sharp.relative(recursion.advance(rate, 0.5), Math.sqrt(0.3 * sum * sum + squares), 1e-10);
    }
  }

  @Test
  void aZeroRateChangesNothing() {
    WeightRmsRecursion recursion = WeightRmsRecursion.signum(0.9, 0.1, 0.3);
    assertThat(recursion.advance(0, 0.1)).isEqualTo(0.3);
  }

  @Test
  void badStepsAreTurnedAwayAndChangeNothing() {
    WeightRmsRecursion recursion = WeightRmsRecursion.adamw(0.9, 0.95, 0, 0.3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> recursion.advance(-1, 0.1))
        .withMessageContaining("lr = -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> recursion.advance(1, 1))
        .withMessageContaining("lr * weightDecay = 1.0");
    assertThat(recursion.steps()).isZero();
    assertThat(recursion.rms()).isEqualTo(0.3);
  }

  private static double spread(double beta1) {
    return Math.sqrt(EffectiveBatch.noiseRatio(beta1));
  }

  private static void agrees(double value, Sampled square) {
    double expected = Math.sqrt(square.mean());
    Sharp.within(value, expected, square.interval() / (2 * expected));
  }
}
