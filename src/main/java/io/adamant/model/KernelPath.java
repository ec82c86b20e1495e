package io.adamant.model;

import ai.djl.Device;
import io.adamant.base.InputException;
import io.adamant.config.Precision;
import io.adamant.tensor.CpuFeatures;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which arithmetic a run uses: a pure function of processor, device, precision and context,
 * recorded with the run because another path rounds differently.
 *
 * @param linear how matrix products are formed
 * @param fusedAttention libtorch's fused attention instead of explicit scores and softmax
 */
public record KernelPath(Linear linear, boolean fusedAttention) {

  /** Beyond it the (T, T) matrix, of which explicit attention keeps half, costs too much memory. */
  private static final int LONGEST_EXPLICIT = 1024;

  /** How a linear layer forms its products. */
  public enum Linear {
    /** {@code torch.linear} in float32. */
    TORCH("matmul_torch.py"),
    /** oneDNN in float32: twice as fast on x86-64 processors that MKL does not favour. */
    ONEDNN("matmul_onednn.py"),
    /** bfloat16 products, float32 weights, residuals, norms and loss. */
    BF16("matmul_bf16.py");

    private final String matmul;

    Linear(String matmul) {
      this.matmul = matmul;
    }

    /**
     * The source of its matrix products.
     *
     * @return a file name below {@code io/adamant/torchscript}
     */
    public String matmul() {
      return matmul;
    }
  }

  /**
   * The path for a machine.
   *
   * @param cpu the processor
   * @param device where the model lives
   * @param precision the run's precision
   * @param context tokens that attention looks back over, T
   * @return the path
   */
  public static KernelPath choose(
      CpuFeatures cpu, Device device, Precision precision, int context) {
    if (precision == Precision.BF16) {
      // The backward pass of CPU flash attention is slow, in bfloat16 most of all.
      return new KernelPath(Linear.BF16, device.isGpu());
    }
    boolean fused = device.isGpu() || context > LONGEST_EXPLICIT;
    KernelPath onednn = new KernelPath(Linear.ONEDNN, fused);
    return onednn.isAvailable(cpu, device, precision)
        ? onednn
        : new KernelPath(Linear.TORCH, fused);
  }

  /**
   * Reads a name that {@link #label} wrote.
   *
   * @param label such as {@code onednn+sdpa}
   * @return the path
   * @throws InputException if there is none of this name
   */
  public static KernelPath of(String label) {
    return all().stream()
        .filter(path -> path.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                InputException.badValue(
                    "training.kernels",
                    label,
                    all().stream().map(KernelPath::label).collect(Collectors.joining(", "))));
  }

  /**
   * What a machine can use for a precision.
   *
   * @param cpu the processor
   * @param device where the model lives
   * @param precision the run's precision
   * @return the paths, in a fixed order
   */
  public static List<KernelPath> available(CpuFeatures cpu, Device device, Precision precision) {
    return all().stream().filter(path -> path.isAvailable(cpu, device, precision)).toList();
  }

  private static List<KernelPath> all() {
    return Arrays.stream(Linear.values())
        .flatMap(linear -> Stream.of(true, false).map(fused -> new KernelPath(linear, fused)))
        .toList();
  }

  /**
   * Whether a machine can use the path for a precision.
   *
   * @param cpu the processor
   * @param device where the model lives
   * @param precision the run's precision
   * @return false if the path computes in another precision or needs what is not there
   */
  public boolean isAvailable(CpuFeatures cpu, Device device, Precision precision) {
    boolean onednn = !device.isGpu() && cpu.flags().contains("avx2");
    return (linear == Linear.BF16) == (precision == Precision.BF16)
        && (linear != Linear.ONEDNN || onednn);
  }

  /**
   * A short name for manifests.
   *
   * @return such as {@code onednn+sdpa}
   */
  public String label() {
    return linear.name().toLowerCase(Locale.ROOT) + (fusedAttention ? "+sdpa" : "+explicit");
  }
}
