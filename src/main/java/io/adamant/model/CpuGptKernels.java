package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.ModelConfig;
import java.util.Map;

/** The passes that are written for CPUs: {@code gpt_cpu.py}. A layer is one call. */
final class CpuGptKernels extends GptKernels {

  private final NDArray mask;
  private final NDList tables;
  private final boolean converts;

  CpuGptKernels(NDManager manager, ModelConfig config, int vocabulary, KernelPath path) {
    super(manager, config, vocabulary, path, "gpt_cpu.py", Map.of());
    mask = causalMask(manager, config.context());
    tables = new NDList(cos, sin, mask);
    converts = path.linear() == KernelPath.Linear.BF16;
  }

  @Override
  NDList productWeights(NDManager step, NDList weights) {
    return converts ? super.productWeights(step, weights) : weights;
  }

  @Override
  NDList layerForward(NDManager step, NDArray x, NDList weights, Rows rows, boolean gradient) {
    return module.call(step, "layer_forward", x, weights, tables, rows.time());
  }

  @Override
  NDArray layerGradient(
      NDManager step, NDArray dout, NDList weights, NDList gradients, NDList saved, Rows rows) {
    return module
        .call(step, "layer_gradient", dout, weights, gradients, tables, saved, rows.time())
        .singletonOrThrow();
  }

  @Override
  public void close() {
    super.close();
    mask.close();
  }
}
