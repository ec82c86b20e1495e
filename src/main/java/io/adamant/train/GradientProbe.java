package io.adamant.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.base.PublicApi;

/**
 * Gradients of the model on fresh batches, for hooks that need more than the step's own batch.
 *
 * <p>A probe works on copies: it touches no weight, no gradient, no optimizer state, no data order
 * and no random state of the run that it looks at.
 */
@PublicApi
public interface GradientProbe {

  /**
   * The mean gradient of one fresh batch, of as many sequences as a training step has, at the
   * current weights or near them.
   *
   * @param owner the manager that will own the result
   * @param batch which one, at least 0; a number always means the same batch. The batches are drawn
   *     from the training text in an order of their own, independent of the run's
   * @param scale factor on {@code direction}; 0 takes the gradient at the current weights
   * @param direction what to add to the weights, {@code scale} times: one array a parameter, in the
   *     order of the groups that the hook sees
   * @return one array a parameter, in the same order
   */
  NDList gradient(NDManager owner, long batch, double scale, NDList direction);
}
