package io.adamant.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.base.PublicApi;
import java.util.ArrayList;
import java.util.List;

/**
 * Parameters that one optimizer steps with one rate and one decay.
 *
 * @param name such as {@code decayed}
 * @param optimizer the rule
 * @param state parameters and optimizer state
 * @param gradients handles of the gradients, in the state's order
 * @param lrScale factor on the schedule's rate
 * @param weightDecay decoupled weight decay
 */
@PublicApi
public record ParameterGroup(
    String name,
    FusedOptimizer optimizer,
    OptimizerState state,
    NDList gradients,
    double lrScale,
    double weightDecay) {

  /**
   * Takes one step of all groups. What a rule sums over parameters, it sums over all groups that go
   * by it with the same settings.
   *
   * @param groups each with its gradients
   * @param gate as of {@link FusedOptimizer#step}
   * @param learningRate of the schedule at this step
   */
  public static void step(List<ParameterGroup> groups, NDArray gate, double learningRate) {
    List<List<ParameterGroup>> summed = new ArrayList<>();
    for (ParameterGroup group : groups) {
      if (!group.optimizer.sums()) {
        double rate = learningRate * group.lrScale;
        group.optimizer.step(group.state, group.gradients, gate, rate, group.weightDecay);
        continue;
      }
      summed.stream()
          .filter(others -> others.get(0).optimizer.sameRule(group.optimizer))
          .findFirst()
          .orElseGet(
              () -> {
                summed.add(new ArrayList<>());
                return summed.get(summed.size() - 1);
              })
          .add(group);
    }
    summed.forEach(together -> stepTogether(together, gate, learningRate));
  }

  private static void stepTogether(List<ParameterGroup> groups, NDArray gate, double learningRate) {
    try (NDManager scope = gate.getManager().newSubManager()) {
      NDArray sums = groups.get(0).gather(scope, gate, learningRate);
      for (ParameterGroup group : groups.subList(1, groups.size())) {
        sums = sums.add(group.gather(scope, gate, learningRate));
      }
      for (ParameterGroup group : groups) {
        double rate = learningRate * group.lrScale;
        group.optimizer.conclude(group.state, group.gradients, gate, rate, group.weightDecay, sums);
      }
    }
  }

  private NDArray gather(NDManager scope, NDArray gate, double learningRate) {
    NDArray sums = optimizer.gather(state, gradients, gate, learningRate * lrScale, weightDecay);
    sums.attach(scope);
    return sums;
  }
}
