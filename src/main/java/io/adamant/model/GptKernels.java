package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.LinkedHashMap;
import java.util.Map;

/** The compiled arithmetic of a GPT and the constant tables that it reads. */
final class GptKernels implements AutoCloseable {

  /** Added to the mean square in RMSNorm. */
  static final double NORM_EPS = 1e-6;

  /** Base of the rotary frequencies: dimension pair i of R turns by t * BASE^(-2i/R). */
  static final double ROTARY_BASE = 500_000;

  private static final String METHODS =
      """
      def embed(self, w: Tensor, tokens: Tensor) -> Tensor:
        return torch.embedding(w, tokens)
      def layer(self, x: Tensor, attention_gain: Tensor, w_qkv: Tensor, w_out: Tensor, mlp_gain: Tensor, w_up: Tensor, w_down: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        return __torch__.layer(x, attention_gain, w_qkv, w_out, mlp_gain, w_up, w_down, cos, sin, mask, self.heads, self.eps, self.linear_path, self.fused_attention)
      def logits(self, x: Tensor, gain: Tensor, w: Tensor) -> Tensor:
        return __torch__.logits(x, gain, w, self.eps, self.linear_path)
      def loss(self, x: Tensor, gain: Tensor, w: Tensor, targets: Tensor) -> Tensor:
        return __torch__.loss(x, gain, w, targets, self.eps, self.linear_path)
      """;

  private final ScriptModule module;
  private final NDArray cos;
  private final NDArray sin;
  private final NDArray mask;

  GptKernels(NDManager manager, ModelConfig config, KernelPath path) {
    Map<String, Object> constants = new LinkedHashMap<>();
    constants.put("heads", (long) config.heads());
    constants.put("eps", NORM_EPS);
    constants.put("linear_path", path.linear().code());
    constants.put("fused_attention", path.fusedAttention());
    module =
        new ScriptModule(
            manager, new ScriptArchive(ScriptModule.resource("gpt.py"), METHODS, constants));
    int context = config.context();
    int half = config.rotaryDims() / 2;
    cos = manager.create(rotary(context, half, true), new Shape(context, half));
    sin = manager.create(rotary(context, half, false), new Shape(context, half));
    mask = manager.create(causalMask(context), new Shape(context, context));
  }

  /** Rotary table, (context, half). */
  static float[] rotary(int context, int half, boolean cosine) {
    float[] table = new float[context * half];
    for (int t = 0; t < context; t++) {
      for (int i = 0; i < half; i++) {
        double angle = t * Math.pow(ROTARY_BASE, -(double) i / half);
        table[t * half + i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
      }
    }
    return table;
  }

  /** 0 on and below the diagonal, minus infinity above, (context, context). */
  static float[] causalMask(int context) {
    float[] mask = new float[context * context];
    for (int i = 0; i < context; i++) {
      for (int j = i + 1; j < context; j++) {
        mask[i * context + j] = Float.NEGATIVE_INFINITY;
      }
    }
    return mask;
  }

  NDArray embed(NDManager step, NDArray weight, NDArray tokens) {
    return module.differentiate(step, "embed", weight, tokens).singletonOrThrow();
  }

  NDArray layer(NDManager step, NDArray x, NDArray... weights) {
    Object[] arguments = new Object[weights.length + 4];
    arguments[0] = x;
    System.arraycopy(weights, 0, arguments, 1, weights.length);
    arguments[weights.length + 1] = cos;
    arguments[weights.length + 2] = sin;
    arguments[weights.length + 3] = mask;
    return module.differentiate(step, "layer", arguments).singletonOrThrow();
  }

  NDArray logits(NDManager step, NDArray x, NDArray gain, NDArray weight) {
    return module.differentiate(step, "logits", x, gain, weight).singletonOrThrow();
  }

  NDArray loss(NDManager step, NDArray x, NDArray gain, NDArray weight, NDArray targets) {
    return module.differentiate(step, "loss", x, gain, weight, targets).singletonOrThrow();
  }

  @Override
  public void close() {
    module.close();
    cos.close();
    sin.close();
    mask.close();
  }
}
