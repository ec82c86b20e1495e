package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;

/** Global-norm and coordinate clipping. */
class ClippingTest {
  @Example
  void oneNormOverAllParameters() {
    double[] a = {3, 0};
    double[] b = {-4};
    assertThat(Clipping.clipGlobalNorm(1, a, b)).isEqualTo(5);
    assertThat(a).containsExactly(new double[] {0.6, 0}, within(1e-15));
    assertThat(b).containsExactly(new double[] {-0.8}, within(1e-15));
  }

  @Example
  void aSmallGradientIsLeftAlone() {
    double[] g = {3, -4};
    assertThat(Clipping.clipGlobalNorm(5, g)).isEqualTo(5);
    assertThat(g).containsExactly(3, -4);
    assertThat(Clipping.clipGlobalNorm(1, new double[2])).isZero();
  }

  @Example
  void neitherOverflowsNorUnderflows() {
    assertThat(Clipping.globalNorm(new double[] {3e200}, new double[] {4e200}))
        .isEqualTo(5e200, within(1e186));
    assertThat(Clipping.globalNorm(new double[] {3e-200, 4e-200}))
        .isEqualTo(5e-200, within(1e-214));
  }

  @Example
  void aNormThatIsNotFiniteIsReportedAndChangesNothing() {
    double[] g = {Double.POSITIVE_INFINITY, 2};
    assertThat(Clipping.clipGlobalNorm(1, g)).isInfinite();
    assertThat(g[1]).isEqualTo(2);
    assertThat(Clipping.clipGlobalNorm(1, g, new double[] {Double.NaN})).isNaN();
  }

  @Property(tries = 100)
  void theNormAfterwardsIsAtMostTheBound(
      @ForAll long seed, @ForAll @Scale(5) @DoubleRange(min = 1e-3, max = 1e3) double bound) {
    double[] g = RuleRuns.rough(seed, 1, 9)[0];
    double before = Clipping.clipGlobalNorm(bound, g);
    assertThat(Clipping.globalNorm(g)).isEqualTo(Math.min(before, bound), within(1e-12 * bound));
  }

  /** theory.md §1: after Gclip at 1, a coordinate clip of the averaged momentum at 1 never acts. */
  @Property(tries = 50)
  void aCoordinateClipAtOneNeverActsAfterAGlobalClipAtOne(@ForAll long seed) {
    Rule plain = Rules.create("sgdm", Map.of(), 5);
    Rule clipped = Rules.create("sgdm", Map.of("coordinate_clip", 1.0), 5);
    Rule tighter = Rules.create("sgdm", Map.of("coordinate_clip", 1e-3), 5);
    boolean tighterActed = false;
    for (double[] g : RuleRuns.normal(seed, 40, 5)) {
      Clipping.clipGlobalNorm(1, g);
      double[] u = plain.step(new double[5], g, 0, 0);
      assertThat(clipped.step(new double[5], g, 0, 0)).containsExactly(u);
      tighterActed |= !Arrays.equals(u, tighter.step(new double[5], g, 0, 0));
    }
    assertThat(tighterActed).isTrue();
  }

  @Example
  void coordinates() {
    double[] x = {-3, -0.5, 0, 0.5, 3, Double.NaN};
    assertThat(Clipping.coordinates(x, 1)).containsExactly(-1, -0.5, 0, 0.5, 1, Double.NaN);
    assertThat(x[0]).isEqualTo(-3);
  }

  @Example
  void refusesABoundThatIsNone() {
    for (double bound : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Clipping.clipGlobalNorm(bound, new double[1]))
          .withMessage("maxNorm is " + bound + "; it must be finite and > 0");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Clipping.coordinates(new double[1], bound));
    }
  }
}
