package io.adamant.optim;

import com.google.auto.service.AutoService;
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
@AutoService(OptimizerProvider.class)
public final class DecoupledRmsProp implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("rmsprop", "Gradient over the root of its average square")
          .formula(
              "v = b2 v + (1-b2) g^2; u = g / (sqrt(v/(1-b2^t)) + eps)",
              "AdamW with beta1 = 0; Orvieto & Gower 2025, section 3")
          .beta("beta2", 0.95, "decay of the average squared gradient")
          .nonNegative("eps", 1e-8, "added to the root")
          .flag("bias_correction", true, "divide the average by 1 - beta2^t")
          .state("v")
          .scalar("a2", Moments.weight("beta2"))
          .scalar("c2", Moments.correction("beta2", "self.bias_correction"))
          .advance("v.lerp_(g * g, a2)")
          .direction("ratio(g, torch.sqrt(corrected(v, c2)).add_(self.eps), self.eps)")
          .fusedStep(Moments.FUSED_RMSPROP)
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
