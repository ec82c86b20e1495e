package io.adamant.tensor;

import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.cuda.CudaUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What this process sees of CUDA. A GPU can be used only if all four hold: a driver, a libtorch
 * built for CUDA, the runtime library through which DJL counts GPUs, and a GPU in that count.
 *
 * @param driver whether the machine has NVIDIA's driver
 * @param cudaLibtorch whether the loaded libtorch is a CUDA build
 * @param runtime version of the {@code libcudart} that DJL loaded, such as {@code 12.8}; empty if
 *     it found none
 * @param gpus GPUs that DJL counts, 0 without a runtime
 */
public record CudaView(boolean driver, boolean cudaLibtorch, Optional<String> runtime, int gpus) {

  /** Linux, a container without /proc of the driver, Windows' Linux. */
  private static final List<Path> DRIVER_SIGNS =
      List.of(
          Path.of("/proc/driver/nvidia/version"), Path.of("/dev/nvidiactl"), Path.of("/dev/dxg"));

  /** A machine without CUDA. */
  public static final CudaView NONE = new CudaView(false, false, Optional.empty(), 0);

  /** Validates. */
  public CudaView {
    if (gpus < 0 || (gpus > 0 && runtime.isEmpty())) {
      throw new IllegalArgumentException("gpus is " + gpus + " with the runtime " + runtime);
    }
  }

  /**
   * Looks at this machine; loads the engine if that has not happened.
   *
   * @return what there is
   */
  public static CudaView detect() {
    TorchRuntime.engine(); // libtorch's folder is known once it is loaded
    Path libtorch = Path.of(LibUtils.getLibtorchPath());
    int count = CudaUtils.getGpuCount();
    return new CudaView(
        count > 0 || DRIVER_SIGNS.stream().anyMatch(Files::exists),
        Files.exists(libtorch.resolve(System.mapLibraryName("torch_cuda"))),
        runtimeVersion(),
        Math.max(count, 0));
  }

  private static Optional<String> runtimeVersion() {
    try {
      int version = CudaUtils.getCudaVersion(); // 12080 for 12.8
      return Optional.of(version / 1000 + "." + version % 1000 / 10);
    } catch (IllegalStateException | IllegalArgumentException e) {
      return Optional.empty(); // DJL's word for: the library could not be loaded, or it failed
    }
  }

  /**
   * Why no GPU can be used.
   *
   * @return the reason, or empty if one can
   */
  public Optional<String> obstacle() {
    if (!driver) {
      return Optional.of("this machine has no NVIDIA driver");
    } else if (!cudaLibtorch) {
      return Optional.of("the libtorch in use is built for the CPU");
    } else if (runtime.isEmpty()) {
      return Optional.of(
          "DJL finds no libcudart.so on LD_LIBRARY_PATH or jna.library.path, so it sees no GPU");
    } else if (gpus == 0) {
      return Optional.of("CUDA runtime " + runtime.get() + " sees no GPU");
    }
    return Optional.empty();
  }
}
