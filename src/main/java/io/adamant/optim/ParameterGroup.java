package io.adamant.optim;

import ai.djl.ndarray.NDList;
import io.adamant.base.PublicApi;

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
    double weightDecay) {}
