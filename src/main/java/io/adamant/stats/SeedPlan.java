package io.adamant.stats;

import java.util.Locale;

/**
 * How many seeds resolve a difference.
 *
 * @param difference the true difference to be found
 * @param have seeds so far, a pair or an arm
 * @param needed the fewest seeds at which a two-sided t-test finds the difference with the power
 *     asked
 * @param design paired or unpaired
 */
public record SeedPlan(double difference, int have, long needed, Design design) {
  /** From here on the normal approximation is exact to less than one seed. */
  private static final long MANY = 100_000;

  /**
   * Plans with error rate 0.05 and power 0.8.
   *
   * @param design paired or unpaired
   * @param noise paired: standard deviation of the differences; unpaired: of one arm; positive
   * @param difference the difference to be found, positive
   * @param have seeds so far, not negative
   * @return the plan
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static SeedPlan of(Design design, double noise, double difference, int have) {
    return of(
        design, noise, difference, have, DetectableDifference.ALPHA, DetectableDifference.POWER);
  }

  /**
   * Plans with any error rate and power.
   *
   * @param design paired or unpaired
   * @param noise paired: standard deviation of the differences; unpaired: of one arm; positive
   * @param difference the difference to be found, positive
   * @param have seeds so far, not negative
   * @param alpha error rate, in (0, 1)
   * @param power above alpha, below 1
   * @return the plan
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static SeedPlan of(
      Design design, double noise, double difference, int have, double alpha, double power) {
    DetectableDifference.check(noise, alpha, power);
    Samples.requirePositive("difference", difference);
    if (have < 0) {
      throw new IllegalArgumentException("have is " + have + "; it must not be negative");
    }
    double effect = difference / noise;
    return new SeedPlan(difference, have, needed(design, effect, alpha, power), design);
  }

  private static long needed(Design design, double effect, double alpha, double power) {
    double z = TTestPower.noncentrality(power, 10.0 * MANY, alpha);
    double arms = design == Design.PAIRED ? 1 : 2;
    double normal = Math.ceil(arms * z * z / (effect * effect));
    if (normal > MANY) {
      return (long) Math.min(normal, 1e18);
    }
    long low = 1; // one seed never resolves anything
    long high = Math.max(2, (long) normal);
    while (powerAt(design, effect, high, alpha) < power) {
      low = high;
      high *= 2;
    }
    while (high - low > 1) {
      long middle = (low + high) / 2;
      if (powerAt(design, effect, middle, alpha) < power) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private static double powerAt(Design design, double effect, long seeds, double alpha) {
    return TTestPower.of(
        effect / DetectableDifference.standardError(design, 1, seeds),
        DetectableDifference.degreesOfFreedom(design, seeds),
        alpha);
  }

  /**
   * The seeds still to be run.
   *
   * @return needed − have, at least 0
   */
  public long more() {
    return Math.max(0, needed - have);
  }

  /**
   * The plan in words.
   *
   * @return for example "needs about 7 more seeds to resolve a difference of 0.010"
   */
  public String sentence() {
    String what = String.format(Locale.ROOT, "resolve a difference of %.3g", difference);
    if (more() == 0) {
      return have + (have == 1 ? " seed suffices to " : " seeds suffice to ") + what;
    }
    return "needs about " + more() + " more " + (more() == 1 ? "seed" : "seeds") + " to " + what;
  }
}
