package io.adamant.optim;

import io.adamant.base.PublicApi;
import java.util.Map;

/**
 * What the registry loads: put {@code @AutoService(OptimizerProvider.class)} on an implementation
 * and its optimizer is known everywhere, without a list to edit.
 */
@PublicApi
public interface OptimizerProvider {

  /**
   * What the optimizer does.
   *
   * @return its definition
   */
  OptimizerDefinition definition();

  /**
   * An optimizer with some settings.
   *
   * @param settings those that differ from the defaults
   * @param learningRate rate of each step, for DJL's path
   * @param weightDecay decoupled weight decay, for DJL's path
   * @return the optimizer
   */
  FusedOptimizer create(
      Map<String, Object> settings, LearningRate learningRate, double weightDecay);
}
