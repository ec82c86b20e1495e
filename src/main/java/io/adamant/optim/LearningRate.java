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
   * The same rate at every step.
   *
   * @param rate &eta;
   * @return the schedule
   */
  static LearningRate constant(double rate) {
    return step -> rate;
  }
}
