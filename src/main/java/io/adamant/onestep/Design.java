package io.adamant.onestep;

import io.adamant.base.InputException;
import java.util.List;

/**
 * What is measured at a point.
 *
 * @param methods rules
 * @param batches B in samples, drawn from the population with replacement
 * @param beta1 of every rule with momentum
 * @param beta2 of Adam
 * @param samples of each curvature along a direction, drawn anew for each
 * @param probes of tr H and tr(ΣH)
 * @param seed of all random numbers
 */
public record Design(
    List<Method> methods,
    List<Integer> batches,
    double beta1,
    double beta2,
    int samples,
    int probes,
    long seed) {

  /** Draws of a chain that is started anew, so that chains are independent. */
  static final int DRAWS = 4;

  /** Draws in which the loss itself is looked at: one of so many. */
  static final int CHECKED = 10;

  /** Rates at which it is, in units of the best one so far. */
  public static final List<Double> RATES = List.of(0.25, 0.5, 1.0, 2.0);

  /** Takes copies. */
  public Design {
    methods = List.copyOf(methods);
    batches = List.copyOf(batches);
    if (methods.isEmpty() || batches.isEmpty()) {
      throw new InputException("there is no optimizer or no batch size to measure");
    }
  }

  /** Steps before a chain's first draw: it starts at the mean, so its variance is to grow. */
  int settling() {
    return (int) Math.ceil(3 / (1 - Math.max(beta1, beta2)));
  }

  /** Steps from one draw to the next: what is left of the momentum is e⁻². */
  int apart() {
    return (int) Math.ceil(2 / (1 - beta1));
  }
}
