package io.adamant.optim.toy;

import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.OptimizerProvider;

/**
 * The worked example of adding-an-optimizer.md in a jar of one's own: the signed root of the
 * average gradient. It is named in META-INF/services; {@code @AutoService} would write that file.
 */
public final class RootSgd implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.parse(
          "root_sgd",
          """
          \"""Signed root of the average gradient

          formula: m = b1 m + (1-b1) g; u = sign(m) sqrt(|m|)
          source: an example
          \"""

          beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
          m = state()

          def update(g, m):
            m = average(m, g, beta1)

          def direction(g, m):
            return torch.sign(m) * torch.sqrt(torch.abs(m))
          """);

  @Override
  public OptimizerDefinition definition() {
    return DEFINITION;
  }
}
