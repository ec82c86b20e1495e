package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * SoftSignSGD: the gradient divided by its own magnitude and a constant, a smooth sign.
 *
 * <pre>
 * u = g / &radic;(g&sup2; + &epsilon;&sup2;)         denominator: inside
 * u = g / (|g| + &epsilon;)           denominator: outside
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>Where numerator and denominator are both zero, u = 0. The two denominators differ by up to 29
 * % in the mean update where |g| is near &epsilon;. PyTorch has no such optimizer. Source:
 * theory.md &sect;1 (SoftSign A and B), &sect;3; Su, kexue.fm 10563, eq 1.
 */
@PublicApi
public final class SoftSignSgd {

  private SoftSignSgd() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("softsign_sgd"));
  }
}
