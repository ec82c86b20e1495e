package io.adamant.optim.toy;

import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.OptimizerProvider;

/**
 * The worked example of adding-an-optimizer.md: the signed root of the average gradient. It is
 * named in META-INF/services; {@code @AutoService} would write that file.
 */
public final class RootSgd implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("root_sgd", "Signed root of the average gradient")
          .formula("m = b1 m + (1-b1) g; u = sign(m) sqrt(|m|)", "an example")
          .beta("beta1", 0.9, "decay of the average gradient")
          .state("m")
          .scalar("a1", "gate * (1.0 - self.beta1)")
          .advance("m.lerp_(g, a1)")
          .direction("torch.sign(m) * torch.sqrt(torch.abs(m))")
          .build();

  @Override
  public OptimizerDefinition definition() {
    return DEFINITION;
  }
}
