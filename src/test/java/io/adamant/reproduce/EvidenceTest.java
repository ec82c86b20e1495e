package io.adamant.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The numbers behind checks, on curves whose answers are known. */
class EvidenceTest {

  private static double[] straight(double from, double to, int n) {
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      y[i] = from + (to - from) * (i + 0.5) / n;
    }
    return y;
  }

  @Test
  void slowdownIsTheShareOfStepsAtWhichTheFasterReachesTheSlowersEnd() {
    double[] slow = straight(6, 5, 40); // a nat a run
    double[] fast = straight(6, 4, 40); // two: at the slow one's end after half
    assertThat(Evidence.slowdown(slow, fast)).isEqualTo(2, within(0.06));
    assertThat(Evidence.slowdown(fast, slow)).isEqualTo(0.5, within(0.02));
    assertThat(Evidence.slowdown(slow, slow)).isEqualTo(1, within(1e-9));
    assertThat(Evidence.slowdown(new double[0], fast)).isNaN();
  }

  @Test
  void theVertexOfAParabolaIsFoundBetweenItsPoints() {
    List<double[]> points = new ArrayList<>();
    for (double x : new double[] {-10, -9, -8}) {
      points.add(new double[] {x, 4 + 0.3 * (x + 9.2) * (x + 9.2)});
    }
    assertThat(BestRate.vertex(points)).isEqualTo(-9.2, within(1e-6));
    points.add(new double[] {-7, 4 + 0.3 * 2.2 * 2.2});
    assertThat(BestRate.vertex(points)).isEqualTo(-9.2, within(1e-6));
  }

  @Test
  void theVertexStaysWithinWhatWasTried() {
    List<double[]> falling =
        List.of(new double[] {1, 3}, new double[] {2, 2.2}, new double[] {3, 2});
    assertThat(BestRate.vertex(falling)).isEqualTo(2 + 5 / 6.0, within(1e-9));
    List<double[]> beyond =
        List.of(new double[] {1, 3}, new double[] {2, 2}, new double[] {3, 1.1});
    assertThat(BestRate.vertex(beyond)).isEqualTo(3);
    List<double[]> cap = List.of(new double[] {1, 3}, new double[] {2, 3.5}, new double[] {3, 2.9});
    assertThat(BestRate.vertex(cap)).isEqualTo(3);
    assertThat(BestRate.vertex(List.of(new double[] {1, 3}, new double[] {2, 2}))).isEqualTo(2);
  }

  @Test
  void slopeIsThatOfTheLeastSquaresLine() {
    List<double[]> points =
        List.of(new double[] {0, 1}, new double[] {1, 3.1}, new double[] {2, 4.9});
    assertThat(Evidence.slope(points)).isEqualTo(1.95, within(1e-9));
  }

  @Test
  void numbersAreShownWithAsManyDigitsAsTheyAreGoodTo() {
    assertThat(Text.plusMinus(0.28412, 0.0312)).isEqualTo("0.284 ± 0.031");
    assertThat(Text.plusMinus(-12.3456, 2.04)).isEqualTo("−12.3 ± 2.0");
    assertThat(Text.plusMinus(0.5, 0)).isEqualTo("0.5");
    assertThat(Text.plusMinus(0.5, Double.POSITIVE_INFINITY)).isEqualTo("0.5 ± ∞");
    assertThat(Text.number(4.36e-7)).isEqualTo("4.36e−7");
    assertThat(Text.duration(75)).isEqualTo("75 s");
    assertThat(Text.duration(600)).isEqualTo("10 min");
    assertThat(Text.tokens(410_000, 3)).isEqualTo("410 thousand");
  }
}
