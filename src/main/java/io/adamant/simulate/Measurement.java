package io.adamant.simulate;

import io.adamant.stats.MeanEstimate;

/**
 * A simulated number with its 95 % interval.
 *
 * @param key unique in its simulation
 * @param title what it is
 * @param value the estimate, finite
 * @param halfWidth of the interval, at least 0; 0 for what involves no chance
 */
public record Measurement(String key, String title, double value, double halfWidth) {

  private static final double LEVEL = 0.95;

  /** Checks that there is a number. */
  public Measurement {
    if (!Double.isFinite(value) || !(halfWidth >= 0)) {
      throw new IllegalStateException(
          "simulated %s is %s ± %s; finite numbers were expected".formatted(key, value, halfWidth));
    }
  }

  /** What involves no chance. */
  static Measurement sure(String key, String title, double value) {
    return new Measurement(key, title, value, 0);
  }

  /** The mean of independent values, with Student's interval. */
  static Measurement mean(String key, String title, double[] values) {
    MeanEstimate estimate = MeanEstimate.of(values, LEVEL);
    return new Measurement(key, title, estimate.mean(), estimate.interval().halfWidth());
  }

  /** The root of the mean of independent squares; its interval by the derivative of the root. */
  static Measurement root(String key, String title, double[] squares) {
    MeanEstimate estimate = MeanEstimate.of(squares, LEVEL);
    double root = Math.sqrt(estimate.mean());
    double half = estimate.interval().halfWidth() / (2 * root);
    return new Measurement(key, title, root, root == 0 ? 0 : half);
  }
}
