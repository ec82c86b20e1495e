package io.adamant.optim;

import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rule beside a rule of matrices: what embeddings, head and vectors go by, {@code others:
 * adamw} with {@code others_lr}, {@code others_weight_decay} and the settings of that rule, such as
 * {@code others_beta1}.
 *
 * @param type of the other rule
 * @param settings of it
 * @param lrScale factor on the learning rate of the matrices
 * @param weightDecay of the others
 */
@PublicApi
public record Others(
    String type, Map<String, Object> settings, double lrScale, double weightDecay) {

  static final String TYPE = "others";
  private static final String PREFIX = "others_";
  private static final OptimizerSetting.Name RULE =
      new OptimizerSetting.Name(
          TYPE, "adamw", "rule of embeddings, head and vectors; its settings begin with others_");
  private static final OptimizerSetting RATE =
      new OptimizerSetting.FractionOr(
          "others_lr", "same", "learning rate of embeddings, head and vectors");
  private static final OptimizerSetting DECAY =
      new OptimizerSetting.FractionOr(
          "others_weight_decay", "same", "weight decay of embeddings and head");

  private static final OptimizerSetting FUSED =
      new OptimizerSetting.Choice(
          "fused_matrices",
          List.of("split", "whole"),
          "whether queries, keys and values, and gate and up, are matrices of their own");

  /** The settings that do not depend on the other rule. */
  static final List<OptimizerSetting> SETTINGS = List.of(RULE, RATE, DECAY, FUSED);

  /** The same, with the rule that a file names. */
  static List<OptimizerSetting> settings(String type) {
    return List.of(new OptimizerSetting.Name(TYPE, type, RULE.meaning()), RATE, DECAY, FUSED);
  }

  /**
   * Whether matrices that the model keeps in one are stepped one by one.
   *
   * @param settings of a rule, resolved
   * @return true for a rule of matrices whose setting {@code fused_matrices} is {@code split}, as
   *     in the published code of all of them
   */
  public static boolean splits(Map<String, Object> settings) {
    return "split".equals(settings.get(FUSED.name()));
  }

  /**
   * Takes from the settings of a rule of matrices those that are for the others.
   *
   * @param settings of the rule of matrices, resolved
   * @param rate its peak learning rate
   * @param weightDecay its weight decay
   * @return the other rule
   * @throws InputException if the others have a rate and the matrices' is zero
   */
  public static Others of(Map<String, Object> settings, double rate, double weightDecay) {
    boolean same = !(settings.get(RATE.name()) instanceof Double);
    if (!same && rate == 0) {
      throw InputException.badValue("optimizer.lr", rate, "a rate above 0 beside others_lr");
    }
    return new Others(
        (String) settings.get(TYPE),
        own(settings),
        same ? 1 : (Double) settings.get(RATE.name()) / rate,
        settings.get(DECAY.name()) instanceof Double given ? given : weightDecay);
  }

  /**
   * What one tensor goes by: a rule itself, or the one beside it if the rule does not take it.
   *
   * @param type of the rule
   * @param settings of it
   * @param shape of the tensor
   * @param rate peak learning rate of the rule
   * @param weightDecay of the rule
   * @return the tensor's rule, with its share of the rate and its decay
   */
  public static Others of(
      String type, Map<String, Object> settings, int[] shape, double rate, double weightDecay) {
    Shape tensor = new Shape(Arrays.stream(shape).asLongStream().toArray());
    OptimizerDefinition definition = Optimizers.definition(type);
    return definition.takes(tensor)
        ? new Others(type, settings, 1, weightDecay)
        : of(definition.resolve(settings, "optimizer"), rate, weightDecay);
  }

  /** The other rule's own settings, by its own names. */
  private static Map<String, Object> own(Map<String, Object> settings) {
    Map<String, Object> own = new TreeMap<>();
    settings.forEach(
        (name, value) -> {
          boolean shared = SETTINGS.stream().anyMatch(setting -> setting.name().equals(name));
          if (name.startsWith(PREFIX) && !shared) {
            own.put(name.substring(PREFIX.length()), value);
          }
        });
    return own;
  }

  /** Whether a setting is for the others. */
  static boolean isFor(String name) {
    return name.equals(TYPE) || name.equals(FUSED.name()) || name.startsWith(PREFIX);
  }

  /** Fills in defaults and checks every setting for the others. */
  static Map<String, Object> resolve(Map<String, Object> given, String where) {
    Map<String, Object> resolved = new TreeMap<>();
    for (OptimizerSetting setting : SETTINGS) {
      Object value = given.getOrDefault(setting.name(), setting.defaultValue());
      resolved.put(
          setting.name(),
          setting
              .accept(value)
              .orElseThrow(
                  () ->
                      InputException.badValue(
                          where + "." + setting.name(), value, setting.allowed())));
    }
    OptimizerDefinition other = Optimizers.definition((String) resolved.get(TYPE));
    if (other.tensors() == OptimizerDefinition.Tensors.MATRICES) {
      throw InputException.badValue(where + "." + TYPE, other.type(), "a rule of all tensors");
    }
    other
        .resolve(own(given), where + "." + TYPE)
        .forEach((name, value) -> resolved.put(PREFIX + name, value));
    return resolved;
  }
}
