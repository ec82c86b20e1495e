package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.adamant.simulate.SignalView.Filter;
import io.adamant.simulate.SignalView.Start;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;

/** The properties 1-5 of the operator T_β and its picture on the damped sine (theory.md §8). */
class SignalViewTest {
  private static final int STEPS = 40;

  private static double[] random(long seed) {
    Random random = new Random(seed);
    double[] g = new double[STEPS];
    Arrays.setAll(g, k -> random.nextGaussian() * Math.pow(10, random.nextInt(5) - 2));
    return g;
  }

  private static double[] scaled(double[] g, double factor) {
    return Arrays.stream(g).map(x -> factor * x).toArray();
  }

  /** Property 1: what comes later changes nothing before. */
  @Property(tries = 100)
  void causal(
      @ForAll long seed,
      @ForAll @Scale(4) @DoubleRange(min = 0, max = 0.999) double beta,
      @ForAll Start start,
      @ForAll @IntRange(min = 1, max = STEPS) int k) {
    double[] g = random(seed);
    double[] changed = g.clone();
    double[] other = random(seed + 1);
    System.arraycopy(other, k, changed, k, STEPS - k);
    Filter t = SignalView.adam(beta, start);
    assertThat(Arrays.copyOf(t.apply(changed), k)).containsExactly(Arrays.copyOf(t.apply(g), k));
  }

  /** Property 2: T(αg) = T(g) for α > 0. */
  @Property(tries = 100)
  void blindToScale(
      @ForAll long seed,
      @ForAll @Scale(4) @DoubleRange(min = 0, max = 0.999) double beta,
      @ForAll Start start,
      @ForAll @Scale(4) @DoubleRange(min = 1e-3, max = 1e3) double alpha) {
    double[] g = random(seed);
    Filter t = SignalView.adam(beta, start);
    assertThat(t.apply(scaled(g, alpha))).containsExactly(t.apply(g), within(1e-12));
  }

  /** Property 3: T(−g) = −T(g). */
  @Property(tries = 100)
  void odd(
      @ForAll long seed,
      @ForAll @Scale(4) @DoubleRange(min = 0, max = 0.999) double beta,
      @ForAll Start start) {
    double[] g = random(seed);
    Filter t = SignalView.adam(beta, start);
    assertThat(t.apply(scaled(g, -1))).containsExactly(scaled(t.apply(g), -1));
  }

  /** Property 4: |T(g)| ≤ 1; from zero even |T(g)_k| ≤ √(1−β^k), which a constant reaches. */
  @Property(tries = 100)
  void bounded(
      @ForAll long seed, @ForAll @Scale(4) @DoubleRange(min = 0, max = 0.999) double beta) {
    double[] g = random(seed);
    double[] fromGradient = SignalView.adam(beta, Start.GRADIENT).apply(g);
    double[] fromZero = SignalView.adam(beta, Start.ZERO).apply(g);
    double[] constant = new double[STEPS];
    Arrays.fill(constant, 3);
    double[] reached = SignalView.adam(beta, Start.ZERO).apply(constant);
    for (int k = 1; k <= STEPS; k++) {
      double bound = Math.sqrt(1 - Math.pow(beta, k));
      assertThat(Math.abs(fromGradient[k - 1])).isLessThanOrEqualTo(1 + 1e-14);
      assertThat(Math.abs(fromZero[k - 1])).isLessThanOrEqualTo(bound * (1 + 1e-12) + 1e-15);
      assertThat(reached[k - 1]).isEqualTo(bound, within(1e-12));
    }
  }

  /** Property 5: every b in [−1, 1] is reached, at any step after the first. */
  @Property(tries = 200)
  void everyValueIsReachable(
      @ForAll @Scale(4) @DoubleRange(min = 0.01, max = 0.99) double beta,
      @ForAll @Scale(4) @DoubleRange(min = -1, max = 1) double b,
      @ForAll @IntRange(min = 2, max = STEPS) int k) {
    double[] g = new double[k];
    Arrays.fill(g, Math.copySign(1, b));
    g[k - 1] *= last(beta, Math.abs(b));
    double[] d = SignalView.adam(beta, Start.GRADIENT).apply(g);
    assertThat(d[k - 1]).isEqualTo(b, within(1e-9));
  }

  /**
   * After ones, y gives (β + (1−β)y)/√(β + (1−β)y²), which falls from 1 at y = 1 to 0 at y =
   * −β/(1−β): the y ≤ 1 that gives b, by bisection.
   */
  private static double last(double beta, double b) {
    double low = -beta / (1 - beta);
    double high = 1;
    for (int i = 0; i < 200; i++) {
      double y = (low + high) / 2;
      double d = (beta + (1 - beta) * y) / Math.sqrt(beta + (1 - beta) * y * y);
      if (d < b) {
        low = y;
      } else {
        high = y;
      }
    }
    return high;
  }

  /** Peaks of |d| in the periods of the damped sine, 2π/.03 steps each: theory.md §8. */
  @Example
  void peaksByPeriod() {
    assertPeaks(0.95, 0.978, 0.961, 0.961);
    assertPeaks(0.975, 0.910, 0.772, 0.770);
    assertPeaks(0.99, 0.735, 0.395, 0.340, 0.327, 0.323);
    assertPeaks(0.995, 0.577, 0.274, 0.185, 0.143, 0.119, 0.104, 0.094);
  }

  private static void assertPeaks(double beta, double... peaks) {
    double[] d = SignalView.adam(beta, Start.ZERO).apply(SignalView.dampedSine(1500));
    for (int period = 0; period < peaks.length; period++) {
      assertThat(peak(d, period)).isEqualTo(peaks[period], within(0.0011));
    }
  }

  private static double peak(double[] d, int period) {
    double steps = 2 * Math.PI / 0.03;
    int from = (int) (period * steps);
    int to = Math.min(d.length, (int) ((period + 1) * steps));
    return Arrays.stream(d, from, to).map(Math::abs).max().orElseThrow();
  }

  /** Blind to the decay iff β < e^{−2·.0025}: else the amplitude keeps falling. */
  @Example
  void periodicOnlyBelowTheCriticalBeta() {
    double[] below = SignalView.adam(0.99, Start.ZERO).apply(SignalView.dampedSine(8000));
    double[] above = SignalView.adam(0.999, Start.ZERO).apply(SignalView.dampedSine(8000));
    assertThat(peak(below, 30) / peak(below, 20)).isEqualTo(1, within(1e-3));
    assertThat(peak(above, 30) / peak(above, 20)).isLessThan(0.5);
  }

  @Example
  void atBetaZeroItIsTheSign() {
    double[] g = random(3);
    double[] sign = Arrays.stream(g).map(Math::signum).toArray();
    assertThat(SignalView.adam(0, Start.ZERO).apply(g)).containsExactly(sign, within(1e-15));
    assertThat(SignalView.signum(0).apply(g)).containsExactly(sign);
    assertThat(SignalView.emaSign(0).apply(g)).containsExactly(sign);
  }

  /** Signum gives only ±1; EMASign saturates to a filtered square wave, near 1 for long. */
  @Example
  void signumAndEmaSignDestroyTheShape() {
    double[] g = SignalView.dampedSine(1500);
    assertThat(SignalView.signum(0.95).apply(g)).containsOnly(-1, 1);
    double[] emaSign = SignalView.emaSign(0.95).apply(g);
    assertThat(emaSign[0]).isEqualTo(0.05, within(1e-15));
    assertThat(saturated(emaSign)).isBetween(0.3, 0.6);
    assertThat(saturated(SignalView.adam(0.975, Start.ZERO).apply(g))).isZero();
  }

  private static double saturated(double[] d) {
    return Arrays.stream(d).filter(x -> Math.abs(x) > 0.95).count() / (double) d.length;
  }

  @Example
  void theTestSignal() {
    double[] g = SignalView.dampedSine(100);
    assertThat(g[0]).isEqualTo(1.8 * Math.sin(0.03) * Math.exp(-0.0025), within(1e-15));
    assertThat(g[99]).isEqualTo(1.8 * Math.sin(3) * Math.exp(-0.25), within(1e-15));
    assertThatIllegalArgumentException().isThrownBy(() -> SignalView.dampedSine(0));
  }

  @Example
  void filtersAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignalView.adam(1, Start.ZERO))
        .withMessageStartingWith("adamw: beta1 is 1.0");
  }
}
