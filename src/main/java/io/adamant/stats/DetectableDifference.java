package io.adamant.stats;

/**
 * The minimum detectable difference: the smallest true difference of two arms that a two-sided
 * t-test at error rate alpha finds with the given power.
 *
 * <p>Paired: δ s_d/√n with n − 1 degrees of freedom. Unpaired: δ s √(2/n) with 2n − 2. δ is the
 * noncentrality at which {@link TTestPower} reaches the power.
 *
 * @param difference the minimum detectable difference, in the unit of the noise; infinite for one
 *     seed
 * @param noise paired: standard deviation of the differences; unpaired: of one arm
 * @param seeds n, a pair or an arm
 * @param design paired or unpaired
 * @param alpha error rate
 * @param power probability of finding the difference
 */
public record DetectableDifference(
    double difference, double noise, int seeds, Design design, double alpha, double power) {
  /** The customary error rate. */
  public static final double ALPHA = 0.05;

  /** The customary power. */
  public static final double POWER = 0.8;

  /**
   * With the customary error rate 0.05 and power 0.8.
   *
   * @param design paired or unpaired
   * @param noise paired: standard deviation of the differences; unpaired: of one arm; positive
   * @param seeds n, at least 1
   * @return the minimum detectable difference
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static DetectableDifference of(Design design, double noise, int seeds) {
    return of(design, noise, seeds, ALPHA, POWER);
  }

  /**
   * With any error rate and power.
   *
   * @param design paired or unpaired
   * @param noise paired: standard deviation of the differences; unpaired: of one arm; positive
   * @param seeds n, at least 1
   * @param alpha error rate, in (0, 1)
   * @param power above alpha, below 1
   * @return the minimum detectable difference
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static DetectableDifference of(
      Design design, double noise, int seeds, double alpha, double power) {
    check(noise, alpha, power);
    if (seeds < 1) {
      throw new IllegalArgumentException("seeds is " + seeds + "; at least 1 is needed");
    }
    double difference =
        seeds == 1
            ? Double.POSITIVE_INFINITY
            : TTestPower.noncentrality(power, degreesOfFreedom(design, seeds), alpha)
                * standardError(design, noise, seeds);
    return new DetectableDifference(difference, noise, seeds, design, alpha, power);
  }

  static void check(double noise, double alpha, double power) {
    Samples.requirePositive("noise", noise);
    Samples.requireFraction("alpha", alpha);
    if (!(power > alpha && power < 1)) {
      throw new IllegalArgumentException(
          "power is " + power + "; it must lie in (alpha, 1), alpha being " + alpha);
    }
  }

  static double degreesOfFreedom(Design design, long seeds) {
    return design == Design.PAIRED ? seeds - 1.0 : 2.0 * seeds - 2;
  }

  static double standardError(Design design, double noise, long seeds) {
    return noise * Math.sqrt((design == Design.PAIRED ? 1.0 : 2.0) / seeds);
  }
}
