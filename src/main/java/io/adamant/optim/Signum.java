package io.adamant.optim;

import com.google.auto.service.AutoService;
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
@AutoService(OptimizerProvider.class)
public final class Signum implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("signum", "Sign of the average gradient")
          .formula(
              "m = b1 m + (1-b1) g; u = sign(m), or m / (|m| + mollifier)",
              "Bernstein et al. 2018; Orvieto & Gower 2025, section 3")
          .beta("beta1", 0.95, "decay of the average gradient")
          .nonNegative("mollifier", 0, "added to |m| in m / (|m| + mollifier); 0 takes the sign")
          .choice("init", "value of the average at step 1", "zero", "gradient")
          .state("m")
          .scalar("a1", Moments.weightWithInit("beta1"))
          .advance("m.lerp_(g, a1)")
          .direction(
              """
              ratio(m, torch.abs(m).add_(self.mollifier), self.mollifier) \
              if self.mollifier > 0.0 else torch.sign(m)
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
