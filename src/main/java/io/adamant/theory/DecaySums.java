package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import java.util.List;

/**
 * The sums behind the weight RMS: what remains, after t steps of decoupled decay, of a moving
 * average started from zero.
 *
 * <p>With decay factor c = 1 − lr·weightDecay (the article's beta3), Σ_i c^{t−i}·EMA_b[s]_i = (1 −
 * b)·Σ_{n=1..t} a_n·s_{t−n+1} where a_n = (c^n − b^n)/(c − b). The methods give sums over a_n and
 * the article's weighted averages of them.
 *
 * <p>Assumptions: averages start from zero, no bias correction (the hats on the left sides of the
 * article's (11) and (12) are a slip; theory.md §5). Exact; where b and c nearly coincide the
 * closed form would cancel and the sum is taken term by term.
 *
 * <p>Source: kexue.fm 11307 equations 11-14; theory.md §5.
 */
@PublicApi
public final class DecaySums {

  private static final Law ZERO =
      Law.of(
          Unit.RATIO,
          "averages from zero, no bias correction",
          "kexue.fm 11307 (14); theory.md §5");

  static final Quantity DECAY_SUMS =
      new Quantity(
          "decay-sums",
          "sums under decay weights behind the weight RMS",
          List.of(Inputs.BETA1, Inputs.BETA2, Inputs.LR, Inputs.DECAY, Inputs.STEPS),
          law(ZERO, "mean_of_m", "E m̄/μ under decay weights")
              .source("kexue.fm 11307 (12), hats removed; theory.md §5")
              .is(v -> averagedMean(v.beta1(), v.lr(), v.decay(), v.steps())),
          law(ZERO, "mean_of_v", "E v̄/(μ² + σ²) under decay weights, (13); the article puts 1")
              .source("kexue.fm 11307 (13); theory.md §5")
              .is(v -> averagedMean(v.beta2(), v.lr(), v.decay(), v.steps())),
          law(ZERO, "variance_of_m", "Var m̄/σ² under decay weights, (14)")
              .in(Unit.VARIANCES)
              .is(v -> averagedVariance(v.beta1(), v.lr(), v.decay(), v.steps())),
          law(ZERO, "variance_approximate", "(1 − c)(1 + c^t)/(2(1 − c^t)), c = 1 − lr·weightDecay")
              .in(Unit.VARIANCES)
              .error(
                  "+7.3 % at beta1 = 0.9, lr·weightDecay = 1e-4, t = 200; +19…36 % at (0.95, 0.01)")
              .valid("t ≫ 1/(1 − beta1) and lr·weightDecay ≪ 1 − beta1")
              .source("kexue.fm 11307 (14), simplified; theory.md §5")
              .is(v -> averagedVarianceApproximate(v.lr(), v.decay(), v.steps())));

  /** Below this relative distance of b and c the closed forms lose more than six digits. */
  private static final double NEARLY_EQUAL = 1e-3;

  private DecaySums() {}

  /**
   * E v̄_t/(μ² + σ²) (13): the expected average, under decay weights, of the second-moment buffer.
   *
   * <pre>(1 − c)(1 − b)/((1 − c^t)(c − b))·[(c − c^{t+1})/(1 − c) − (b − b^{t+1})/(1 − b)]</pre>
   *
   * <p>The article puts 1 in its place, which is 10 % too much at t = 200, b = 0.95 and 63 % at t =
   * 1000, b = 0.999 (c = 0.9999). With b = beta1 it is E m̄_t/μ.
   *
   * @param beta coefficient b of the moving average, in [0, 1)
   * @param lr learning rate
   * @param weightDecay decay, with lr·weightDecay &lt; 1; 0 makes it a plain average
   * @param steps steps t, at least 1
   */
  public static double averagedMean(double beta, double lr, double weightDecay, long steps) {
    double c = Arguments.shrink(lr, weightDecay);
    return (1 - beta) * kernelSum(beta, c, steps) / weightSum(c, steps);
  }

  /**
   * Var m̄_t/σ² (14), the exact sum:
   *
   * <pre>
   * ((1 − c)(1 − b)/((1 − c^t)(c − b)))²·[(c² − c^{2t+2})/(1 − c²) + (b² − b^{2t+2})/(1 − b²)
   *   − 2(bc − (bc)^{t+1})/(1 − bc)]
   * </pre>
   *
   * @param beta coefficient b = beta1 of the momentum, in [0, 1)
   * @param lr learning rate
   * @param weightDecay decay, with lr·weightDecay &lt; 1; 0 makes it a plain average
   * @param steps steps t, at least 1
   */
  public static double averagedVariance(double beta, double lr, double weightDecay, long steps) {
    double c = Arguments.shrink(lr, weightDecay);
    double scale = (1 - beta) / weightSum(c, steps);
    return scale * scale * kernelSquareSum(beta, c, steps);
  }

  /**
   * Var m̄_t/σ² as the article simplifies (14): (1 − c)(1 + c^t)/(2(1 − c^t)).
   *
   * <p>Stated error against {@link #averagedVariance}: +7.3 % at (b, c, t) = (0.9, 0.9999, 200),
   * +0.1 % at t = 10,000, +19…36 % at (0.95, 0.99).
   *
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1
   */
  public static double averagedVarianceApproximate(double lr, double weightDecay, long steps) {
    Arguments.positive("lr", lr);
    Arguments.positive("weightDecay", weightDecay);
    double c = Arguments.shrink(lr, weightDecay);
    double remaining = Math.pow(c, (double) Arguments.steps("steps", steps));
    return (1 - c) * (1 + remaining) / (2 * (1 - remaining));
  }

  /** Σ_{n=0..t−1} c^n, the sum of the decay weights; t where c = 1. */
  static double weightSum(double c, long steps) {
    return 1 + geometric(c, Arguments.steps("steps", steps) - 1);
  }

  /** Σ_{n=1..t} a_n. */
  static double kernelSum(double b, double c, long steps) {
    Arguments.beta("beta", b);
    Arguments.steps("steps", steps);
    if (nearlyEqual(b, c)) {
      return summed(b, c, steps, 1);
    }
    return (geometric(c, steps) - geometric(b, steps)) / (c - b);
  }

  /** Σ_{n=1..t} a_n². */
  static double kernelSquareSum(double b, double c, long steps) {
    Arguments.beta("beta", b);
    Arguments.steps("steps", steps);
    if (nearlyEqual(b, c)) {
      return summed(b, c, steps, 2);
    }
    double squares =
        geometric(c * c, steps) + geometric(b * b, steps) - 2 * geometric(b * c, steps);
    return squares / ((c - b) * (c - b));
  }

  /** Σ_{n=1..count} q^n for 0 ≤ q ≤ 1, without cancellation near q = 1. */
  static double geometric(double q, long count) {
    if (q == 0) {
      return 0;
    }
    if (q == 1) {
      return (double) count;
    }
    return -q * Math.expm1((double) count * Math.log(q)) / (1 - q);
  }

  private static boolean nearlyEqual(double b, double c) {
    return Math.abs(c - b) < NEARLY_EQUAL * (1 - b);
  }

  /** Term by term, from a_1 = 1 and a_{n+1} = c·a_n + b^n, until the terms no longer count. */
  private static double summed(double b, double c, long steps, int power) {
    double total = 0;
    double term = 1;
    double powerOfB = 1;
    for (long n = 1; n <= steps; n++) {
      double added = power == 1 ? term : term * term;
      total += added;
      powerOfB *= b;
      term = c * term + powerOfB;
      if (added < 1e-18 * total) {
        break;
      }
    }
    return total;
  }
}
