package io.adamant.stats;

import org.apache.commons.math3.distribution.TDistribution;

/** Checks and moments that the tests and intervals share. */
final class Samples {
  private Samples() {}

  /** Refuses a sample that is too small or holds a value that is not finite. */
  static double[] require(String name, double[] x, int atLeast) {
    if (x.length < atLeast) {
      throw new IllegalArgumentException(
          name + " has " + x.length + " values; at least " + atLeast + " are needed");
    }
    for (double value : x) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(name + " holds " + value + "; values must be finite");
      }
    }
    return x;
  }

  static void requireFraction(String name, double value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException(name + " is " + value + "; it must lie in (0, 1)");
    }
  }

  static void requirePositive(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be finite and > 0");
    }
  }

  static double mean(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value;
    }
    double mean = sum / x.length;
    double correction = 0; // a second pass takes out the rounding of the first
    for (double value : x) {
      correction += value - mean;
    }
    return mean + correction / x.length;
  }

  /** Sum of squared deviations from the mean. */
  static double sumOfSquares(double[] x) {
    double mean = mean(x);
    double sum = 0;
    for (double value : x) {
      sum += (value - mean) * (value - mean);
    }
    return sum;
  }

  /** Unbiased variance; NaN for one value. */
  static double variance(double[] x) {
    return x.length == 1 ? Double.NaN : sumOfSquares(x) / (x.length - 1);
  }

  /** Student's quantile t_{p, df}. */
  static double tQuantile(double p, double degreesOfFreedom) {
    return new TDistribution(null, degreesOfFreedom, 1e-13).inverseCumulativeProbability(p);
  }

  /** Two-sided p-value of Student's t. */
  static double twoSidedP(double t, double degreesOfFreedom) {
    if (Double.isInfinite(t)) {
      return 0;
    }
    return Math.min(
        1, 2 * new TDistribution(null, degreesOfFreedom).cumulativeProbability(-Math.abs(t)));
  }
}
