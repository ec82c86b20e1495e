package io.adamant.train;

import ai.djl.ndarray.NDArray;
import io.adamant.base.PublicApi;
import io.adamant.optim.OptimizerState;
import io.adamant.optim.ParameterGroup;
import java.util.List;
import java.util.Optional;

/**
 * What a hook sees after a step.
 *
 * @param step 1 after the first update
 * @param tokens seen so far
 * @param learningRate of this step
 * @param gradientNorm before clipping
 * @param groups parameters with optimizer, state and clipped gradients of this step
 * @param probe gradients on other batches, where the run offers them
 */
@PublicApi
public record StepView(
    long step,
    long tokens,
    double learningRate,
    double gradientNorm,
    List<ParameterGroup> groups,
    Optional<GradientProbe> probe) {

  /** Copies the list. */
  public StepView {
    groups = List.copyOf(groups);
  }

  /**
   * A view without a probe.
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
    this(step, tokens, learningRate, gradientNorm, groups, Optional.empty());
  }

  /**
   * A parameter's value.
   *
   * @param name stable name, such as {@code head.weight}
   * @return the array itself, not a copy; neither change nor close it
   * @throws IllegalArgumentException if the model has no such parameter
   */
  public NDArray parameter(String name) {
    for (ParameterGroup group : groups) {
      OptimizerState state = group.state();
      int place = state.names().indexOf(name);
      if (place >= 0) {
        return state.parameters().get(place);
      }
    }
    throw new IllegalArgumentException(
        "no parameter "
            + name
            + "; there are "
            + groups.stream().flatMap(group -> group.state().names().stream()).toList());
  }
}
