package io.adamant.train;

import ai.djl.ndarray.types.Shape;
import io.adamant.base.PublicApi;
import io.adamant.config.TrainConfig;
import io.adamant.optim.ParameterGroup;
import java.util.List;
import java.util.Map;

/**
 * Something that watches training. A hook changes nothing: weights are the same bits with hooks on
 * and off. One hook watches one run; what it must remember of it goes into checkpoints.
 */
@PublicApi
public interface TrainingHook {

  /**
   * The name that a checkpoint keeps the hook's memory under.
   *
   * @return unique among a run's hooks
   */
  default String name() {
    return getClass().getName();
  }

  /**
   * Looks at the state before the first step of a run; not called when a run is resumed. Called
   * without gradient recording; the gradients are zero.
   *
   * @param groups parameters that are trained, with their initial weights; valid during the call
   *     only
   */
  default void begin(List<ParameterGroup> groups) {}

  /**
   * The hook's state that a checkpoint saves.
   *
   * @return keys and values that JSON can hold
   */
  default Map<String, Object> state() {
    return Map.of();
  }

  /**
   * Restores the state saved in a checkpoint, in place of {@link #begin}.
   *
   * @param state as {@link #state} returned it, numbers as JSON has them; empty if the hook did not
   *     watch then
   */
  default void restore(Map<String, Object> state) {}

  /**
   * Whether the hook wants to see the state after a step.
   *
   * @param step 1 after the first update
   * @return true on measured steps
   */
  boolean wants(long step);

  /**
   * What a hook takes on a step, for plans.
   *
   * @param gradients of a whole batch that it computes through {@link GradientProbe}
   * @param copies of all parameters that it holds at a time
   */
  record Cost(int gradients, int copies) {

    /** Next to nothing. */
    public static final Cost NONE = new Cost(0, 0);

    /**
     * What all hooks take in a run.
     *
     * @param training of the run
     * @param hooks its observers
     * @return the gradients of all steps, and the most copies that are held at a time beside a
     *     step's activations
     */
    public static Cost ofRun(TrainConfig training, List<TrainingHook> hooks) {
      int gradients = 0;
      int copies = 0;
      for (long step = 1; step <= training.steps(); step++) {
        int taken = 0;
        int held = 0;
        for (TrainingHook hook : hooks) {
          if (hook.wants(step)) {
            Cost cost = hook.cost(step, training.accumulation(step - 1));
            taken += cost.gradients();
            held += cost.copies();
          }
        }
        gradients += taken;
        // The last micro-batch's copy is taken when its activations are gone.
        copies = Math.max(copies, taken > 0 ? held : held - 1);
      }
      return new Cost(gradients, copies);
    }
  }

  /**
   * The cost of the hook on a step, apart from the time of reading weights, gradients and state
   * once.
   *
   * @param step a wanted one
   * @param accumulation micro-batches of a step
   * @return the cost
   */
  default Cost cost(long step, int accumulation) {
    return Cost.NONE;
  }

  /**
   * What the hook holds through the whole run, and while it observes, apart from copies.
   *
   * @param shapes of the trained parameters, by stable name
   * @return float32 numbers, at most
   */
  default long numbers(Map<String, Shape> shapes) {
    return 0;
  }

  /**
   * Whether the hook evaluates the model: like that of validations, its time does not count in
   * throughput, and plans do not try what it takes.
   *
   * @return false for a measurement
   */
  default boolean isEvaluation() {
    return false;
  }

  /**
   * Looks at the gradients while a wanted step accumulates them: after each micro-batch they hold
   * the sum so far of (1/count) times the gradients of the micro-batches. With {@code
   * training.reduction: tree} the parts are the leaves, and the gradients are those of one leaf
   * alone. Called without gradient recording, before {@link #observe} of the same step, which is
   * not called if the guard then leaves the step out.
   *
   * @param step 1 for the first update
   * @param done micro-batches so far, from 1
   * @param count micro-batches of the step
   * @param groups parameters with their gradients; valid during the call only
   */
  default void accumulated(long step, int done, int count, List<ParameterGroup> groups) {}

  /**
   * Whether the hook must see every step, and not only those that it wants to measure.
   *
   * @return whether {@link #follow} is called
   */
  default boolean follows() {
    return false;
  }

  /**
   * Looks at the state after every step, before {@link #observe} of a wanted one. The guard's
   * verdict is not known to the host yet: after a step that it left out, the optimizers' counts of
   * steps are as before and the gradients mean nothing. Called without gradient recording, before
   * the gradients are set to zero. Nothing here may read from the device, since training would wait
   * for it.
   *
   * @param step 1 after the first update
   * @param groups parameters with optimizer, state and clipped gradients; valid during the call
   *     only
   */
  default void follow(long step, List<ParameterGroup> groups) {}

  /** Shows a step to those of some hooks that follow. */
  static void follow(List<TrainingHook> hooks, long step, List<ParameterGroup> groups) {
    for (TrainingHook hook : hooks) {
      if (hook.follows()) {
        hook.follow(step, groups);
      }
    }
  }

  /**
   * Looks at the state after a step that was taken. Called without gradient recording, before the
   * gradients are set to zero.
   *
   * @param view the state; valid during the call only
   * @return keys and values to add to the step's line in {@code metrics.jsonl}: numbers, texts,
   *     maps and lists of them
   */
  Map<String, Object> observe(StepView view);
}
