package io.adamant.train;

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
}
