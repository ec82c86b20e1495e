package io.adamant.tensor;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.util.cuda.CudaUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A GPU of this machine.
 *
 * @param index N of {@code cuda:N}
 * @param name the maker's; empty if unknown
 * @param memory bytes
 * @param capability CUDA's compute capability, such as {@code 9.0}
 */
public record Gpu(int index, String name, long memory, String capability) {

  private static final double FIRST_WITH_BF16 = 8.0;

  /**
   * The GPUs that DJL counts, as its CUDA runtime describes them, which knows no names.
   *
   * @param count of them
   * @return one each; those that cannot be asked are left out
   */
  public static List<Gpu> ofRuntime(int count) {
    List<Gpu> gpus = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      at(i).ifPresent(gpus::add);
    }
    return List.copyOf(gpus);
  }

  /**
   * A GPU as the CUDA runtime describes it.
   *
   * @param i N of {@code cuda:N}
   * @return empty where it cannot be asked
   */
  public static Optional<Gpu> at(int i) {
    try {
      String digits = CudaUtils.getComputeCapability(i); // "90" for 9.0
      String capability =
          digits.substring(0, digits.length() - 1) + "." + digits.substring(digits.length() - 1);
      return Optional.of(
          new Gpu(i, "", CudaUtils.getGpuMemory(Device.gpu(i)).getMax(), capability));
    } catch (EngineException | IllegalArgumentException | IllegalStateException e) {
      return Optional.empty(); // busy or forbidden
    }
  }

  /**
   * Whether bfloat16 products run in hardware.
   *
   * @return true from compute capability 8.0 on
   */
  public boolean bf16() {
    try {
      return Double.parseDouble(capability) >= FIRST_WITH_BF16;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * The GPU in words.
   *
   * @return such as {@code NVIDIA H100, 79.6 GiB, compute capability 9.0}
   */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %.1f GiB, compute capability %s",
        name.isEmpty() ? "unnamed" : name,
        memory / (double) (1L << 30),
        capability);
  }
}
