package io.adamant.optim;

import io.adamant.base.PublicApi;

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
}
