package io.adamant.theory;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;

/**
 * Moments of the soft sign of a noisy gradient: x/√(x² + ε²) with x = g + (σ/√B)·z, z unit normal.
 *
 * <p>Everything is in units of σ/√B: a = g√B/σ and b = ε√B/σ. Methods without a suffix are exact
 * (by quadrature, absolute error below 1e-10); the others are the article's approximations, with
 * their measured errors.
 *
 * <p>Source: kexue.fm 10563 (its equation numbers); theory.md §3.
 */
@PublicApi
public final class SoftSign {

  private static final Law FIRST =
      Law.of(Unit.UPDATE, "x in units of σ/√B, Gaussian noise", "kexue.fm 10563 ");
  private static final Law SECOND = FIRST.in(Unit.UPDATE_SQUARE);

  static final Quantity SOFTSIGN =
      new Quantity(
          "softsign",
          "moments of the soft sign of a noisy gradient",
          List.of(
              Inputs.GRADIENT,
              Parameter.number("sigma", "standard deviation of one sample", Domain.POSITIVE, 1),
              Parameter.number("epsilon", "ε of the denominator", Domain.NON_NEGATIVE, 1),
              Inputs.BATCH.or(1)),
          soft(FIRST, "(1)", SoftSign::mean).named("mean", "E x/√(x² + b²), quadrature"),
          soft(FIRST, "(1)", SoftSign::meanOutside)
              .named("mean_outside", "E x/(|x| + b), quadrature")
              .error("exact for ε outside the root"),
          soft(FIRST, "(9), second form, (10)", SoftSign::meanApproximate)
              .named("mean_approximate", "a/√(a² + b² + π/2)")
              .error("−11.6…+10.4 %, median 0.7 %"),
          soft(FIRST, "mean field", SoftSign::meanMeanField)
              .named("mean_mean_field", "a/√(a² + b² + 1)")
              .error("−6…+29 %"),
          soft(SECOND, "(11)", SoftSign::second).named("second", "E x²/(x² + b²), quadrature"),
          soft(SECOND, "(11)", SoftSign::secondOutside)
              .named("second_outside", "E x²/(|x| + b)², quadrature")
              .error("exact for ε outside the root"),
          soft(SECOND, "(12)", SoftSign::secondApproximate)
              .named("second_approximate", "1 − b²/(a² + b² + π/2)")
              .error("0…+80 %, median 8 %"),
          soft(SECOND, "mean field", SoftSign::secondMeanField)
              .named("second_mean_field", "(a² + 1)/(a² + b² + 1)")
              .error("0…+47 %, exact for b → ∞"),
          soft(FIRST.in(Unit.RATIO), "(17), corrected", SoftSign::scaledVariance)
              .named("scaled_variance", "b²·Var; 1 for b → ∞, where (17) has π/2"),
          soft(FIRST.when(SoftSign::clipped), "(8)", SoftSign::clipMean)
              .named("mean_clip", "E clip(x/b), closed form")
              .error("0…+40.8 %, median 1.1 %"),
          soft(FIRST.when(SoftSign::clipped), "(9), first form", SoftSign::meanBySlope)
              .named("mean_slope", "a/√(a² + b²/erf(b/√2)²)")
              .error("−11.6…+23.4 %, median 1.1 %"),
          soft(SECOND.when(SoftSign::clipped), "(11)", SoftSign::clipSecond)
              .named("second_clip", "E clip(x/b)², closed form")
              .error("0…+98 %"));

  private static final double SQRT_TWO = Math.sqrt(2);
  private static final double SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

  /** Beyond ten deviations the normal density is below 1e-22. */
  private static final double REACH = 10;

  private SoftSign() {}

  /**
   * softsign(x, ε) = x/√(x² + ε²) (1), the form with ε² under the root.
   *
   * @param x any number
   * @param epsilon ε, at least 0; softsign(0, 0) = 0
   */
  public static double value(double x, double epsilon) {
    Arguments.nonNegative("epsilon", epsilon);
    return x == 0 ? 0 : x / Math.hypot(x, epsilon);
  }

  /**
   * x/(|x| + ε), the form with ε outside the root, as in torch. At most {@link #value} in
   * magnitude; its mean is up to 29 % and its second moment up to 50 % lower, both at |x| ≈ ε.
   *
   * @param x any number
   * @param epsilon ε, at least 0; the value at (0, 0) is 0
   */
  public static double valueOutside(double x, double epsilon) {
    Arguments.nonNegative("epsilon", epsilon);
    return x == 0 ? 0 : x / (Math.abs(x) + epsilon);
  }

  /**
   * E softsign(a + z, b), exact.
   *
   * @param a g√B/σ, any finite number
   * @param b ε√B/σ, at least 0
   * @return in [−1, 1], with the sign of a
   */
  public static double mean(double a, double b) {
    check(a, b);
    return b == 0 ? Erf.erf(a / SQRT_TWO) : expect(x -> value(x, b), a, b);
  }

  /**
   * E softsign(a + z, b)², exact.
   *
   * @param a g√B/σ, any finite number
   * @param b ε√B/σ, at least 0
   * @return in [0, 1]
   */
  public static double second(double a, double b) {
    check(a, b);
    return b == 0 ? 1 : expect(x -> square(value(x, b)), a, b);
  }

  /**
   * E of {@link #valueOutside}, exact.
   *
   * @param a g√B/σ, any finite number
   * @param b ε√B/σ, at least 0
   * @return in [−1, 1], with the sign of a
   */
  public static double meanOutside(double a, double b) {
    check(a, b);
    return b == 0 ? Erf.erf(a / SQRT_TWO) : expect(x -> valueOutside(x, b), a, b);
  }

  /**
   * E of the square of {@link #valueOutside}, exact.
   *
   * @param a g√B/σ, any finite number
   * @param b ε√B/σ, at least 0
   * @return in [0, 1]
   */
  public static double secondOutside(double a, double b) {
    check(a, b);
    return b == 0 ? 1 : expect(x -> square(valueOutside(x, b)), a, b);
  }

  /**
   * E clip((a + z)/b, −1, 1) (8), in closed form (exact, and right as printed):
   *
   * <pre>
   * ½[erf((a+b)/√2) + erf((a−b)/√2)] + a/(2b)·[erf((a+b)/√2) − erf((a−b)/√2)]
   *   + [e^{−(a+b)²/2} − e^{−(a−b)²/2}]/(b√(2π))
   * </pre>
   *
   * <p>As an approximation of {@link #mean}: 0…+40.8 %, median 1.1 %.
   *
   * @param a g√B/σ
   * @param b ε√B/σ, above 0
   */
  public static double clipMean(double a, double b) {
    checkPositive(a, b);
    double above = Erf.erf((a + b) / SQRT_TWO);
    double below = Erf.erf((a - b) / SQRT_TWO);
    return (above + below) / 2
        + a / (2 * b) * (above - below)
        + (density(a + b) - density(a - b)) / b;
  }

  /**
   * E clip((a + z)/b, −1, 1)² (11), in closed form (exact): with D = ½[erf((a+b)/√2) −
   * erf((a−b)/√2)] and φ the normal density, 1 − D + [(a² + 1)D + (a − b)φ(a+b) − (a +
   * b)φ(a−b)]/b².
   *
   * <p>As an approximation of {@link #second}: 0…+98 %, worst at b ≈ 1 and small a.
   *
   * @param a g√B/σ
   * @param b ε√B/σ, above 0
   */
  public static double clipSecond(double a, double b) {
    checkPositive(a, b);
    double inside = (Erf.erf((a + b) / SQRT_TWO) - Erf.erf((a - b) / SQRT_TWO)) / 2;
    double moment = (a * a + 1) * inside + (a - b) * density(a + b) - (a + b) * density(a - b);
    return 1 - inside + moment / (b * b);
  }

  /**
   * The slope of {@link #clipMean} at a = 0: erf(b/√2)/b. Exact.
   *
   * @param b ε√B/σ, above 0
   */
  public static double clipSlope(double b) {
    checkPositive(0, b);
    return Erf.erf(b / SQRT_TWO) / b;
  }

  /**
   * The mean by (9), first form: a/√(a² + b²/erf(b/√2)²). Error −11.6…+23.4 %, median 1.1 %.
   *
   * @param a g√B/σ
   * @param b ε√B/σ, above 0
   */
  public static double meanBySlope(double a, double b) {
    checkPositive(a, b);
    return a / Math.hypot(a, 1 / clipSlope(b));
  }

  /**
   * The mean by (9), second form, and (10): a/√(a² + b² + π/2). Error −11.6…+10.4 %, median 0.7 %.
   * (The printed "π/2B" means π/(2B).)
   *
   * @param a g√B/σ, any finite number
   * @param b ε√B/σ, at least 0
   * @return in [−1, 1], with the sign of a
   */
  public static double meanApproximate(double a, double b) {
    check(a, b);
    return a / Math.sqrt(a * a + b * b + Math.PI / 2);
  }

  /**
   * The second moment by (12): 1 − b²/(a² + b² + π/2). Always high: 0…+80 %, median 8 %, 62 % for b
   * in [1, 3]. Its noise is π/2 times too large for b → ∞, see {@link #secondMeanField}.
   *
   * @param a g√B/σ, any finite number
   * @param b ε√B/σ, at least 0
   * @return in [0, 1]
   */
  public static double secondApproximate(double a, double b) {
    check(a, b);
    return 1 - b * b / (a * a + b * b + Math.PI / 2);
  }

  /**
   * The mean in mean field: a/√(a² + b² + 1). Error −6…+29 %.
   *
   * @param a g√B/σ, any finite number
   * @param b ε√B/σ, at least 0
   * @return in [−1, 1], with the sign of a
   */
  public static double meanMeanField(double a, double b) {
    check(a, b);
    return a / Math.sqrt(a * a + b * b + 1);
  }

  /**
   * The second moment in mean field: (a² + 1)/(a² + b² + 1). Error 0…+47 %, and exact for b → ∞,
   * where b²·Var → 1, that is ε²·Var softsign → σ²/B. ({@link #secondApproximate} has πσ²/(2B).)
   *
   * @param a g√B/σ, any finite number
   * @param b ε√B/σ, at least 0
   * @return in [0, 1]
   */
  public static double secondMeanField(double a, double b) {
    check(a, b);
    return (a * a + 1) / (a * a + b * b + 1);
  }

  /**
   * ε²·Var softsign(g)/(σ²/B), exact: 0.776, 0.971, 0.997, 0.9997 at g = 0 and b = 3, 10, 30, 100,
   * and 1 in the limit, where (17) has π/2.
   *
   * @param a g√B/σ
   * @param b ε√B/σ, at least 0
   */
  public static double scaledVariance(double a, double b) {
    double mean = mean(a, b);
    return b * b * (second(a, b) - mean * mean);
  }

  /**
   * β = (1 + πκ²/(2B))^{−1/2} (10), one number for all coordinates.
   *
   * @param kappaSquare κ², the mean of σ_i²/(g_i² + ε²), at least 0
   * @param batch B, above 0
   */
  public static double strength(double kappaSquare, double batch) {
    Arguments.nonNegative("kappaSquare", kappaSquare);
    return NoiseScale.signStrength(Math.PI / 2 * kappaSquare, batch);
  }

  /**
   * E f(a + z) for a function f with a kink or steep part of width b at 0: panels that double in
   * width away from 0, none wider than 1.
   */
  private static double expect(DoubleUnaryOperator function, double a, double b) {
    DoubleUnaryOperator weighted = x -> function.applyAsDouble(x) * density(x - a);
    return side(weighted, a, b, 1) + side(weighted, a, b, -1);
  }

  /** The integral over x·sign &gt; 0. */
  private static double side(DoubleUnaryOperator weighted, double a, double b, int sign) {
    double start = Math.max(0, sign * a - REACH);
    double end = sign * a + REACH;
    double total = 0;
    double from = start;
    while (from < end) {
      double to = Math.min(end, from + Math.min(1, from + b));
      total += Quadrature.integrate(x -> weighted.applyAsDouble(sign * x), from, to);
      from = to;
    }
    return total;
  }

  private static double density(double z) {
    return Math.exp(-z * z / 2) / SQRT_TWO_PI;
  }

  private static double square(double x) {
    return x * x;
  }

  private static void check(double a, double b) {
    Arguments.finite("a", a);
    Arguments.nonNegative("b", b);
  }

  private static void checkPositive(double a, double b) {
    Arguments.finite("a", a);
    Arguments.positive("b", b);
  }

  /** At a = g√B/σ and b = ε√B/σ. */
  private static Law soft(Law shared, String equation, DoubleBinaryOperator moment) {
    return shared
        .source(shared.source() + equation + "; theory.md §3")
        .is(
            v ->
                moment.applyAsDouble(
                    v.number("gradient") * scale(v), v.number("epsilon") * scale(v)));
  }

  private static boolean clipped(Values v) {
    return v.number("epsilon") * scale(v) > 0;
  }

  /** √B/σ. */
  private static double scale(Values v) {
    double scale = Math.sqrt(v.batch()) / v.number("sigma");
    double largest = scale * Math.max(Math.abs(v.number("gradient")), v.number("epsilon"));
    if (!(largest <= 1e100)) { // its square would not be a finite number
      throw new InputException(
          "--sigma %s: allowed: at least 1e-100 of gradient and epsilon, times √batch"
              .formatted(v.text("sigma")));
    }
    return scale;
  }
}
