package io.adamant.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Thinning, smoothing, ranges and numbers. */
class CurveToolsTest {
  private static Curve random(int n, long seed) {
    Random random = new Random(seed);
    return Curve.of(
        IntStream.rangeClosed(1, n).asDoubleStream().toArray(),
        random.doubles(n).map(v -> v < 0.02 ? Double.NaN : v).toArray());
  }

  @Property(tries = 60)
  void thinningKeepsEndsAndExtremes(
      @ForAll @IntRange(min = 2, max = 5000) int n, @ForAll long seed) {
    Curve curve = random(n, seed);
    Curve thin = curve.at(Thinning.indices(curve));
    double[] ys = curve.ys();
    int spikes = (int) IntStream.range(0, n).filter(i -> Thinning.isSpike(ys, i)).count();
    assertThat(thin.size()).isLessThanOrEqualTo(Thinning.MOST + spikes);
    assertThat(thin.x(0)).isEqualTo(1);
    assertThat(thin.x(thin.size() - 1)).isEqualTo(n);
    assertThat(Statistics.max(thin)).isEqualTo(Double.valueOf(Statistics.max(curve)));
    assertThat(Statistics.min(thin)).isEqualTo(Double.valueOf(Statistics.min(curve)));
    for (int i = 0; i < thin.size(); i++) {
      assertThat(thin.y(i)).isEqualTo(Double.valueOf(curve.valueAt(thin.x(i))));
    }
  }

  @Property(tries = 60)
  void everyPlantedSpikeSurvivesThinning(
      @ForAll @IntRange(min = 200, max = 5000) int n,
      @ForAll @IntRange(min = 1, max = 30) int spikes,
      @ForAll @DoubleRange(min = 8, max = 1e6) double height,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] y = random.doubles(n, 4, 5).toArray(); // MAD 0.25: five deviations are 1.9
    int[] planted = random.ints(spikes, 0, n).distinct().toArray();
    IntStream.of(planted).forEach(i -> y[i] = i % 2 == 0 ? height : -height);
    Curve curve = Curve.of(IntStream.rangeClosed(1, n).asDoubleStream().toArray(), y);
    int[] kept = Thinning.indices(curve, 20);
    for (int i : planted) {
      if (Thinning.isSpike(y, i)) { // not where half of its neighbours are spikes, too
        assertThat(kept).contains(i);
      }
    }
    if (spikes < 5) {
      assertThat(kept).contains(planted);
    }
  }

  @Test
  void aSpikeIsMoreThanFiveRobustDeviationsFromItsNeighbours() {
    double[] y = IntStream.range(0, 21).mapToDouble(i -> i % 2 == 0 ? 1 : -1).toArray();
    double five = 5 * 1.4826; // the median of the neighbours is 0, and so 1 their deviation
    y[10] = five - 1e-9;
    assertThat(Thinning.isSpike(y, 10)).isFalse();
    y[10] = five + 1e-9;
    assertThat(Thinning.isSpike(y, 10)).isTrue();
    y[10] = Double.NaN;
    assertThat(Thinning.isSpike(y, 10)).isFalse();
  }

  @Test
  void shortCurvesStayWhole() {
    Curve curve = random(500, 1);
    assertThat(curve.at(Thinning.indices(curve))).isEqualTo(curve);
  }

  @Test
  void everySpanKeepsItsSpike() {
    double[] y = new double[4980];
    IntStream.range(0, 249).forEach(span -> y[20 * span + 7] = 1 + span);
    Curve curve = Curve.of(IntStream.range(0, y.length).asDoubleStream().toArray(), y);
    double[] kept = curve.at(Thinning.indices(curve)).ys();
    assertThat(Arrays.stream(kept).filter(v -> v > 0).count()).isEqualTo(249);
  }

  @Test
  void aRunningMeanIsCentredAndNarrowsAtTheStart() {
    Curve line = Curve.of(new double[] {1, 2, 3, 4, 5}, new double[] {8, 6, Double.NaN, 1, 3});
    assertThat(Smoothing.mean(line, 3).ys()).containsExactly(8, 7, 3.5, 2, 2);
    assertThat(Smoothing.window(300)).isEqualTo(11);
    assertThat(Smoothing.window(3)).isEqualTo(1);
  }

  @Property(tries = 200)
  void aLinearRangeCoversWithRoundEnds(
      @ForAll @Size(min = 1, max = 20) List<@DoubleRange(min = -1e4, max = 1e4) Double> values) {
    Curve curve = curve(values);
    Range range = Range.linear(List.of(curve), false);
    double slack = 1e-9 * (range.high() - range.low());
    assertThat(range.low()).isLessThanOrEqualTo(Statistics.min(curve) + slack);
    assertThat(range.high()).isGreaterThanOrEqualTo(Statistics.max(curve) - slack);
  }

  @Property(tries = 200)
  void aLogarithmicRangeCoversPositiveValues(
      @ForAll @Size(min = 1, max = 20) List<@DoubleRange(min = 0.01, max = 100) Double> values) {
    Curve curve = curve(values);
    Range range = Range.logarithmic(List.of(curve));
    assertThat(range.low()).isPositive().isLessThanOrEqualTo(Statistics.min(curve) * (1 + 1e-8));
    assertThat(range.high()).isGreaterThanOrEqualTo(Statistics.max(curve) * (1 - 1e-8));
  }

  @Test
  void rangesHaveReadableEnds() {
    assertThat(Range.linear(List.of(curve(List.of(4.93, 8.31))), false)).isEqualTo(new Range(4, 9));
    assertThat(Range.linear(List.of(curve(List.of(3.0, 41.0))), true)).isEqualTo(new Range(0, 50));
    Range range = Range.logarithmic(List.of(curve(List.of(3.1e-4, 1.03))));
    assertThat(range.low()).isCloseTo(2e-4, within(1e-12));
    assertThat(range.high()).isCloseTo(2, within(1e-9));
    assertThat(Range.linear(List.of(), false)).isNotNull();
    assertThat(Range.logarithmic(List.of())).isNotNull();
  }

  @Test
  void onlyAWideSpreadOfPositiveValuesNeedsALogarithm() {
    assertThat(Range.needsLog(List.of(curve(List.of(0.001, 1.0))))).isTrue();
    assertThat(Range.needsLog(List.of(curve(List.of(0.1, 1.0))))).isFalse();
    assertThat(Range.needsLog(List.of(curve(List.of(-0.001, 1.0))))).isFalse();
  }

  @Test
  void numbersReadWell() {
    assertThat(Digits.significant(0.26249, 3)).isEqualTo("0.262");
    assertThat(Digits.significant(4.8e-4, 3)).isEqualTo("4.80e-04");
    assertThat(Digits.significant(Double.NaN, 3)).isEmpty();
    assertThat(Digits.count(11_800.4)).isEqualTo("11,800");
    assertThat(Digits.percent(0.0163)).isEqualTo("+1.6 %");
    assertThat(Digits.percent(-0.25)).isEqualTo("-25 %");
    assertThat(Digits.words(614_400)).isEqualTo("614 thousand");
    assertThat(Digits.words(1_900_000)).isEqualTo("1.90 million");
  }

  @Test
  void curvesRefuseAbscissaeThatDoNotRise() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Curve.of(new double[] {1, 1}, new double[] {2, 3}))
        .withMessageContaining("x[1] is 1.0");
  }

  private static Curve curve(List<Double> values) {
    return Curve.of(
        IntStream.range(0, values.size()).asDoubleStream().toArray(),
        values.stream().mapToDouble(v -> v).toArray());
  }
}
