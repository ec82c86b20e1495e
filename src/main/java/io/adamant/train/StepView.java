package io.adamant.train;

import ai.djl.ndarray.NDArray;
import io.adamant.base.PublicApi;
import io.adamant.optim.OptimizerState;
import io.adamant.optim.ParameterGroup;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a hook sees after a step.
 *
 * @param step 1 after the first update
 * @param tokens seen so far
 * @param learningRate of this step
 * @param gradientNorm before clipping
 * @param groups parameters with optimizer, state and clipped gradients of this step
 * @param frozen parameters that are not trained, by name
 * @param fused matrices that an optimizer steps in pieces, each a parameter of its group
 * @param probe gradients on other batches, where the run offers them
 */
@PublicApi
public record StepView(
    long step,
    long tokens,
    double learningRate,
    double gradientNorm,
    List<ParameterGroup> groups,
    Map<String, NDArray> frozen,
    Map<String, NDArray> fused,
    Optional<GradientProbe> probe) {

  /** Copies list and maps. */
  public StepView {
    groups = List.copyOf(groups);
    frozen = Map.copyOf(frozen);
    fused = Map.copyOf(fused);
  }

  /**
   * A view without frozen parameters and without a probe.
   *
   * @param step 1 after the first update
   * @param tokens seen so far
   * @param learningRate of this step
   * @param gradientNorm before clipping
   * @param groups parameters with optimizer, state and clipped gradients of this step
   */
  public StepView(
      long step,
      long tokens,
      double learningRate,
      double gradientNorm,
      List<ParameterGroup> groups) {
    this(step, tokens, learningRate, gradientNorm, groups, Map.of(), Map.of(), Optional.empty());
  }

  /**
   * A parameter's value.
   *
   * @param name stable name, such as {@code head.weight}
   * @return the array itself, not a copy; neither change nor close it
   * @throws IllegalArgumentException if the model has no such parameter
   */
  public NDArray parameter(String name) {
    Map<String, NDArray> all = parameters();
    if (!all.containsKey(name)) {
      throw new IllegalArgumentException("no parameter " + name + "; there are " + all.keySet());
    }
    return all.get(name);
  }

  /**
   * All parameters, frozen ones too, whole ones in place of pieces.
   *
   * @return by stable name the arrays themselves, not copies; neither change nor close them
   */
  public Map<String, NDArray> parameters() {
    Map<String, NDArray> all = new LinkedHashMap<>();
    for (ParameterGroup group : groups) {
      OptimizerState state = group.state();
      for (int i = 0; i < state.names().size(); i++) {
        String name = state.names().get(i);
        if (!fused.containsKey(name.substring(0, Math.max(0, name.lastIndexOf('.'))))) {
          all.put(name, state.parameters().get(i));
        }
      }
    }
    all.putAll(fused);
    all.putAll(frozen);
    return Collections.unmodifiableMap(all);
  }
}
