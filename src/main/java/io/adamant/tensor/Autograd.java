package io.adamant.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * The engine's automatic differentiation, without the traps of DJL's gradient collector: no
 * singleton, an explicit seed, handles to gradients that are fetched once.
 */
public final class Autograd {

  private Autograd() {}

  /** A stretch of code with recording on or off; closing it restores what held before. */
  public static final class Mode implements AutoCloseable {
    private final boolean before = JniUtils.isGradMode();

    private Mode(boolean recording) {
      JniUtils.setGradMode(recording);
    }

    @Override
    public void close() {
      JniUtils.setGradMode(before);
    }
  }

  /**
   * Turns recording off for the current thread: for updates, hooks, evaluation and loading.
   *
   * @return the scope; close it in the same thread
   */
  public static Mode noGrad() {
    return new Mode(false);
  }

  /**
   * Turns recording on for the current thread: for a forward pass that {@link #backward} follows.
   * The engine leaves it off in the thread that first used it and on in all others.
   *
   * @return the scope; close it in the same thread
   */
  public static Mode recording() {
    return new Mode(true);
  }

  /**
   * Adds the gradient of {@code seed * target} to the gradients of all leaves that want one.
   *
   * @param target what was computed, of any shape, such as a loss, ()
   * @param seed the gradient by it, of its shape; for a loss its weight, such as 1/(number of
   *     micro-batches)
   */
  public static void backward(NDArray target, NDArray seed) {
    JniUtils.backward((PtNDArray) target, (PtNDArray) seed, false, false);
  }

  /**
   * Makes an array want a gradient.
   *
   * @param leaf a parameter's array
   * @param wanted whether backward shall fill its gradient
   */
  public static void requireGradient(NDArray leaf, boolean wanted) {
    JniUtils.attachGradient((PtNDArray) leaf, wanted);
  }

  /**
   * Whether an array wants a gradient.
   *
   * @param leaf a parameter's array
   * @return as {@link #requireGradient} has set it; at first false, true for a parameter of a block
   */
  public static boolean requiresGradient(NDArray leaf) {
    return JniUtils.requiresGrad((PtNDArray) leaf);
  }

  /**
   * The handle of a leaf's gradient; a zero gradient is made if backward has not reached the leaf.
   * Each call makes a new handle that lives as long as the leaf's manager, so fetch it once and
   * keep it: the engine accumulates in place.
   *
   * @param leaf an array that requires a gradient
   * @return its gradient, of the same shape
   */
  public static NDArray gradient(NDArray leaf) {
    PtNDArray gradient = JniUtils.getGradient((PtNDArray) leaf);
    if (gradient != null) {
      return gradient;
    }
    try (NDManager scope = leaf.getManager().newSubManager();
        Mode on = recording()) {
      NDArray sum = leaf.sum();
      sum.attach(scope);
      backward(sum, scope.zeros(sum.getShape(), sum.getDataType()));
    }
    return JniUtils.getGradient((PtNDArray) leaf);
  }

  /**
   * Sets a leaf's gradient to zero.
   *
   * @param leaf a parameter's array
   */
  public static void zeroGradient(NDArray leaf) {
    JniUtils.zeroGrad((PtNDArray) leaf);
  }

  /**
   * Copies values on their device. DJL's own {@code copyTo} goes through the host and makes
   * libtorch warn of "silent wrong results" (AutoNonVariableTypeMode); nothing was wrong, but it
   * reads so.
   *
   * @param from an array
   * @param to another of the same shape and type
   */
  public static void copy(NDArray from, NDArray to) {
    try (Mode off = noGrad()) {
      if (to.getShape().dimension() == 0) {
        try (NDArray one = to.reshape(1);
            NDArray value = from.reshape(1)) {
          copy(value, one);
        }
      } else {
        to.set(new NDIndex(":"), from);
      }
    }
  }
}
