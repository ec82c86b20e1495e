package io.adamant.optim;

import com.google.auto.service.AutoService;
import io.adamant.base.PublicApi;
import java.util.Map;

/**
 * Stochastic gradient descent.
 *
 * <pre>
 * u = g
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>Deviation from {@code torch.optim.SGD}: weight decay shrinks the weights instead of being
 * added to the gradient. With {@code clip.global_norm: 1} this is the study's Gclip. Source:
 * theory.md &sect;1.
 */
@PublicApi
public final class DecoupledSgd extends FusedOptimizer {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("sgd", "Stochastic gradient descent")
          .formula("u = g", "Robbins & Monro 1951")
          .direction("g")
          .build();

  /**
   * Creates the optimizer.
   *
   * @param settings none; the map is empty
   * @param learningRate rate of each step, for DJL's path
   * @param weightDecay decoupled weight decay, for DJL's path
   */
  public DecoupledSgd(Map<String, Object> settings, LearningRate learningRate, double weightDecay) {
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
      return new DecoupledSgd(settings, learningRate, weightDecay);
    }
  }
}
