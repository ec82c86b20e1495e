package io.adamant.optim;

import com.google.auto.service.AutoService;
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
@AutoService(OptimizerProvider.class)
public final class AdaVar implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("adavar", "Average gradient over the root of its square and variance")
          .formula(
              "d = tau d + (1-tau)(m-g)^2; m = b1 m + (1-b1) g; u = m / (sqrt(m^2 + gamma d) + eps)",
              "Orvieto & Gower 2025, section 4")
          .beta("beta1", 0.95, "decay of the average gradient")
          .nonNegative("gamma", 0.95, "weight of the variance")
          .beta("tau", 0.95, "decay of the variance")
          .nonNegative("eps", 1e-8, "added to the root")
          .state("m", "d")
          .scalar("a1", Moments.weight("beta1"))
          .scalar("a2", Moments.weight("tau"))
          .advance(
              """
              e = m - g
              d.lerp_(e * e, a2)
              m.lerp_(g, a1)
              """)
          .direction("ratio(m, (m * m).add_(d * self.gamma).sqrt_().add_(self.eps), self.eps)")
          .build();

  @Override
  public OptimizerDefinition definition() {
    return DEFINITION;
  }

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(DEFINITION);
  }
}
