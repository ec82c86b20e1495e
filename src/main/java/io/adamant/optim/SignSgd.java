package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * SignSGD: the sign of the gradient.
 *
 * <pre>
 * u = sign(g),  sign(0) = 0
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>It is Adam with &beta;1 = &beta;2 = &epsilon; = 0, and the first step of bias-corrected Adam
 * with any betas. PyTorch has no such optimizer. Source: theory.md &sect;1; Bernstein et al. 2018.
 */
@PublicApi
public final class SignSgd {

  private SignSgd() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("signsgd"));
  }
}
