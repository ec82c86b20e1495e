package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * AdaVar: the average gradient divided by the root of its own square and an estimate of the
 * gradient's variance.
 *
 * <pre>
 * D &larr; &tau; D + (1&minus;&tau;) (m &minus; g)&sup2;       with m of the step before
 * m &larr; &beta;1 m + (1&minus;&beta;1) g
 * u = m / (&radic;(m&sup2; + &gamma; D) + &epsilon;)
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>m and D start at zero and no bias is corrected. For &gamma; = &tau; = &beta;1 this is Adam
 * with &beta;1 = &beta;2 without bias correction, written as a signal-to-noise ratio. Where
 * numerator and denominator are both zero, u = 0. PyTorch has no such optimizer. Source: theory.md
 * &sect;1 and &sect;6; Orvieto and Gower 2025, section 4.
 */
@PublicApi
public final class AdaVar {

  private AdaVar() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("adavar"));
  }
}
