package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The compiled arithmetic of a GPT and the constant tables that it reads. Shapes: M = B T rows, C
 * width, V vocabulary.
 */
abstract class GptKernels implements AutoCloseable {

  /** Added to the mean square in RMSNorm. */
  static final double NORM_EPS = 1e-6;

  /** Base of the rotary frequencies: dimension pair i of R turns by t * BASE^(-2i/R). */
  static final double ROTARY_BASE = 500_000;

  /** Logits that the output head holds at a time, and the fewest rows that it works on. */
  private static final long CHUNK_LOGITS = 1L << 21;

  /** On a GPU half a gigabyte of them: small products would leave most of it idle. */
  private static final long GPU_CHUNK_LOGITS = 1L << 27;

  private static final long CHUNK_ROWS = 256;

  final ScriptModule module;

  /** Rotary tables (context, R/2) and the causal mask (context, context). */
  final NDArray cos;

  final NDArray sin;
  final NDArray mask;

  /**
   * Compiles them.
   *
   * @param passes the source of the forward and backward pass
   */
  GptKernels(
      NDManager manager, ModelConfig config, int vocabulary, KernelPath path, String passes) {
    Map<String, Object> constants = new LinkedHashMap<>();
    constants.put("heads", (long) config.heads());
    constants.put("eps", NORM_EPS);
    constants.put("fused", path.fusedAttention());
    long logits = manager.getDevice().isGpu() ? GPU_CHUNK_LOGITS : CHUNK_LOGITS;
    constants.put("chunk", Math.max(CHUNK_ROWS, logits / vocabulary));
    module =
        new ScriptModule(
            manager,
            new ScriptArchive(
                ScriptModule.resource(path.linear().matmul())
                    + ScriptModule.resource("gpt_parts.py")
                    + ScriptModule.resource(passes),
                constants));
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

  /** Rows of the embedding, (M, C): weight (V, C), tokens (M). */
  NDArray embed(NDManager step, NDArray weight, NDArray tokens) {
    return module.call(step, "embed", weight, tokens).singletonOrThrow();
  }

  /** Logits of the next token, (M, V): x (M, C). */
  NDArray logits(NDManager step, NDArray x, NDArray gain, NDArray weight) {
    return module.call(step, "logits", x, gain, weight).singletonOrThrow();
  }

  /**
   * A layer's weights as its products take them, made once for all products of a pass; where that
   * is the weights' own form, they themselves.
   */
  NDList productWeights(NDManager step, NDList weights) {
    return module.call(step, "product_weights", weights);
  }

  /**
   * A layer: its output (M, C), and after it the activations that its gradient needs.
   *
   * @param step owner of the results
   * @param x (M, C)
   * @param weights from {@link #productWeights}
   * @param time tokens of a sequence
   * @param gradient whether its gradient will be asked for
   */
  abstract NDList layerForward(
      NDManager step, NDArray x, NDList weights, long time, boolean gradient);

  /**
   * The gradient by a layer's input, (M, C); adds those by its weights. Overwrites {@code dout}.
   *
   * @param step owner of the result
   * @param dout the gradient by its output, (M, C)
   * @param weights as in the forward pass
   * @param gradients of the layer's six weights, which are added to
   * @param saved results of the forward pass, but the first
   * @param time tokens of a sequence
   */
  abstract NDArray layerGradient(
      NDManager step, NDArray dout, NDList weights, NDList gradients, NDList saved, long time);

  /**
   * The mean loss, (), and with {@code gradients} not empty its gradient by x times lossWeight, (M,
   * C).
   */
  NDList headLoss(
      NDManager step,
      NDArray x,
      NDArray gain,
      NDArray weight,
      NDArray targets,
      NDList gradients,
      double lossWeight) {
    return module.call(step, "head_loss", x, gain, weight, targets, gradients, lossWeight);
  }

  /** Adds the gradient by the embedding: dx (M, C), tokens (M). */
  void embedGradient(NDManager step, NDArray dx, NDArray tokens, NDArray gradient) {
    module.call(step, "embed_gradient", dx, tokens, gradient);
  }

  @Override
  public final void close() {
    module.close();
    cos.close();
    sin.close();
    mask.close();
  }
}
