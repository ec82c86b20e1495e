package io.adamant.optim;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.base.Services;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The optimizers that a service loader finds: ours and anybody's on the class path. */
@PublicApi
public final class Optimizers {

  private Optimizers() {}

  /**
   * Every registered optimizer.
   *
   * @return providers, sorted by type
   */
  public static List<OptimizerProvider> all() {
    return Services.load(OptimizerProvider.class).stream()
        .sorted(Comparator.comparing(provider -> provider.definition().type()))
        .collect(Collectors.toList());
  }

  /**
   * The optimizer of a type.
   *
   * @param type name in configurations
   * @return its provider
   * @throws InputException if there is none
   */
  public static OptimizerProvider provider(String type) {
    List<OptimizerProvider> all = all();
    return all.stream()
        .filter(provider -> provider.definition().type().equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "optimizer.type: no optimizer named "
                        + type
                        + "; there are: "
                        + all.stream()
                            .map(provider -> provider.definition().type())
                            .collect(Collectors.joining(", "))));
  }

  /**
   * An optimizer by its type.
   *
   * @param type name in configurations
   * @param settings settings that differ from the defaults
   * @param learningRate rate of each step, for DJL's path
   * @param weightDecay decoupled weight decay, for DJL's path
   * @return the optimizer
   * @throws InputException if type or settings are not allowed
   */
  public static FusedOptimizer create(
      String type, Map<String, Object> settings, LearningRate learningRate, double weightDecay) {
    FusedOptimizer.Builder builder = FusedOptimizer.builder(provider(type).definition());
    return builder
        .settings(settings, "optimizer")
        .optLearningRate(learningRate)
        .optWeightDecay(weightDecay)
        .build();
  }
}
