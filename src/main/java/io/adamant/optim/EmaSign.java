package io.adamant.optim;

import com.google.auto.service.AutoService;
import io.adamant.base.PublicApi;

/**
 * EMASign: the average of the gradients' signs.
 *
 * <pre>
 * m &larr; &beta;1 m + (1&minus;&beta;1) sign(g)
 * u = m
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>|u| &le; 1 &minus; &beta;1^t. No positive rescaling of a single gradient changes anything,
 * global clipping included; that sets it apart from Signum, whose sign comes after the average.
 * PyTorch has no such optimizer. Source: theory.md &sect;1; Orvieto and Gower 2025, section 3.
 */
@PublicApi
@AutoService(OptimizerProvider.class)
public final class EmaSign implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("emasign", "Average of the gradients' signs")
          .formula("m = b1 m + (1-b1) sign(g); u = m", "Orvieto & Gower 2025, section 3")
          .beta("beta1", 0.95, "decay of the average sign")
          .state("m")
          .scalar("a1", Moments.weight("beta1"))
          .advance("m.lerp_(torch.sign(g), a1)")
          .direction("m")
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
