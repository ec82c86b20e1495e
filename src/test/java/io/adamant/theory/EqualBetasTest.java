package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.NelderMeadSimplex;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.SimplexOptimizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EqualBetasTest {

  @Property(tries = 300)
  void propositionOneIsAnIdentity(
      @ForAll @Size(min = 1, max = 40) double[] raw,
      @ForAll @DoubleRange(min = 0, max = 0.99) double beta) {
    double[] gradients = new double[raw.length];
    double largest = 0;
    for (int i = 0; i < raw.length; i++) {
      gradients[i] = Math.sin(raw[i]); // any double, brought into [−1, 1]
      largest = Math.max(largest, Math.abs(gradients[i]));
    }
    if (largest < 1e-3 || Math.abs(gradients[gradients.length - 1]) < 1e-3) {
      gradients[gradients.length - 1] = 1;
    }
    double direction = EqualBetas.direction(gradients, beta);
    assertThat(EqualBetas.directionByVariance(gradients, beta)).isCloseTo(direction, within(1e-9));
    assertThat(Math.abs(direction)).isLessThanOrEqualTo(1 + 1e-12);
  }

  /** Against weights summed directly, so that both recursions are checked. */
  @ParameterizedTest
  @CsvSource({"0.5,3", "0.9,20", "0.95,100"})
  void directionIsTheRatioOfDirectSums(double beta, int count) {
    SplittableRandom random = new SplittableRandom(51);
    double[] gradients = random.doubles(count, -1, 2).toArray();
    double m = 0;
    double v = 0;
    for (int k = 0; k < count; k++) {
      double weight = (1 - beta) * Math.pow(beta, count - 1 - k);
      m += weight * gradients[k];
      v += weight * gradients[k] * gradients[k];
    }
    Sharp.relative(EqualBetas.direction(gradients, beta), m / Math.sqrt(v), 1e-12);
    Sharp.relative(EqualBetas.directionByVariance(gradients, beta), m / Math.sqrt(v), 1e-12);
  }

  @Property(tries = 200)
  void propositionTwoGivesTheGapAndItsDeterminant(
      @ForAll @DoubleRange(min = 0, max = 0.99) double beta1,
      @ForAll @DoubleRange(min = 0, max = 0.99) double beta2) {
    EqualBetas.GapForm form = EqualBetas.GapForm.of(beta1, beta2);
    assertThat(form.determinant()).isCloseTo(-(beta1 - beta2) * (beta1 - beta2), within(1e-12));
    SplittableRandom random = new SplittableRandom(52);
    double m = 0;
    double v = 0;
    double gap = 0;
    for (int k = 0; k < 60; k++) {
      double g = random.nextGaussian();
      gap = beta2 * gap + form.at(m, g);
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      assertThat(gap).isCloseTo(v - m * m, within(1e-12));
    }
  }

  @Test
  void gapTurnsNegativeForUnequalBetasOnly() {
    double[] worst = UpdateSupremum.worstGradients(0.9, 0.95, 200);
    EqualBetas.GapForm form = EqualBetas.GapForm.of(0.9, 0.95);
    double m = 0;
    double gap = 0;
    for (double g : worst) {
      gap = 0.95 * gap + form.at(m, g);
      m = 0.9 * m + 0.1 * g;
    }
    assertThat(gap).isNegative();
  }

  @Property(tries = 40)
  void theoremFourOneIsTheNumericMinimum(
      @ForAll @DoubleRange(min = -2, max = 2) double mean,
      @ForAll @DoubleRange(min = 0.1, max = 3) double variance,
      @ForAll @DoubleRange(min = -2, max = 2) double gradient,
      @ForAll @DoubleRange(min = 0.02, max = 4) double lambda) {
    VariationalMomentum before = new VariationalMomentum(mean, variance);
    VariationalMomentum after = before.update(gradient, lambda);
    double[] best = minimum(before, gradient, lambda);
    assertThat(after.mean()).isCloseTo(best[0], within(2e-5));
    assertThat(after.variance()).isCloseTo(best[1], within(2e-5 * (1 + best[1])));
  }

  @Test
  void theoremFourOneIsSharp() {
    VariationalMomentum before = new VariationalMomentum(0.8, 0.6);
    VariationalMomentum after = before.update(1.5, 0.25);
    double[] best = minimum(before, 1.5, 0.25);
    Sharp.relative(after.mean(), best[0], 1e-5);
    Sharp.relative(after.variance(), best[1], 1e-5);
    Sharp.relative(VariationalMomentum.beta(0.25), 0.8, 1e-12);
  }

  /** argmin of the objective, by Nelder-Mead over (m, log σ²). */
  private static double[] minimum(VariationalMomentum before, double gradient, double lambda) {
    double[] best =
        new SimplexOptimizer(1e-15, 1e-15)
            .optimize(
                new MaxEval(20_000),
                new ObjectiveFunction(
                    x ->
                        before.objective(
                            new VariationalMomentum(x[0], Math.exp(x[1])), gradient, lambda)),
                GoalType.MINIMIZE,
                new InitialGuess(new double[] {0, 0}),
                new NelderMeadSimplex(2, 0.3))
            .getPoint();
    return new double[] {best[0], Math.exp(best[1])};
  }

  /** KL by its definition, an expectation of a log ratio of densities. */
  @Test
  void divergenceIsTheExpectedLogRatio() {
    VariationalMomentum p = new VariationalMomentum(0.4, 0.5);
    VariationalMomentum q = new VariationalMomentum(-0.3, 1.4);
    double width = 1e-3;
    double total = 0;
    for (double x = -12 + width / 2; x < 12; x += width) {
      total += width * Math.exp(logDensity(p, x)) * (logDensity(p, x) - logDensity(q, x));
    }
    Sharp.relative(p.divergence(q), total, 1e-8);
    Sharp.relative(
        p.objective(q, 0.9, 0.5),
        -logDensity(q, 0.9) - Math.log(2 * Math.PI) / 2 + total / 0.5,
        1e-8);
  }

  private static double logDensity(VariationalMomentum gaussian, double x) {
    double deviation = x - gaussian.mean();
    return -deviation * deviation / (2 * gaussian.variance())
        - Math.log(2 * Math.PI * gaussian.variance()) / 2;
  }

  @Test
  void theGaussianTracksAdamsMeanAndVariance() {
    double beta = 0.9;
    double lambda = 1 / beta - 1;
    VariationalMomentum state = new VariationalMomentum(0, 1e-300);
    double[] gradients = new SplittableRandom(53).doubles(50, -1, 2).toArray();
    for (double g : gradients) {
      state = state.update(g, lambda);
    }
    double direction = EqualBetas.directionFromSnr(state.mean(), Math.sqrt(state.variance()));
    Sharp.relative(direction, EqualBetas.direction(gradients, beta), 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"0.7,1.0", "-1.3,0.4", "2.0,0.05"})
  void trustRegionStepsAreTheBestOnAGrid(double momentum, double radius) {
    double best = 0;
    double value = Double.POSITIVE_INFINITY;
    for (int i = -1000; i <= 1000; i++) {
      double theta = radius * i / 1000;
      if (momentum * theta < value) {
        value = momentum * theta;
        best = theta;
      }
    }
    Sharp.relative(TrustRegion.step(momentum, radius), best, 1e-12);
    assertThat(TrustRegion.stepAsPrinted(momentum, radius)).isEqualTo(-best);
  }

  @Test
  void adamIsSignumWithASmallerRadius() {
    double mean = -0.6;
    double deviation = 0.8;
    double direction = mean / Math.sqrt(mean * mean + deviation * deviation);
    Sharp.relative(EqualBetas.directionFromSnr(mean, deviation), direction, 1e-12);
    Sharp.relative(TrustRegion.adamRadius(mean, deviation), 0.6, 1e-12);
    Sharp.relative(
        TrustRegion.step(mean, TrustRegion.adamRadius(mean, deviation)), -direction, 1e-12);
    assertThat(TrustRegion.signumRadius()).isEqualTo(TrustRegion.adamRadius(mean, 0));
    assertThat(EqualBetas.directionFromSnr(0, 1)).isZero();
  }

  @Test
  void supremumMatchesTheReference() {
    int seen = 0;
    var fields = Reference.at("identities", "sup_u").fields();
    while (fields.hasNext()) {
      var field = fields.next();
      String[] parts = field.getKey().split(",(t=)?", -1); // 0.95,0.8,t=50
      double beta1 = Double.parseDouble(parts[0]);
      double beta2 = Double.parseDouble(parts[1]);
      double value = UpdateSupremum.after(beta1, beta2, Long.parseLong(parts[2]));
      Sharp.relative(value, field.getValue().get(0).asDouble(), 1e-5); // at the worst gradients
      Sharp.relative(value, field.getValue().get(1).asDouble(), 1e-5);
      if (beta1 * beta1 < beta2 && Long.parseLong(parts[2]) > 1000) {
        Sharp.relative(UpdateSupremum.limit(beta1, beta2), value, 1e-5);
      }
      seen++;
    }
    assertThat(seen).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({"0.9,0.95,100", "0.95,0.8,50", "0.9,0.81,30", "0.9,0.9,40", "0.0,0.5,8"})
  void supremumIsAttainedAndNeverPassed(double beta1, double beta2, int steps) {
    double supremum = UpdateSupremum.after(beta1, beta2, steps);
    double[] worst = UpdateSupremum.worstGradients(beta1, beta2, steps);
    double[] attained = SignalOperator.adam(worst, beta1, beta2, 0, SignalOperator.Start.ZERO);
    Sharp.relative(supremum, attained[steps - 1], 1e-9);
    Sharp.relative(
        UpdateSupremum.afterBiasCorrected(beta1, beta2, steps),
        attained[steps - 1] * Math.sqrt(1 - Math.pow(beta2, steps)) / (1 - Math.pow(beta1, steps)),
        1e-9);
    SplittableRandom random = new SplittableRandom(54);
    for (int draw = 0; draw < 200; draw++) {
      double[] near = worst.clone();
      for (int k = 0; k < steps; k++) {
        near[k] *= 1 + 0.1 * random.nextGaussian();
      }
      double[] out = SignalOperator.adam(near, beta1, beta2, 0, SignalOperator.Start.ZERO);
      assertThat(Math.abs(out[steps - 1])).isLessThanOrEqualTo(supremum * (1 + 1e-12));
    }
  }

  @Test
  void supremumLimits() {
    Sharp.relative(UpdateSupremum.limit(0.9, 0.95), UpdateSupremum.after(0.9, 0.95, 5000), 1e-9);
    Sharp.relative(UpdateSupremum.limit(0.95, 0.95), 1, 1e-12);
    assertThat(UpdateSupremum.limit(0.9, 0.81)).isInfinite();
    assertThat(UpdateSupremum.limit(0.9, 0)).isInfinite();
    assertThat(UpdateSupremum.limit(0, 0)).isEqualTo(1);
    assertThat(UpdateSupremum.after(0, 0, 7)).isEqualTo(1);
    Sharp.relative(UpdateSupremum.afterBiasCorrected(0.9, 0.999, 1), 1, 1e-12);
    Sharp.relative(UpdateSupremum.equalBetas(0.9, 12), UpdateSupremum.after(0.9, 0.9, 12), 1e-12);
    double[] ones = new double[30];
    Arrays.fill(ones, 1);
    double[] out = SignalOperator.adam(ones, 0.9, 0.999, 0, SignalOperator.Start.ZERO);
    Sharp.relative(UpdateSupremum.constantGradient(0.9, 0.999, 30), out[29], 1e-12);
  }

  @Test
  void badArgumentsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VariationalMomentum(0, 1).update(1, 0))
        .withMessageContaining("lambda = 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EqualBetas.direction(new double[] {0, 0}, 0.9))
        .withMessageContaining("largest |gradient| = 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UpdateSupremum.worstGradients(0.9, 0, 3))
        .withMessageContaining("beta2 = 0.0");
  }
}
