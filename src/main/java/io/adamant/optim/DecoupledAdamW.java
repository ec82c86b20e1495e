package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * AdamW: the average gradient divided by the root of the average squared gradient.
 *
 * <pre>
 * m &larr; &beta;1 m + (1&minus;&beta;1) g        v &larr; &beta;2 v + (1&minus;&beta;2) g&sup2;
 * u = (m / (1&minus;&beta;1^t)) / (&radic;(v / (1&minus;&beta;2^t)) + &epsilon;)
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>With {@code bias_correction: false} the divisions by 1&minus;&beta;^t are left out. With
 * {@code init: gradient} the first gradient is taken as the averages' value (m = g, v = g&sup2; at
 * t = 1); that leaves no bias to correct, so {@code bias_correction} is then false and may not be
 * asked for. Where numerator and denominator are both zero, u = 0.
 *
 * <p>Deviations from {@code torch.optim.DecoupledAdamW}: none in the formula; the default betas are
 * equal (0.95), which the published study found best or within noise of it. Source: theory.md
 * &sect;1; Loshchilov and Hutter 2019, algorithm 2; Orvieto and Gower 2025, section 2.
 */
@PublicApi
public final class DecoupledAdamW {

  private DecoupledAdamW() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("adamw"));
  }
}
