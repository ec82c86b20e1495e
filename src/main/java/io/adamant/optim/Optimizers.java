package io.adamant.optim;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.base.Services;
import io.adamant.base.Sha256;
import io.adamant.base.UserPath;
import io.adamant.config.OptimizerConfig;
import io.adamant.tensor.ScriptModule;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The optimizers that are known: the text files of {@code src/main/torchscript/optimizers}, and
 * those of anybody's {@link OptimizerProvider} on the class path.
 */
@PublicApi
public final class Optimizers {

  private static final String FOLDER = "optimizers/";

  private static final List<OptimizerDefinition> BUILT_IN =
      ScriptModule.resources(FOLDER).stream()
          .map(file -> OptimizerDefinition.parse(file, ScriptModule.resource(file)))
          .toList();

  private Optimizers() {}

  /**
   * Every known optimizer.
   *
   * @return definitions, sorted by type
   */
  public static List<OptimizerDefinition> all() {
    Stream<OptimizerDefinition> provided =
        Services.load(OptimizerProvider.class).stream().map(OptimizerProvider::definition);
    return Stream.concat(BUILT_IN.stream(), provided)
        .sorted(Comparator.comparing(OptimizerDefinition::type))
        .toList();
  }

  /**
   * The optimizer of a type.
   *
   * @param type name in configurations, or path of a text file
   * @return its definition
   * @throws InputException if there is none
   */
  public static OptimizerDefinition definition(String type) {
    if (OptimizerConfig.isFile(type)) {
      return OptimizerDefinition.read(UserPath.of(type).toAbsolutePath());
    }
    // Built-in ones first: the class path is searched for those of others only.
    return Stream.<Supplier<Stream<OptimizerDefinition>>>of(BUILT_IN::stream, () -> all().stream())
        .flatMap(Supplier::get)
        .filter(definition -> definition.type().equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "optimizer.type: no optimizer named "
                        + type
                        + "; there are: "
                        + all().stream()
                            .map(OptimizerDefinition::type)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * The SHA-256 of the text that defines an optimizer of the user's.
   *
   * @param definition of {@link #definition}
   * @return 64 hexadecimal digits
   */
  public static String sha256(OptimizerDefinition definition) {
    return new Sha256().add(definition.text()).hex();
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
    return FusedOptimizer.builder(definition(type))
        .settings(settings, "optimizer")
        .optLearningRate(learningRate)
        .optWeightDecay(weightDecay)
        .build();
  }
}
