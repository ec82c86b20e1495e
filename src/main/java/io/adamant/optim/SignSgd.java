package io.adamant.optim;

import com.google.auto.service.AutoService;
import io.adamant.base.PublicApi;
import java.util.Map;

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
public final class SignSgd extends FusedOptimizer {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("signsgd", "Sign of the gradient")
          .formula("u = sign(g)", "Bernstein et al. 2018; Su, kexue.fm 11280")
          .direction("torch.sign(g)")
          .build();

  /**
   * Creates the optimizer.
   *
   * @param settings none; the map is empty
   * @param learningRate rate of each step, for DJL's path
   * @param weightDecay decoupled weight decay, for DJL's path
   */
  public SignSgd(Map<String, Object> settings, LearningRate learningRate, double weightDecay) {
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
      return new SignSgd(settings, learningRate, weightDecay);
    }
  }
}
