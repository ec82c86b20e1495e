package io.adamant.optim;

import com.google.auto.service.AutoService;
import io.adamant.base.PublicApi;

/**
 * SignSGD: the sign of the gradient.
 *
 * <pre>
 * u = sign(g),  sign(0) = 0
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>It is Adam with &beta;1 = &beta;2 = &epsilon; = 0, and the first step of bias-corrected Adam
 * with any betas. PyTorch has no such optimizer. Source: theory.md &sect;1; Bernstein et al. 2018.
 */
@PublicApi
@AutoService(OptimizerProvider.class)
public final class SignSgd implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("signsgd", "Sign of the gradient")
          .formula("u = sign(g)", "Bernstein et al. 2018; Su, kexue.fm 11280")
          .direction("torch.sign(g)")
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
