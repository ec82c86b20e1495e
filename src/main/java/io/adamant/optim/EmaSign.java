package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * EMASign: the average of the gradients' signs.
 *
 * <pre>
 * m &larr; &beta;1 m + (1&minus;&beta;1) sign(g)
 * u = m
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>|u| &le; 1 &minus; &beta;1^t. No positive rescaling of a single gradient changes anything,
 * global clipping included; that sets it apart from Signum, whose sign comes after the average.
 * PyTorch has no such optimizer. Source: theory.md &sect;1; Orvieto and Gower 2025, section 3.
 */
@PublicApi
public final class EmaSign {

  private EmaSign() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("emasign"));
  }
}
