package io.adamant.train;

import java.util.Map;

/**
 * Something that watches training. A hook changes nothing: weights are the same bits with hooks on
 * and off.
 */
public interface TrainingHook {

  /**
   * Whether the hook wants to see the state after a step.
   *
   * @param step 1 after the first update
   * @return true on measured steps
   */
  boolean wants(long step);

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
