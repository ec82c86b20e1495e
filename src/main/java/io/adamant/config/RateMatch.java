package io.adamant.config;

import io.adamant.base.InputException;

/**
 * What {@code lr: match(ARM)} of a study's arm becomes, found by {@link java.util.ServiceLoader}:
 * theory lies outside this package.
 */
public interface RateMatch {

  /**
   * Rate and decay at which an optimizer's updates are as large as another's and turn weights as
   * fast.
   *
   * @param source the optimizer that is matched
   * @param target the other one, whose rate and decay are still to be found
   * @return the target with both, rounded to four significant digits
   * @throws InputException if there is no theory of one of them, or of how its decay acts
   */
  OptimizerConfig matched(OptimizerConfig source, OptimizerConfig target);
}
