package io.adamant.theory;

import io.adamant.base.InputException;
import io.adamant.theory.Parameter.Domain;

/**
 * The argument checks of this package. Each returns its value, or throws {@link InputException}
 * with one line that names the argument, its value and what is allowed.
 */
final class Arguments {

  private Arguments() {}

  /** An exponential-moving-average coefficient: 0 ≤ beta &lt; 1. */
  static double beta(String name, double value) {
    return require(Domain.BETA, name, value);
  }

  /** A finite number that is at least zero. */
  static double nonNegative(String name, double value) {
    return require(Domain.NON_NEGATIVE, name, value);
  }

  /** A finite number above zero. */
  static double positive(String name, double value) {
    return require(Domain.POSITIVE, name, value);
  }

  /** Any finite number. */
  static double finite(String name, double value) {
    return require(Domain.FINITE, name, value);
  }

  private static double require(Domain domain, String name, double value) {
    return require(domain.holds(value), name, value, domain.allowed);
  }

  /** A count of steps: at least 1. */
  static long steps(String name, long value) {
    if (value < 1) {
      throw new InputException(
          name + " = " + value + " is not allowed: it must be a whole number of at least 1");
    }
    return value;
  }

  /**
   * The factor 1 − lr·weightDecay by which decoupled decay shrinks a weight in a step.
   *
   * @throws InputException if either is negative or not finite, or lr·weightDecay ≥ 1
   */
  static double shrink(double lr, double weightDecay) {
    nonNegative("lr", lr);
    nonNegative("weightDecay", weightDecay);
    double product = lr * weightDecay;
    require(product < 1, "lr * weightDecay", product, "below 1, or a step would flip every weight");
    return 1 - product;
  }

  /** Two arrays that must pair up, coordinate by coordinate. */
  static void sameLength(String name, int length, String otherName, int otherLength) {
    if (length != otherLength || length == 0) {
      throw new InputException(
          "%s has %s coordinates and %s has %s: both must have the same number, at least 1"
              .formatted(name, length, otherName, otherLength));
    }
  }

  /** A matrix of shape (size, size). */
  static void square(String name, double[][] matrix, int size) {
    sameLength(name, matrix.length, "gradient", size);
    for (double[] row : matrix) {
      sameLength("a row of " + name, row.length, "gradient", size);
    }
  }

  private static double require(boolean holds, String name, double value, String allowed) {
    if (!holds) {
      throw new InputException(name + " = " + value + " is not allowed: it must be " + allowed);
    }
    return value;
  }
}
