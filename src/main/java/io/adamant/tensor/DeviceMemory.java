package io.adamant.tensor;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.util.Locale;
import java.util.OptionalLong;

/** A GPU's memory, and how to tell that it ran out. */
public final class DeviceMemory {

  private DeviceMemory() {}

  /**
   * Whether a failure means that the device has no room left: libtorch says so in words only.
   *
   * @param failure whatever was thrown
   * @return true if it or one of its causes comes from the engine and speaks of it
   */
  public static boolean ranOut(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof EngineException
          && String.valueOf(cause.getMessage())
              .toLowerCase(Locale.ROOT)
              .contains("out of memory")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Gives back what libtorch keeps for later, so that the next try finds the device as it was.
   *
   * @param device nothing happens on a CPU
   */
  public static void release(Device device) {
    if (device.isGpu()) {
      JniUtils.emptyCudaCache();
    }
  }

  /**
   * Memory of the device that is taken now. libtorch keeps what it once had, so after a training
   * this is the training's peak and what other processes have.
   *
   * @param device a GPU
   * @return bytes; empty on a CPU or where the runtime does not tell
   */
  public static OptionalLong used(Device device) {
    if (!device.isGpu()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(CudaUtils.getGpuMemory(device).getUsed());
    } catch (EngineException | IllegalStateException | IllegalArgumentException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * A device's name for what is remembered about it.
   *
   * @param device a GPU or a CPU
   * @return such as {@code cuda 9.0, 85520809984 bytes}, or the processor's name
   */
  public static String identity(Device device) {
    if (!device.isGpu()) {
      return CpuFeatures.detect().model();
    }
    return Gpu.ofRuntime(device.getDeviceId() + 1).stream()
        .filter(gpu -> gpu.index() == device.getDeviceId())
        .map(gpu -> "cuda " + gpu.capability() + ", " + gpu.memory() + " bytes")
        .findFirst()
        .orElse("cuda, unknown");
  }
}
