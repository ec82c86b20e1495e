package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import java.util.List;

/**
 * The largest magnitude that one coordinate of Adam's update m/√v can take, over all gradient
 * sequences, and how it grows.
 *
 * <p>For averages from zero without bias correction, Cauchy–Schwarz over the t gradients gives
 *
 * <pre>sup |m_t/√v_t| = (1 − beta1)/√(1 − beta2)·√(Σ_{k&lt;t} (beta1²/beta2)^k),</pre>
 *
 * <p>attained by g_{t−k} ∝ (beta1/beta2)^k. It stays finite iff beta1² &lt; beta2, and is 1 for t →
 * ∞ iff beta1 = beta2. Exact; epsilon = 0. In the published runs none of 331 with beta1² ≤ beta2
 * failed at a moderate rate, of those above up to 43 % did.
 *
 * <p>Source: theory.md §1.1 (not in the articles).
 */
@PublicApi
public final class UpdateSupremum {

  private static final Law EXACT =
      Law.of(Unit.UPDATE, "any gradients, epsilon = 0", "theory.md §1.1");

  static final Quantity SUP_UPDATE =
      new Quantity(
          "sup-update",
          "largest update that Adam can make in one coordinate",
          List.of(Inputs.BETA1, Inputs.BETA2, Inputs.STEPS),
          law(EXACT, "limit", "t → ∞; infinite if beta1² ≥ beta2")
              .is(v -> limit(v.beta1(), v.beta2())),
          law(EXACT, "after", "after t steps from zero, no bias correction")
              .is(v -> after(v.beta1(), v.beta2(), v.steps())),
          law(EXACT, "after_bias_corrected", "after t steps, bias-corrected")
              .is(v -> afterBiasCorrected(v.beta1(), v.beta2(), v.steps())),
          law(
                  EXACT,
                  "constant_gradient",
                  "a constant gradient, no bias correction, (1 − beta1^t)/√(1 − beta2^t)")
              .valid("constant gradient, epsilon = 0")
              .source("theory.md §1")
              .is(v -> constantGradient(v.beta1(), v.beta2(), v.steps())));

  private UpdateSupremum() {}

  /**
   * The limit t → ∞: (1 − beta1)/√((1 − beta2)(1 − beta1²/beta2)), positive infinity if beta1² ≥
   * beta2 &gt; 0; 1 at beta1 = beta2 = 0.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   */
  public static double limit(double beta1, double beta2) {
    double ratio = ratio(beta1, beta2);
    if (ratio >= 1) {
      return Double.POSITIVE_INFINITY;
    }
    return (1 - beta1) / Math.sqrt((1 - beta2) * (1 - ratio));
  }

  /**
   * The supremum after t steps, without bias correction. Positive infinity where it exceeds a
   * double, or where beta2 = 0, beta1 &gt; 0 and t &gt; 1.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param steps steps t, at least 1
   */
  public static double after(double beta1, double beta2, long steps) {
    double ratio = ratio(beta1, beta2);
    Arguments.steps("steps", steps);
    double sum;
    if (steps == 1 || ratio == 0) {
      sum = 1;
    } else if (ratio == 1) {
      sum = (double) steps;
    } else {
      sum = Math.expm1((double) steps * Math.log(ratio)) / (ratio - 1);
    }
    return (1 - beta1) / Math.sqrt(1 - beta2) * Math.sqrt(sum);
  }

  /**
   * The supremum after t steps with both averages bias-corrected: {@link #after} times √(1 −
   * beta2^t)/(1 − beta1^t). It is 1 at t = 1, where Adam's step is a sign.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param steps steps t, at least 1
   */
  public static double afterBiasCorrected(double beta1, double beta2, long steps) {
    return after(beta1, beta2, steps) / constantGradient(beta1, beta2, steps);
  }

  /**
   * The update under a constant gradient t steps after a start from zero without bias correction:
   * (1 − beta1^t)/√(1 − beta2^t). Above 1 it inflates the first steps of a run; at (0.9, 0.999) it
   * is why the weight RMS at t = 1000 is 80 % higher without correction.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param steps steps t, at least 1
   */
  public static double constantGradient(double beta1, double beta2, long steps) {
    Arguments.beta("beta2", beta2);
    double filled = 1 - Math.pow(beta2, (double) Arguments.steps("steps", steps));
    return EffectiveBatch.meanAfter(beta1, steps) / Math.sqrt(filled);
  }

  /**
   * The gradients, oldest first, under which {@link #after} is attained, scaled to end at 1.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in (0, 1)
   * @param steps number of gradients, at least 1
   */
  public static double[] worstGradients(double beta1, double beta2, int steps) {
    ratio(beta1, Arguments.positive("beta2", beta2));
    double[] gradients = new double[(int) Arguments.steps("steps", steps)];
    for (int k = 0; k < steps; k++) {
      gradients[steps - 1 - k] = Math.pow(beta1 / beta2, k);
    }
    return gradients;
  }

  /**
   * The bound of equal betas from zero without bias correction: |m_t/√v_t| ≤ √(1 − beta^t), too
   * small a start rather than too large.
   *
   * @param beta coefficient of both averages, in [0, 1)
   * @param steps steps t, at least 1
   */
  public static double equalBetas(double beta, long steps) {
    return Math.sqrt(EffectiveBatch.meanAfter(beta, steps));
  }

  private static double ratio(double beta1, double beta2) {
    Arguments.beta("beta1", beta1);
    Arguments.beta("beta2", beta2);
    return beta1 == 0 ? 0 : beta1 * beta1 / beta2;
  }
}
