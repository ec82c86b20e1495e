package io.adamant.optim;

import com.google.auto.service.AutoService;
import io.adamant.base.PublicApi;

/**
 * SoftSignSGD: the gradient divided by its own magnitude and a constant, a smooth sign.
 *
 * <pre>
 * u = g / &radic;(g&sup2; + &epsilon;&sup2;)         denominator: inside
 * u = g / (|g| + &epsilon;)           denominator: outside
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>Where numerator and denominator are both zero, u = 0. The two denominators differ by up to 29
 * % in the mean update where |g| is near &epsilon;. PyTorch has no such optimizer. Source:
 * theory.md &sect;1 (SoftSign A and B), &sect;3; Su, kexue.fm 10563, eq 1.
 */
@PublicApi
@AutoService(OptimizerProvider.class)
public final class SoftSignSgd implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("softsign_sgd", "Smooth sign of the gradient")
          .formula("u = g / sqrt(g^2 + eps^2), or g / (|g| + eps)", "Su, kexue.fm 10563, eq 1")
          .nonNegative("eps", 1e-3, "scale below which the direction is proportional to g")
          .choice("denominator", "position of eps: sqrt(g^2+eps^2) or |g|+eps", "inside", "outside")
          .scalar("e", "torch.full_like(t, self.eps)")
          // hypot squares nothing that could under- or overflow.
          .direction(
              """
              ratio(g, torch.hypot(g, e), self.eps) if self.denominator_is_inside \
              else ratio(g, torch.abs(g).add_(self.eps), self.eps)
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
