package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * Stochastic gradient descent.
 *
 * <pre>
 * u = g
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>Deviation from {@code torch.optim.SGD}: weight decay shrinks the weights instead of being
 * added to the gradient. With {@code clip.global_norm: 1} this is the study's Gclip. Source:
 * theory.md &sect;1.
 */
@PublicApi
public final class DecoupledSgd {

  private DecoupledSgd() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("sgd"));
  }
}
