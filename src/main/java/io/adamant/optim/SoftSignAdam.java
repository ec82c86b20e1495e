package io.adamant.optim;

import com.google.auto.service.AutoService;
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
@AutoService(OptimizerProvider.class)
public final class SoftSignAdam implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("softsign_adam", "Adam with eps inside the root")
          .formula(
              "m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2;"
                  + " u = (m/(1-b1^t)) / sqrt(v/(1-b2^t) + eps^2)",
              "Su, kexue.fm 10563, eq 1, with Adam's averages")
          .beta("beta1", 0.95, "decay of the average gradient")
          .beta("beta2", 0.95, "decay of the average squared gradient")
          .nonNegative("eps", 1e-8, "squared and added under the root, or added to the root")
          .flag("bias_correction", true, "divide the averages by 1 - beta^t")
          .choice(
              "denominator", "position of eps: sqrt(v+eps^2) or sqrt(v)+eps", "inside", "outside")
          .state("m", "v")
          .scalar("a1", Moments.weight("beta1"))
          .scalar("a2", Moments.weight("beta2"))
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
              torch.add(corrected(v, c2), self.eps * self.eps).sqrt_(), self.eps * self.eps) \
              if self.denominator_is_inside \
              else ratio(corrected(m, c1), \
              torch.sqrt(corrected(v, c2)).add_(self.eps), self.eps)
              """)
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
