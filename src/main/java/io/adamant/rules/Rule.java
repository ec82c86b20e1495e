package io.adamant.rules;

import java.util.Map;
import java.util.Set;

/**
 * One optimizer for one parameter, in plain double arithmetic.
 *
 * <p>A step is w ← (1 − ηλ) w, then w ← w − η u, where u is the rule's direction: decoupled,
 * multiplicative decay <em>before</em> the step, as in torch's AdamW (theory.md §1). Within u, 0/0
 * is defined as 0; x/0 with x ≠ 0 can occur only where ε = 0 and g² underflows, and is infinite.
 *
 * <p>The guard: a gradient that holds a NaN or an infinity anywhere skips the step whole. Weights
 * (also their decay), state and step count stay as they were, and the direction returned is zero.
 *
 * <p>A rule is not thread-safe.
 */
public interface Rule {
  /**
   * Takes one step.
   *
   * @param w weights, (size), updated in place
   * @param g gradient, (size), left as it is
   * @param learningRate η, finite and not negative
   * @param weightDecay λ, finite and not negative
   * @return the direction u, (size), a new array; zeros when the guard skipped the step
   * @throws IllegalArgumentException if a length or a rate is not as stated
   */
  double[] step(double[] w, double[] g, double learningRate, double weightDecay);

  /**
   * Says where the rule takes what it needs beside the gradient.
   *
   * @param inputs asked at each step that is taken
   */
  default void takeFrom(RuleInputs inputs) {}

  /**
   * What the rule needs beside the gradient.
   *
   * @return names that {@link RuleInputs} knows; empty for most rules
   */
  default Set<String> inputs() {
    return Set.of();
  }

  /**
   * The weights to evaluate at, where the rule means others than those that are trained.
   *
   * @param w weights after a step, (size)
   * @return a new array
   */
  default double[] averaged(double[] w) {
    return w.clone();
  }

  /**
   * The state by name, for example {@code m} and {@code v}; each (size).
   *
   * @return a copy, in a fixed order; empty for a rule without memory
   */
  Map<String, double[]> state();

  /**
   * Puts the rule into a given state, so that it continues from there as the rule that {@link
   * #state()} was read from would.
   *
   * @param state exactly the names and sizes that {@link #state()} returns
   * @param steps the steps taken so far, which bias correction and first-step rules depend on
   * @throws IllegalArgumentException if a name is missing or unknown, a size differs or steps is
   *     negative
   */
  void restore(Map<String, double[]> state, long steps);

  /**
   * The steps taken; skipped ones do not count.
   *
   * @return k, 0 before the first step
   */
  long steps();
}
