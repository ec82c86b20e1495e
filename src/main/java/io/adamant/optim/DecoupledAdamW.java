package io.adamant.optim;

import com.google.auto.service.AutoService;
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
@AutoService(OptimizerProvider.class)
public final class DecoupledAdamW implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("adamw", "Adam with decoupled weight decay")
          .formula(
              "m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; u = (m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + eps)",
              "Loshchilov & Hutter 2019; Orvieto & Gower 2025, section 2")
          .beta("beta1", 0.95, "decay of the average gradient")
          .beta("beta2", 0.95, "decay of the average squared gradient")
          .nonNegative("eps", 1e-8, "added to the root")
          .flag("bias_correction", true, "divide the averages by 1 - beta^t")
          .choice("init", "value of the averages at step 1", "zero", "gradient")
          .consistency(Moments::noBiasToCorrect)
          .state("m", "v")
          .scalar("a1", Moments.weightWithInit("beta1"))
          .scalar("a2", Moments.weightWithInit("beta2"))
          .scalar("c1", Moments.correction("beta1", "self.bias_correction"))
          .scalar("c2", Moments.correction("beta2", "self.bias_correction"))
          .advance(
              """
              m.lerp_(g, a1)
              v.lerp_(g * g, a2)
              """)
          .direction(
              """
              ratio(corrected(m, c1), \
              torch.sqrt(corrected(v, c2)).add_(self.eps), self.eps)
              """)
          .fusedStep(Moments.FUSED_ADAMW)
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
