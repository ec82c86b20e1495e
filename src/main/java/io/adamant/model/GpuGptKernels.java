package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.ModelConfig;
import io.adamant.tensor.Autograd;
import java.util.Map;

/**
 * The passes that are written for GPUs: {@code gpt_gpu.py}. A layer is three calls, the one in the
 * middle recorded by autograd, since libtorch's fused attention has other operators for its
 * gradient on each device.
 */
final class GpuGptKernels extends GptKernels {

  /** Numbers of results of the calls, in the order in which they are kept. */
  private static final int BEHIND = 6;

  private static final int BEFORE = 2;

  private final NDArray mask;

  GpuGptKernels(NDManager manager, ModelConfig config, int vocabulary, KernelPath path) {
    super(manager, config, vocabulary, path, "gpt_gpu.py", Map.of());
    mask = causalMask(manager, config.context());
  }

  @Override
  NDList layerForward(NDManager step, NDArray x, NDList weights, Rows rows, boolean gradient) {
    NDList before = module.call(step, "to_attention", x, weights, rows.time());
    NDList attended;
    try (NDArray qkv = before.head();
        Autograd.Mode mode = gradient ? Autograd.recording() : Autograd.noGrad()) {
      attended = module.differentiate(step, "attention", qkv, cos, sin, mask);
    }
    NDList results = module.call(step, "from_attention", x, attended.head(), weights);
    results.addAll(before.subList(1, 1 + BEFORE));
    results.addAll(attended);
    return results;
  }

  @Override
  NDArray layerGradient(
      NDManager step, NDArray dout, NDList weights, NDList gradients, NDList saved, Rows rows) {
    NDList behind = new NDList(saved.subList(0, BEHIND));
    NDList attended = new NDList(saved.subList(BEHIND + BEFORE, saved.size()));
    try (NDArray dy =
            module
                .call(
                    step, "from_attention_gradient", dout, weights, gradients, behind, rows.time())
                .singletonOrThrow();
        NDArray dqkv =
            module
                .differentiate(step, "attention_gradient", dy, attended, cos, sin)
                .singletonOrThrow()) {
      NDArray r = saved.get(BEHIND);
      NDArray n = saved.get(BEHIND + 1);
      return module
          .call(step, "to_attention_gradient", dout, dqkv, weights, gradients, r, n)
          .singletonOrThrow();
    }
  }

  @Override
  public void close() {
    super.close();
    mask.close();
  }
}
