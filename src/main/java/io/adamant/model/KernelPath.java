package io.adamant.model;

import ai.djl.Device;
import io.adamant.config.Precision;
import io.adamant.tensor.CpuFeatures;

/**
 * Which arithmetic a run uses: a pure function of processor, device and precision, recorded with
 * the run because another path rounds differently.
 *
 * @param linear how matrix products are formed
 * @param fusedAttention libtorch's fused attention instead of explicit scores and softmax
 */
public record KernelPath(Linear linear, boolean fusedAttention) {

  /** How a linear layer forms its products. */
  public enum Linear {
    /** {@code torch.linear} in float32. */
    TORCH(0, "product_torch.py"),
    /** oneDNN in float32: on x86-64 processors that MKL does not favour it is a third faster. */
    ONEDNN(1, "product_onednn.py"),
    /** bfloat16 products, float32 weights, residuals, norms and loss. */
    BF16(2, "product_bf16.py");

    private final long code;
    private final String products;

    Linear(long code, String products) {
      this.code = code;
      this.products = products;
    }

    /** The source of its matrix products. */
    String products() {
      return products;
    }

    /** The kernels' {@code linear_path}. */
    long code() {
      return code;
    }
  }

  /**
   * The path for a machine.
   *
   * @param cpu the processor
   * @param device where the model lives
   * @param precision the run's precision
   * @return the path
   */
  public static KernelPath choose(CpuFeatures cpu, Device device, Precision precision) {
    if (precision == Precision.BF16) {
      // The backward pass of CPU flash attention is slow in bfloat16.
      return new KernelPath(Linear.BF16, device.isGpu());
    }
    boolean onednn = !device.isGpu() && cpu.flags().contains("avx2");
    return new KernelPath(onednn ? Linear.ONEDNN : Linear.TORCH, true);
  }

  /**
   * A short name for manifests.
   *
   * @return such as {@code onednn+sdpa}
   */
  public String label() {
    return linear.name().toLowerCase(java.util.Locale.ROOT)
        + (fusedAttention ? "+sdpa" : "+explicit");
  }
}
