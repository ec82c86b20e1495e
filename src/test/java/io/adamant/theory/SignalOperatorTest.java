package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.theory.SignalOperator.Start;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SignalOperatorTest {

  @Provide
  Arbitrary<double[]> signals() {
    return Arbitraries.doubles().between(-10, 10).array(double[].class).ofMinSize(2).ofMaxSize(60);
  }

  private static double[] equal(double[] g, double beta, Start start) {
    return SignalOperator.adam(g, beta, beta, 0, start);
  }

  @Property(tries = 200)
  void causal(
      @ForAll("signals") double[] g, @ForAll @DoubleRange(min = 0, max = 0.99) double beta) {
    double[] changed = g.clone();
    changed[g.length - 1] += 5;
    double[] before = equal(g, beta, Start.ZERO);
    double[] after = equal(changed, beta, Start.ZERO);
    assertThat(Arrays.copyOf(after, g.length - 1)).isEqualTo(Arrays.copyOf(before, g.length - 1));
  }

  @Property(tries = 200)
  void blindToScale(
      @ForAll("signals") double[] g, @ForAll @DoubleRange(min = 0, max = 0.99) double beta) {
    double[] scaled = Arrays.stream(g).map(x -> 1024 * x).toArray(); // exact in binary
    assertThat(equal(scaled, beta, Start.FIRST_VALUE)).isEqualTo(equal(g, beta, Start.FIRST_VALUE));
  }

  @Test
  void epsilonEndsTheBlindness() {
    double[] small = SignalOperator.adam(new double[] {0.01}, 0.9, 0.9, 0.1, Start.FIRST_VALUE);
    Sharp.relative(small[0], 0.01 / 0.11, 1e-12);
  }

  @Property(tries = 200)
  void oddAndBounded(
      @ForAll("signals") double[] g, @ForAll @DoubleRange(min = 0, max = 0.99) double beta) {
    double[] minus = Arrays.stream(g).map(x -> -x).toArray();
    for (Start start : Start.values()) {
      double[] out = equal(g, beta, start);
      double[] negated = equal(minus, beta, start);
      for (int k = 0; k < g.length; k++) {
        assertThat(negated[k]).isEqualTo(-out[k]);
        assertThat(Math.abs(out[k]))
            .isLessThanOrEqualTo(SignalOperator.reach(beta, k + 1L, start) * (1 + 1e-12));
      }
    }
  }

  /**
   * Property 5: d_1 is the cosine between (√β·g_0, √(1−β)·g_1) and (√β, √(1−β)), so a rotation by
   * arccos of the target gives gradients that reach it.
   */
  @Property(tries = 100)
  void everyValueIsReachedFromTheFirstValue(
      @ForAll @DoubleRange(min = -1, max = 1) double target,
      @ForAll @DoubleRange(min = 0.1, max = 0.95) double beta) {
    double angle = Math.atan2(Math.sqrt(1 - beta), Math.sqrt(beta)) + Math.acos(target);
    double[] g = {Math.cos(angle) / Math.sqrt(beta), Math.sin(angle) / Math.sqrt(1 - beta)};
    assertThat(equal(g, beta, Start.FIRST_VALUE)[1]).isCloseTo(target, within(1e-12));
  }

  @Test
  void reachFromZeroIsAttainedByAConstant() {
    double[] ones = new double[9];
    Arrays.fill(ones, -3);
    double[] out = equal(ones, 0.9, Start.ZERO);
    Sharp.relative(SignalOperator.reach(0.9, 9, Start.ZERO), -out[8], 1e-12);
    assertThat(SignalOperator.reach(0.9, 9, Start.FIRST_VALUE)).isEqualTo(1);
    assertThat(equal(ones, 0.9, Start.FIRST_VALUE)[8]).isCloseTo(-1, within(1e-12));
  }

  @Test
  void withoutMemoryItIsTheSign() {
    double[] g = {0.3, -4, 0, 1e-9};
    double[] expected = {1, -1, 0, 1};
    assertThat(equal(g, 0, Start.ZERO)).containsExactly(expected, within(1e-12));
    assertThat(SignalOperator.signum(g, 0, Start.ZERO)).containsExactly(expected);
    assertThat(SignalOperator.emaSign(g, 0, Start.ZERO)).containsExactly(expected);
  }

  @ParameterizedTest
  @EnumSource(Start.class)
  void operatorsAreDirectSums(Start start) {
    double[] g = SignalOperator.dampedSine(40);
    double beta = 0.8;
    double[] m = sums(g, beta, start);
    double[] v = sums(Arrays.stream(g).map(x -> x * x).toArray(), 0.95, start);
    double[] s = sums(Arrays.stream(g).map(Math::signum).toArray(), beta, start);
    double[] adam = SignalOperator.adam(g, beta, 0.95, 1e-3, start);
    double[] signum = SignalOperator.signum(g, beta, start);
    double[] emaSign = SignalOperator.emaSign(g, beta, start);
    for (int k = 1; k < g.length; k++) {
      Sharp.relative(adam[k], m[k] / (Math.sqrt(v[k]) + 1e-3), 1e-9);
      assertThat(signum[k]).isEqualTo(Math.signum(m[k]));
      Sharp.relative(emaSign[k], s[k], 1e-9);
    }
    Sharp.relative(g[10], 1.8 * Math.sin(0.3) * Math.exp(-0.025), 1e-12);
  }

  private static double[] sums(double[] x, double beta, Start start) {
    double[] out = new double[x.length];
    for (int k = 0; k < x.length; k++) {
      for (int i = 0; i <= k; i++) {
        double weight = (1 - beta) * Math.pow(beta, k - i);
        out[k] += (i == 0 && start == Start.FIRST_VALUE ? Math.pow(beta, k) : weight) * x[i];
      }
    }
    return out;
  }

  @Test
  void dampedSinePeaksMatchTheReference() {
    JsonNode reference = Reference.at("extra", "damped_sine");
    double[] g = SignalOperator.dampedSine(1500);
    for (String beta :
        new String[] {"0.0", "0.5", "0.8", "0.9", "0.95", "0.975", "0.99", "0.995", "0.999"}) {
      double b = Double.parseDouble(beta);
      double[] out = equal(g, b, Start.ZERO);
      JsonNode peaks = reference.get(beta).get("peaks_per_period");
      double period = 2 * Math.PI / 0.03;
      for (int p = 0; p < peaks.size(); p++) {
        double peak = 0;
        for (int k = (int) (p * period); k < (p + 1) * period && k < out.length; k++) {
          peak = Math.max(peak, Math.abs(out[k]));
        }
        Sharp.relative(peak, peaks.get(p).asDouble(), 0.01);
      }
      double most = Arrays.stream(out).map(Math::abs).max().orElseThrow();
      Sharp.relative(most, reference.get(beta).get("max").asDouble(), 1e-4);
      boolean periodic = SignalOperator.transientFactor(b, 0.0025) < 1;
      assertThat(periodic).isEqualTo(reference.get(beta).get("beta_lt_exp_minus_2c").asBoolean());
    }
  }

  /**
   * v keeps a remainder of its start that shrinks by beta a step, against a signal² that decays.
   */
  @Test
  void transientFactorIsTheMeasuredRateOfForgetting() {
    double beta = 0.99;
    double decay = 0.003;
    double[] g = SignalOperator.dampedSine(3300, 1, 0.05, decay);
    double[] kicked = g.clone();
    kicked[0] = 1; // another start
    double[] a = equal(g, beta, Start.ZERO);
    double[] b = equal(kicked, beta, Start.ZERO);
    double first = 0;
    double last = 0;
    for (int k = 0; k < 200; k++) {
      first = Math.max(first, Math.abs(a[k + 2400] - b[k + 2400]));
      last = Math.max(last, Math.abs(a[k + 3028] - b[k + 3028])); // five periods of 125.66 later
    }
    double rate = Math.pow(last / first, 1.0 / 628);
    Sharp.close(1 - SignalOperator.transientFactor(beta, decay), 1 - rate, 1e-4);
  }

  @Test
  void badArgumentsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignalOperator.adam(new double[] {1}, 0.9, 1.0, 0, Start.ZERO))
        .withMessageContaining("beta2 = 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignalOperator.signum(new double[] {1, Double.NaN}, 0.9, Start.ZERO))
        .withMessageContaining("gradient 1 = NaN");
  }
}
