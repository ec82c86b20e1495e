package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoftSignTest {

  /** E f(a + z) by a midpoint rule of 2,000,000 points, blind to where f is steep. */
  private static double midpoint(DoubleUnaryOperator function, double a) {
    int points = 2_000_000;
    double width = 18.0 / points;
    double total = 0;
    for (int i = 0; i < points; i++) {
      double z = -9 + (i + 0.5) * width;
      total += function.applyAsDouble(a + z) * Math.exp(-z * z / 2);
    }
    return total * width / Math.sqrt(2 * Math.PI);
  }

  private static double clip(double x) {
    return Math.max(-1, Math.min(1, x));
  }

  @ParameterizedTest
  @CsvSource({"0.3,0.01", "1.0,1.0", "-0.7,0.2", "2.5,4.0", "12.0,3.0", "0.05,30"})
  void momentsAgreeWithAPlainMidpointRule(double a, double b) {
    double tolerance = 1e-6;
    Sharp.relative(SoftSign.mean(a, b), midpoint(x -> SoftSign.value(x, b), a), tolerance);
    Sharp.relative(
        SoftSign.second(a, b), midpoint(x -> Math.pow(SoftSign.value(x, b), 2), a), tolerance);
    Sharp.relative(
        SoftSign.meanOutside(a, b), midpoint(x -> SoftSign.valueOutside(x, b), a), tolerance);
    Sharp.relative(
        SoftSign.secondOutside(a, b),
        midpoint(x -> Math.pow(SoftSign.valueOutside(x, b), 2), a),
        tolerance);
    Sharp.relative(SoftSign.clipMean(a, b), midpoint(x -> clip(x / b), a), tolerance);
    Sharp.relative(
        SoftSign.clipSecond(a, b), midpoint(x -> Math.pow(clip(x / b), 2), a), tolerance);
  }

  @Test
  void narrowStepsAreStillIntegratedRight() {
    for (double b : new double[] {1e-12, 1e-8, 1e-5}) {
      assertThat(SoftSign.mean(0.7, b)).isCloseTo(SoftSign.mean(0.7, 0), within(2 * b));
      assertThat(SoftSign.second(0.7, b)).isCloseTo(1, within(2 * b));
      // 1 − E φ² = E b²/(x² + b²) → πb·φ(a) for a narrow step.
      double narrow = Math.PI * b * Math.exp(-0.245) / Math.sqrt(2 * Math.PI);
      assertThat(1 - SoftSign.second(0.7, b)).isCloseTo(narrow, within(0.01 * narrow + 1e-14));
    }
    assertThat(SoftSign.mean(40, 1e-3)).isCloseTo(1, within(1e-6));
  }

  @Test
  void slopeIsTheDerivativeOfTheClipMean() {
    for (double b : new double[] {0.1, 1, 5}) {
      double step = 1e-5;
      double derivative = (SoftSign.clipMean(step, b) - SoftSign.clipMean(-step, b)) / (2 * step);
      Sharp.relative(SoftSign.clipSlope(b), derivative, 1e-6);
    }
  }

  /** The surrogate x/√(x² + 1/k²) is fixed by its slope k at 0 and its limit 1. */
  @ParameterizedTest
  @CsvSource({"0.3", "1", "4"})
  void meanBySlopeHasTheClipMeansSlopeAndLimit(double b) {
    double slope = (SoftSign.clipMean(1e-4, b) - SoftSign.clipMean(-1e-4, b)) / 2e-4;
    Sharp.relative(SoftSign.meanBySlope(1e-4, b) / 1e-4, slope, 1e-6);
    Sharp.relative(SoftSign.meanBySlope(1e5, b), 1, 1e-6);
    Sharp.relative(SoftSign.meanBySlope(1 / slope, b), Math.sqrt(0.5), 1e-6);
  }

  /** Mean field: expectations taken inside, E x/√(E x² + b²) and E x²/(E x² + b²). */
  @ParameterizedTest
  @CsvSource({"0.3,0.5", "2,3"})
  void meanFieldTakesExpectationsInside(double a, double b) {
    double square = midpoint(x -> x * x, a);
    Sharp.relative(SoftSign.meanMeanField(a, b), a / Math.sqrt(square + b * b), 1e-6);
    Sharp.relative(SoftSign.secondMeanField(a, b), square / (square + b * b), 1e-6);
  }

  @Test
  void formulasFollowTheReferenceWithTheStatedErrors() {
    Sharp.Band clipMean = new Sharp.Band();
    Sharp.Band clipSecond = new Sharp.Band();
    Sharp.Band bySlope = new Sharp.Band();
    Sharp.Band approximate = new Sharp.Band();
    Sharp.Band second = new Sharp.Band();
    Sharp.Band meanField = new Sharp.Band();
    Sharp.Band meanFieldSecond = new Sharp.Band();
    for (JsonNode row : Reference.at("softsign")) {
      double a = row.get("a").asDouble();
      double b = row.get("b").asDouble();
      double mean = row.get("mean").asDouble();
      double square = row.get("second").asDouble();
      same(SoftSign.mean(a, b), mean);
      same(SoftSign.second(a, b), square);
      same(SoftSign.meanOutside(a, b), row.get("mean_alt_den").asDouble());
      same(SoftSign.secondOutside(a, b), row.get("second_alt_den").asDouble());
      same(SoftSign.clipMean(a, b), row.get("clip_mean_eq8").asDouble());
      same(SoftSign.clipSecond(a, b), row.get("clip_second").asDouble());
      same(SoftSign.meanBySlope(a, b), row.get("eq9a").asDouble());
      same(SoftSign.meanApproximate(a, b), row.get("eq9b_10").asDouble());
      same(SoftSign.secondApproximate(a, b), row.get("eq12_13").asDouble());
      same(SoftSign.meanMeanField(a, b), row.get("meanfield_mean").asDouble());
      same(SoftSign.secondMeanField(a, b), row.get("meanfield_second").asDouble());
      clipMean.add(SoftSign.clipMean(a, b), mean);
      clipSecond.add(SoftSign.clipSecond(a, b), square);
      bySlope.add(SoftSign.meanBySlope(a, b), mean);
      approximate.add(SoftSign.meanApproximate(a, b), mean);
      second.add(SoftSign.secondApproximate(a, b), square);
      meanField.add(SoftSign.meanMeanField(a, b), mean);
      meanFieldSecond.add(SoftSign.secondMeanField(a, b), square);
    }
    clipMean.liesIn(-0.001, 0.41);
    clipSecond.liesIn(-0.001, 0.985);
    bySlope.liesIn(-0.117, 0.235);
    approximate.liesIn(-0.117, 0.105);
    second.liesIn(-0.001, 0.81);
    meanField.liesIn(-0.063, 0.295);
    meanFieldSecond.liesIn(-0.001, 0.475);
  }

  /** The file has six digits. */
  private static void same(double value, double reference) {
    Sharp.close(value, reference, 2e-5 * Math.abs(reference));
  }

  @Test
  void scaledVarianceTendsToOneAndNotToHalfPi() {
    // At g = 0, E x²/(x² + b²) = 1 − b·√(π/2)·e^{b²/2}·erfc(b/√2).
    for (double b : new double[] {0.2, 1, 3, 6}) {
      double mills = Math.sqrt(Math.PI / 2) * Math.exp(b * b / 2) * Erf.erfc(b / Math.sqrt(2));
      Sharp.relative(SoftSign.scaledVariance(0, b), b * b * (1 - b * mills), 1e-9);
    }
    double[][] table = {{3, 0.776}, {10, 0.971}, {30, 0.997}, {100, 0.9997}};
    for (double[] row : table) {
      Sharp.relative(SoftSign.scaledVariance(0, row[0]), row[1], 1e-3);
    }
    double printed = 1e4 * 1e4 * SoftSign.secondApproximate(0, 1e4);
    Sharp.relative(printed, Math.PI / 2, 1e-4);
    double meanField = 1e4 * 1e4 * SoftSign.secondMeanField(0, 1e4);
    Sharp.relative(meanField, SoftSign.scaledVariance(0, 1e4), 1e-4);
  }

  @Test
  void theFormWithEpsilonOutsideIsSmaller() {
    for (double x : new double[] {-3, -0.1, 0.4, 1, 20}) {
      assertThat(Math.abs(SoftSign.valueOutside(x, 0.5)))
          .isLessThan(Math.abs(SoftSign.value(x, 0.5)));
    }
    Sharp.relative(SoftSign.valueOutside(1, 1) / SoftSign.value(1, 1), 1 / Math.sqrt(2), 1e-12);
    assertThat(SoftSign.value(0, 0)).isZero();
    assertThat(SoftSign.valueOutside(0, 0)).isZero();
    Sharp.relative(1e9 * SoftSign.value(0.37, 1e9), 0.37, 1e-12);
  }

  @Test
  void strengthIsItsFormula() {
    // (1 + πκ²/(2B))^(−1/2) is the ratio of (10) to ν: a/√(a²+b²+π/2) over a/√(a²+b²).
    double batch = 8;
    double kappa = batch / (0.6 * 0.6 + 0.9 * 0.9); // σ²/(g² + ε²) at a = 0.6, b = 0.9
    double ratio = SoftSign.meanApproximate(0.6, 0.9) / SoftSign.value(0.6, 0.9);
    Sharp.relative(SoftSign.strength(kappa, batch), ratio, 1e-12);
  }

  @Test
  void badArgumentsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SoftSign.mean(0.1, -1))
        .withMessageContaining("b = -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SoftSign.clipMean(0.1, 0))
        .withMessageContaining("b = 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SoftSign.mean(Double.NaN, 1))
        .withMessageContaining("a = NaN");
  }
}
