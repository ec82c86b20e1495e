package io.adamant.optim;

import io.adamant.base.PublicApi;

/** The learning rate as a pure function of the step, in double. */
@PublicApi
@FunctionalInterface
public interface LearningRate {

  /**
   * The rate of a step.
   *
   * @param step 0 for the first
   * @return &eta; &ge; 0
   */
  double at(long step);

  /**
   * The highest rate of all steps, where it is known.
   *
   * @return &eta;_max; NaN if unknown
   */
  default double highest() {
    return Double.NaN;
  }

  /**
   * The same schedule of another rate.
   *
   * @param factor &ge; 0
   * @return this, times the factor
   */
  default LearningRate times(double factor) {
    return of(step -> factor * at(step), factor * highest());
  }

  /**
   * The same rate at every step.
   *
   * @param rate &eta;
   * @return the schedule
   */
  static LearningRate constant(double rate) {
    return of(step -> rate, rate);
  }

  /**
   * A schedule whose highest rate is known.
   *
   * @param rate &eta; by step
   * @param highest &eta;_max
   * @return the schedule
   */
  static LearningRate of(LearningRate rate, double highest) {
    return new LearningRate() {
      @Override
      public double at(long step) {
        return rate.at(step);
      }

      @Override
      public double highest() {
        return highest;
      }
    };
  }
}
