package io.adamant.tensor;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;

/** Settings of libtorch that decide speed and reproducibility. */
public final class TorchRuntime {

  private TorchRuntime() {}

  /**
   * Prepares the current thread for training: the plain TorchScript interpreter and a fixed number
   * of threads. The profiling executor changes the bits of gradients from call to call, so it stays
   * off; the setting belongs to the calling thread.
   *
   * @param threads threads within one operator, at least 1
   */
  public static void prepareThread(int threads) {
    Engine.getEngine("PyTorch"); // loads the native library, if nothing has yet
    JniUtils.setGraphExecutorOptimize(false);
    if (JniUtils.getNumThreads() != threads) {
      JniUtils.setNumThreads(threads);
    }
  }

  /**
   * Threads that one operator uses.
   *
   * @return the number
   */
  public static int threads() {
    return JniUtils.getNumThreads();
  }
}
