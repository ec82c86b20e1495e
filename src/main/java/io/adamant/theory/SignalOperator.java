package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/**
 * Optimizers as operators on a signal: the sequence of gradients of one coordinate in, the sequence
 * of update directions out.
 *
 * <p>For equal betas and epsilon = 0 the operator T is causal (1), blind to scale, T(αg) = T(g) for
 * α &gt; 0 (2), odd (3), bounded by 1 (4), and reaches every value in [−1, 1] if its averages start
 * at the first value (5); from zero it reaches |b| ≤ √(1 − beta^k) only. Exact. An update at 0/0 is
 * 0.
 *
 * <p>Source: arXiv 2505.21829, appendix E; theory.md §8.
 */
@PublicApi
public final class SignalOperator {

  private static final Law SEEN =
      Law.of(Unit.UPDATE, "epsilon = 0", "arXiv 2505.21829 appendix E; theory.md §8");
  private static final Law DECAYING = SEEN.valid("amplitude falls like e^{−decay·k}, epsilon = 0");

  static final Quantity SIGNAL =
      new Quantity(
          "signal",
          "what equal-beta Adam does to a decaying signal",
          List.of(
              Parameter.number("beta", "coefficient of both averages", Domain.BETA, 0.95),
              Parameter.number("decay", "rate of decay a step", Domain.NON_NEGATIVE, 0.0025),
              Inputs.STEPS.or(100)),
          law(DECAYING, "transient_factor", "beta·e^{2·decay}: blind to the decay iff below 1")
              .in(Unit.RATIO)
              .is(v -> transientFactor(v.number("beta"), v.number("decay"))),
          law(
                  DECAYING,
                  "largest_beta",
                  "e^{−2·decay}: the output becomes periodic for every beta below")
              .in(Unit.COEFFICIENT)
              .is(v -> Math.exp(-2 * v.number("decay"))),
          law(SEEN, "reach_from_zero", "√(1 − beta^k), averages from 0, not corrected")
              .is(v -> reach(v.number("beta"), v.steps(), Start.ZERO)),
          law(SEEN, "reach_from_first", "1, averages from the first gradient")
              .valid("epsilon = 0, k of 2 or more")
              .is(v -> reach(v.number("beta"), v.steps(), Start.FIRST_VALUE)));

  /** What an average holds before the first gradient. */
  public enum Start {
    /** Zero, and no bias correction. */
    ZERO,
    /** The first gradient (its square, its sign). */
    FIRST_VALUE
  }

  private SignalOperator() {}

  /**
   * Adam: EMA_beta1[g]/(√EMA_beta2[g²] + epsilon).
   *
   * @param gradients g_0 … g_{n−1}
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param epsilon at least 0
   * @param start of both averages
   * @return n directions
   */
  public static double[] adam(
      double[] gradients, double beta1, double beta2, double epsilon, Start start) {
    Arguments.nonNegative("epsilon", epsilon);
    double[] squares = new double[gradients.length];
    for (int k = 0; k < squares.length; k++) {
      squares[k] = gradients[k] * gradients[k];
    }
    return combine(
        average(gradients, beta1, start, "beta1"),
        average(squares, beta2, start, "beta2"),
        (m, v) -> m == 0 ? 0 : m / (Math.sqrt(v) + epsilon));
  }

  /**
   * Signum: sign(EMA_beta[g]).
   *
   * @param gradients g_0 … g_{n−1}
   * @param beta momentum coefficient, in [0, 1)
   * @param start of the average
   */
  public static double[] signum(double[] gradients, double beta, Start start) {
    return signs(average(gradients, beta, start, "beta"));
  }

  /**
   * EMASign: EMA_beta[sign(g)], a filtered square wave.
   *
   * @param gradients g_0 … g_{n−1}
   * @param beta coefficient of the average, in [0, 1)
   * @param start of the average
   */
  public static double[] emaSign(double[] gradients, double beta, Start start) {
    return average(signs(gradients), beta, start, "beta");
  }

  /**
   * The paper's test signal, 1.8·sin(0.03k)·e^{−0.0025k} for k = 0 … length − 1.
   *
   * @param length at least 1
   */
  public static double[] dampedSine(int length) {
    return dampedSine(length, 1.8, 0.03, 0.0025);
  }

  /**
   * amplitude·sin(frequency·k)·e^{−decay·k} for k = 0 … length − 1.
   *
   * @param length at least 1
   * @param amplitude finite
   * @param frequency radians a step, finite
   * @param decay a step, at least 0
   */
  public static double[] dampedSine(int length, double amplitude, double frequency, double decay) {
    Arguments.finite("amplitude", amplitude);
    Arguments.finite("frequency", frequency);
    Arguments.nonNegative("decay", decay);
    double[] signal = new double[(int) Arguments.steps("length", length)];
    for (int k = 0; k < length; k++) {
      signal[k] = amplitude * Math.sin(frequency * k) * Math.exp(-decay * k);
    }
    return signal;
  }

  /**
   * The factor a step by which equal-beta Adam forgets its start on a signal that decays like
   * e^{−decay·k}: beta·e^{2·decay}. Its output becomes periodic, blind to the decay, iff this is
   * below 1, that is beta &lt; e^{−2·decay} (0.9950 for the test signal).
   *
   * @param beta coefficient of both averages, in [0, 1)
   * @param decay a step, at least 0
   */
  public static double transientFactor(double beta, double decay) {
    return Arguments.beta("beta", beta) * Math.exp(2 * Arguments.nonNegative("decay", decay));
  }

  /**
   * The largest |d_k| that equal-beta Adam can reach with its k-th gradient: 1 from the first value
   * (property 5), √(1 − beta^k) from zero.
   *
   * @param beta coefficient of both averages, in [0, 1)
   * @param count gradients seen, k at least 1
   * @param start of both averages
   */
  public static double reach(double beta, long count, Start start) {
    double fromZero = UpdateSupremum.equalBetas(beta, count);
    return start == Start.ZERO ? fromZero : 1;
  }

  private static double[] average(double[] values, double beta, Start start, String name) {
    Arguments.beta(name, beta);
    double[] averages = new double[values.length];
    double state = start == Start.FIRST_VALUE && values.length > 0 ? values[0] : 0;
    for (int k = 0; k < values.length; k++) {
      state = beta * state + (1 - beta) * Arguments.finite("gradient " + k, values[k]);
      averages[k] = state;
    }
    return averages;
  }

  private static double[] signs(double[] values) {
    return combine(values, values, (x, same) -> Math.signum(x));
  }

  private static double[] combine(double[] left, double[] right, DoubleBinaryOperator function) {
    double[] result = new double[left.length];
    for (int k = 0; k < result.length; k++) {
      result[k] = function.applyAsDouble(left[k], right[k]);
    }
    return result;
  }
}
