package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * An optimizer in a jar of your own: {@code @AutoService(OptimizerProvider.class)} on an
 * implementation makes it known everywhere, without a list to edit.
 */
@PublicApi
public interface OptimizerProvider {

  /**
   * What the optimizer does.
   *
   * @return its definition
   */
  OptimizerDefinition definition();
}
