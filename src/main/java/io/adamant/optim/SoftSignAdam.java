package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * SoftSign-Adam: Adam with the constant inside the root, so that without averaging it is the smooth
 * sign x/&radic;(x&sup2; + &epsilon;&sup2;).
 *
 * <pre>
 * m &larr; &beta;1 m + (1&minus;&beta;1) g        v &larr; &beta;2 v + (1&minus;&beta;2) g&sup2;
 * m&#770; = m / (1&minus;&beta;1^t)               v&#770; = v / (1&minus;&beta;2^t)
 * u = m&#770; / &radic;(v&#770; + &epsilon;&sup2;)               denominator: inside
 * u = m&#770; / (&radic;v&#770; + &epsilon;)                denominator: outside, which is AdamW
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>With {@code bias_correction: false} the divisions by 1&minus;&beta;^t are left out. Where
 * numerator and denominator are both zero, u = 0. In float32 an &epsilon; below about 1e-19 has no
 * square and acts like 0.
 *
 * <p>Deviation from {@code torch.optim.DecoupledAdamW}: the denominator. The two differ by up to 29
 * % in the mean update where &epsilon; is near the gradients' scale, and are not interchangeable
 * there. Source: theory.md &sect;1 (SoftSign A and B), &sect;3; Su, kexue.fm 10563, eq 1.
 */
@PublicApi
public final class SoftSignAdam {

  private SoftSignAdam() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("softsign_adam"));
  }
}
