package io.adamant.onestep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * A loss at one point, as the one-step laws see it: N samples with a gradient each, whose mean is
 * the gradient g and whose covariance is Σ, and the mean gradient near the point, whose differences
 * are the Hessian H.
 */
public interface Population extends AutoCloseable {

  /** What owns its arrays. */
  NDManager manager();

  /** The samples' gradients at the point, (N, P) float32; computed at the first call. */
  NDArray gradients();

  /** N. */
  int samples();

  /** P. */
  long coordinates();

  /** ‖w‖, the length that displacements are measured against. */
  double scale();

  /**
   * The mean gradient of some samples near the point.
   *
   * @param owner of the result
   * @param direction (P) float32
   * @param factor the weights are w + factor·direction
   * @param samples their numbers, repetitions counted
   * @return (P) float32
   */
  NDArray gradient(NDManager owner, NDArray direction, double factor, int[] samples);

  /**
   * The mean loss of some samples near the point.
   *
   * @param direction (P) float32
   * @param factor the weights are w + factor·direction
   * @param samples their numbers, repetitions counted
   * @return nats
   */
  double loss(NDArray direction, double factor, int[] samples);

  @Override
  void close();
}
