package io.adamant.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import io.adamant.base.InputException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ResourceBundle;

/** Settings of libtorch that decide speed and reproducibility. */
public final class TorchRuntime {

  private static volatile boolean fusing;

  private TorchRuntime() {}

  /**
   * Lets threads that are prepared from now on use TorchScript's profiling executor, which may fuse
   * operators. For measuring it: trainings use the plain interpreter, whose bits are known.
   *
   * @param on false, as it is at first, for the plain interpreter
   */
  public static void fuse(boolean on) {
    fusing = on;
  }

  /**
   * The engine; its first call loads libtorch.
   *
   * @return DJL's
   * @throws InputException if there is no libtorch to load: neither a jar on the class path, nor a
   *     folder, nor one that DJL could download
   */
  static Engine engine() {
    try {
      return Engine.getEngine("PyTorch");
    } catch (EngineException e) {
      Throwable reason = e;
      while (reason.getCause() != null) {
        reason = reason.getCause();
      }
      throw new InputException(
          "there is no libtorch: add the dependency ai.djl.pytorch:pytorch-native-cpu:"
              + ResourceBundle.getBundle("pytorch-engine", Locale.ROOT).getString("pytorch_version")
              + " with the classifier of your platform, such as linux-x86_64, or set PYTORCH_LIBRARY_PATH; DJL could not load another: "
              + reason.getMessage(),
          e);
    }
  }

  /**
   * Prepares the current thread for training: the plain TorchScript interpreter and a fixed number
   * of threads. The profiling executor changes the bits of gradients from call to call, so it stays
   * off unless {@link #fuse} was asked for; the setting belongs to the calling thread.
   *
   * @param threads threads within one operator, at least 1
   */
  public static void prepareThread(int threads) {
    engine();
    JniUtils.setGraphExecutorOptimize(fusing);
    if (JniUtils.getNumThreads() != threads) {
      JniUtils.setNumThreads(threads);
    }
  }

  /**
   * Prepares a device for training: TensorFloat-32 as configured, whatever the environment says,
   * and kernels that give the same bits each time where {@code CUBLAS_WORKSPACE_CONFIG} lets
   * libtorch have them, as Adamant's launchers set it. On a CPU neither means anything.
   *
   * @param device where training happens
   * @param tf32 whether float32 products may use TensorFloat-32
   * @throws InputException if this libtorch cannot be told
   */
  public static void prepareDevice(Device device, boolean tf32) {
    if (device.isGpu()) {
      apply(TorchContext.ofEngine(), tf32, System.getenv());
    }
  }

  static void apply(Optional<TorchContext> context, boolean tf32, Map<String, String> environment) {
    String override = environment.getOrDefault("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "");
    if (context.isEmpty()) {
      if (tf32 != override.equals("1")) {
        throw InputException.badValue(
            "training.tf32",
            tf32,
            !tf32
                + " with this libtorch, whose switch is set by TORCH_ALLOW_TF32_CUBLAS_OVERRIDE alone");
      }
      return;
    }
    context.get().tf32(tf32);
    String workspace = environment.getOrDefault("CUBLAS_WORKSPACE_CONFIG", "");
    context.get().deterministic(workspace.equals(":4096:8") || workspace.equals(":16:8"));
  }

  /**
   * Whether float32 products on CUDA may use TensorFloat-32 now.
   *
   * @return libtorch's switch; false where it cannot be read
   */
  public static boolean tf32() {
    return TorchContext.ofEngine().map(TorchContext::tf32).orElse(false);
  }

  /**
   * Whether libtorch takes only kernels on CUDA that give the same bits each time.
   *
   * @return libtorch's switch; false where it cannot be read
   */
  public static boolean deterministic() {
    return TorchContext.ofEngine().map(TorchContext::deterministic).orElse(false);
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
