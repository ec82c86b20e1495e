package io.adamant.optim;

import com.google.auto.service.AutoService;
import io.adamant.base.PublicApi;
import java.util.Map;

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
public final class EmaSign extends FusedOptimizer {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("emasign", "Average of the gradients' signs")
          .formula("m = b1 m + (1-b1) sign(g); u = m", "Orvieto & Gower 2025, section 3")
          .beta("beta1", 0.95, "decay of the average sign")
          .state("m")
          .scalar("a1", Moments.weight("beta1"))
          .advance("m.lerp_(torch.sign(g), a1)")
          .direction("m")
          .build();

  /**
   * Creates the optimizer.
   *
   * @param settings {@code beta1} where it differs from the default
   * @param learningRate rate of each step, for DJL's path
   * @param weightDecay decoupled weight decay, for DJL's path
   */
  public EmaSign(Map<String, Object> settings, LearningRate learningRate, double weightDecay) {
    super(DEFINITION, settings, learningRate, weightDecay);
  }

  /** Registers the optimizer. */
  @AutoService(OptimizerProvider.class)
  public static final class Provider implements OptimizerProvider {
    @Override
    public OptimizerDefinition definition() {
      return DEFINITION;
    }

    @Override
    public FusedOptimizer create(
        Map<String, Object> settings, LearningRate learningRate, double weightDecay) {
      return new EmaSign(settings, learningRate, weightDecay);
    }
  }
}
