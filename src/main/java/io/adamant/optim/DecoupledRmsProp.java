package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * RMSprop as the study has it: the gradient divided by the root of the average squared gradient,
 * which is AdamW with &beta;1 = 0 without the memory for m.
 *
 * <pre>
 * v &larr; &beta;2 v + (1&minus;&beta;2) g&sup2;
 * u = g / (&radic;(v / (1&minus;&beta;2^t)) + &epsilon;)
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>With {@code bias_correction: false} the division by 1&minus;&beta;2^t is left out. Where
 * numerator and denominator are both zero, u = 0.
 *
 * <p>Deviations from {@code torch.optim.RMSprop}: v is corrected for its start at zero, weight
 * decay is decoupled, and &beta;2 (torch's {@code alpha}) is 0.95 by default. Source: theory.md
 * &sect;1; Orvieto and Gower 2025, section 3.
 */
@PublicApi
public final class DecoupledRmsProp {

  private DecoupledRmsProp() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("rmsprop"));
  }
}
