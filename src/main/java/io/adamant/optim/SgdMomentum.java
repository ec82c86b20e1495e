package io.adamant.optim;

import com.google.auto.service.AutoService;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum, as a normalised moving average.
 *
 * <pre>
 * m &larr; &beta;1 m + (1&minus;&beta;1) g
 * u = m
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>Deviations from {@code torch.optim.SGD}: torch's buffer is &beta;b + g, so its rate &eta; acts
 * like &eta;/(1&minus;&beta;) here; its first buffer is the undamped gradient; its weight decay is
 * added to the gradient instead of shrinking the weights. Source: theory.md &sect;1; Orvieto and
 * Gower 2025, section 2.
 */
public final class SgdMomentum extends FusedOptimizer {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("sgdm", "SGD with momentum, a normalised moving average")
          .formula("m = b1 m + (1-b1) g; u = m", "Orvieto & Gower 2025, section 2")
          .beta("beta1", 0.9, "decay of the average gradient")
          .state("m")
          .scalar("a1", Moments.weight("beta1"))
          .advance("m.lerp_(g, a1)")
          .direction("m")
          .build();

  /**
   * Creates the optimizer.
   *
   * @param settings {@code beta1} where it differs from the default
   * @param learningRate rate of each step, for DJL's path
   * @param weightDecay decoupled weight decay, for DJL's path
   */
  public SgdMomentum(Map<String, Object> settings, LearningRate learningRate, double weightDecay) {
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
      return new SgdMomentum(settings, learningRate, weightDecay);
    }
  }
}
