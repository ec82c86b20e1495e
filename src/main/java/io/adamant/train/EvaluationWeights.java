package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.Readout;
import java.io.IOException;
import java.util.Map;

/**
 * Weights that a run is evaluated and kept with beside those that it trains, see {@link Readout}.
 * They only look on: what is trained is the same bits with and without.
 */
interface EvaluationWeights extends AutoCloseable {

  /** What they are. */
  Readout kind();

  /** How they are made, in words: settings included, so that two of one rule are the same. */
  String rule();

  /** Begins behind the steps done so far, with the weights as they are. */
  void begin();

  /**
   * Looks at the weights after a step; called without gradient recording. Queues work on the device
   * and does not wait for it.
   *
   * @param scope lives as long as the step
   * @param step 1 after the first update
   * @param gate () float64: 0 if the guard left the step out
   */
  void update(NDManager scope, long step, NDArray gate);

  /**
   * The weights by stable name, sorted.
   *
   * @param scope owner of arrays that are made for this call; the others live with the run
   * @return empty while there are none
   */
  Map<String, NDArray> weights(NDManager scope);

  /** What it keeps, and cannot be made from weights and optimizer state. */
  default NDList arrays() {
    return new NDList();
  }

  /** Weights that have been averaged, for checkpoints and for people. */
  long averaged();

  /**
   * Goes on where a checkpoint left off, or {@link #begin}s where it has none of this rule.
   *
   * @return whether the weights will be those of a run in one go
   * @throws IOException if a file cannot be read
   */
  boolean restore(Checkpoint checkpoint) throws IOException;

  @Override
  void close();
}
