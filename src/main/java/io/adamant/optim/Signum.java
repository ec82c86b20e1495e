package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * Signum: the sign of the average gradient.
 *
 * <pre>
 * m &larr; &beta;1 m + (1&minus;&beta;1) g
 * u = sign(m)                          or, with a mollifier &epsilon; &gt; 0,
 * u = m / (|m| + &epsilon;)
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>sign(0) = 0. With {@code init: gradient} the first gradient is taken as the average's value (m
 * = g at t = 1); the scale of m does not matter to the sign, so there is no bias to correct. The
 * mollifier is outside any root.
 *
 * <p>PyTorch has no Signum; this is the sign of the buffer of {@code torch.optim.SGD} with {@code
 * dampening = momentum}, except that torch's first buffer is the gradient ({@code init: gradient}
 * here) and its weight decay is added to the gradient. Source: theory.md &sect;1; Bernstein et al.
 * 2018; Orvieto and Gower 2025, section 3.
 */
@PublicApi
public final class Signum {

  private Signum() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("signum"));
  }
}
