package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.config.GroupConfig;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.model.ModelSize;
import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.LearningRate;
import io.adamant.optim.Optimizers;
import io.adamant.optim.ParameterGroup;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Parts the parameters into what one optimizer steps with one rate and one decay.
 *
 * <p>Each group of the configuration, and the rest, is parted again into matrices, which decay, and
 * vectors, which do not: shrinking a norm's gain would change the function, not regularise it.
 *
 * <p>A group with the rate 0 is frozen and none of these: its parameters have no gradient, so that
 * neither norms nor clipping know them, and no optimizer.
 */
public final class ParameterGroups implements AutoCloseable {

  private final NDManager manager;
  private final LearningRate learningRate;
  private final List<FusedOptimizer> optimizers = new ArrayList<>();
  private final List<ParameterGroup> groups = new ArrayList<>();
  private final Map<String, NDArray> frozen = new LinkedHashMap<>();

  /**
   * Builds the groups with fresh optimizer state. From here on, parameters that are trained require
   * a gradient and the others none.
   *
   * @param config resolved
   * @param named every parameter by its stable name
   * @throws InputException as {@link #size}
   */
  ParameterGroups(
      NDManager manager, RunConfig config, Map<String, NDArray> named, LearningRate learningRate) {
    this.manager = manager;
    this.learningRate = learningRate;
    Map<String, Map<String, NDArray>> members = members(config.groups(), named);
    OptimizerConfig rule = config.optimizer();
    add("", rule.type(), rule.settings(), 1, rule.weightDecay(), members.remove(""));
    members.forEach(
        (name, parameters) -> {
          GroupConfig group = config.groups().get(name).inheriting(rule);
          if (group.isFrozen()) {
            frozen.putAll(parameters);
            parameters.values().forEach(array -> Autograd.requireGradient(array, false));
            return;
          }
          add(
              name + ".",
              group.optimizer(),
              group.settings(),
              group.lrScale(),
              group.weightDecay().orElse(0),
              parameters);
        });
  }

  /** What is trained. */
  List<ParameterGroup> all() {
    return List.copyOf(groups);
  }

  /** The other parameters, by name. */
  Map<String, NDArray> frozen() {
    return Collections.unmodifiableMap(frozen);
  }

  /**
   * The size of a run's model, and what of it the run trains.
   *
   * @param config of the run
   * @param vocabulary of its tokenizer, before padding
   * @return the size
   * @throws InputException if a group has no parameter, a parameter has two groups, or all of them
   *     are frozen
   */
  public static ModelSize size(RunConfig config, int vocabulary) {
    int padded = config.model().paddedVocabulary(vocabulary);
    Map<String, Shape> shapes = new ModelSize(config.model(), padded).shapes();
    Set<String> frozen = new TreeSet<>();
    members(config.groups(), shapes)
        .forEach(
            (name, parameters) -> {
              if (!name.isEmpty() && config.groups().get(name).isFrozen()) {
                frozen.addAll(parameters.keySet());
              }
            });
    if (frozen.equals(shapes.keySet())) {
      throw new InputException(
          "groups: all parameters are frozen by lr_scale: 0; expected: some to train");
    }
    return new ModelSize(config.model(), padded, frozen);
  }

  /**
   * The size of a run's optimizer state.
   *
   * @param config resolved
   * @param shapes of the parameters, by stable name
   * @return numbers that the optimizers hold, without their step counters
   */
  public static long stateSize(RunConfig config, Map<String, Shape> shapes) {
    OptimizerConfig rule = config.optimizer();
    long total = 0;
    for (Map.Entry<String, Map<String, Shape>> entry :
        members(config.groups(), shapes).entrySet()) {
      GroupConfig group = config.groups().get(entry.getKey());
      if (group != null && group.isFrozen()) {
        continue;
      }
      String type = group == null ? rule.type() : group.inheriting(rule).optimizer();
      Map<String, Object> settings =
          group == null ? rule.settings() : group.inheriting(rule).settings();
      try (FusedOptimizer optimizer =
          Optimizers.create(type, settings, LearningRate.constant(0), 0)) {
        total += entry.getValue().values().stream().mapToLong(optimizer::stateSize).sum();
      }
    }
    return total;
  }

  /** Parameters by group, "" being the rest: each parameter in exactly one. */
  static <T> Map<String, Map<String, T>> members(
      Map<String, GroupConfig> groups, Map<String, T> named) {
    Map<String, Map<String, T>> members = new LinkedHashMap<>();
    members.put("", new LinkedHashMap<>());
    groups.keySet().forEach(name -> members.put(name, new LinkedHashMap<>()));
    named.forEach((name, value) -> members.get(groupOf(name, groups)).put(name, value));
    members.forEach(
        (name, parameters) -> {
          if (!name.isEmpty() && parameters.isEmpty()) {
            throw InputException.badValue(
                "groups." + name + ".match",
                groups.get(name).match(),
                "an expression that matches a parameter; there are "
                    + String.join(", ", named.keySet()));
          }
        });
    return members;
  }

  private static String groupOf(String parameter, Map<String, GroupConfig> groups) {
    List<String> matching =
        groups.keySet().stream().filter(name -> groups.get(name).matches(parameter)).toList();
    if (matching.size() > 1) {
      throw new InputException(
          "groups.%s.match: the parameter %s also belongs to the group %s; expected: one group each"
              .formatted(matching.get(1), parameter, matching.get(0)));
    }
    return matching.isEmpty() ? "" : matching.get(0);
  }

  private void add(
      String prefix,
      String type,
      Map<String, Object> settings,
      double lrScale,
      double weightDecay,
      Map<String, NDArray> parameters) {
    FusedOptimizer optimizer = Optimizers.create(type, settings, learningRate, weightDecay);
    optimizers.add(optimizer);
    Map<String, NDArray> matrices = new LinkedHashMap<>();
    Map<String, NDArray> vectors = new LinkedHashMap<>();
    parameters.forEach(
        (name, array) -> (array.getShape().dimension() >= 2 ? matrices : vectors).put(name, array));
    add(prefix + "matrices", optimizer, matrices, lrScale, weightDecay);
    add(prefix + "vectors", optimizer, vectors, lrScale, 0);
  }

  private void add(
      String name,
      FusedOptimizer optimizer,
      Map<String, NDArray> parameters,
      double lrScale,
      double weightDecay) {
    if (!parameters.isEmpty()) {
      NDList arrays = new NDList(List.copyOf(parameters.values()));
      arrays.forEach(array -> Autograd.requireGradient(array, true));
      NDList gradients = new NDList(arrays.stream().map(Autograd::gradient).toList());
      List<String> names = List.copyOf(parameters.keySet());
      groups.add(
          new ParameterGroup(
              name,
              optimizer,
              optimizer.newState(manager, names, arrays),
              gradients,
              lrScale,
              weightDecay));
    }
  }

  @Override
  public void close() {
    optimizers.forEach(FusedOptimizer::close);
  }
}
