package io.adamant.optim.toy;

import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.LearningRate;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.OptimizerProvider;
import java.util.Map;

/** The worked example of adding-an-optimizer.md: the signed root of the average gradient. */
public final class RootSgd extends FusedOptimizer {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("root_sgd", "Signed root of the average gradient")
          .formula("m = b1 m + (1-b1) g; u = sign(m) sqrt(|m|)", "an example")
          .beta("beta1", 0.9, "decay of the average gradient")
          .state("m")
          .scalar("a1", "gate * (1.0 - self.beta1)")
          .advance("m.lerp_(g, a1)")
          .direction("torch.sign(m) * torch.sqrt(torch.abs(m))")
          .build();

  RootSgd(Map<String, Object> settings, LearningRate learningRate, double weightDecay) {
    super(DEFINITION, settings, learningRate, weightDecay);
  }

  /** Named in META-INF/services; {@code @AutoService} would write that file. */
  public static final class Provider implements OptimizerProvider {
    @Override
    public OptimizerDefinition definition() {
      return DEFINITION;
    }

    @Override
    public FusedOptimizer create(
        Map<String, Object> settings, LearningRate learningRate, double weightDecay) {
      return new RootSgd(settings, learningRate, weightDecay);
    }
  }
}
