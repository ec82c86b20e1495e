package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.adamant.config.ModelConfig;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The compiled arithmetic of a GPT and the constant tables that it reads. Shapes: M = B T rows, C
 * width, V vocabulary.
 */
abstract class GptKernels implements AutoCloseable {

  /** Logits that the output head holds at a time, and the fewest rows that it works on. */
  private static final long CHUNK_LOGITS = 1L << 21;

  /** On a GPU half a gigabyte of them: small products would leave most of it idle. */
  private static final long GPU_CHUNK_LOGITS = 1L << 27;

  private static final long CHUNK_ROWS = 256;

  final ScriptModule module;

  /** Rotary tables (context, R/2). */
  final NDArray cos;

  final NDArray sin;

  /**
   * Compiles them.
   *
   * @param passes the source of the forward and backward pass
   * @param more constants of that source beside those of all
   */
  GptKernels(
      NDManager manager,
      ModelConfig config,
      int vocabulary,
      KernelPath path,
      String passes,
      Map<String, Object> more) {
    Map<String, Object> constants = new LinkedHashMap<>(more);
    constants.putAll(constants(config, path));
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
    cos = rotary(manager, config, true);
    sin = rotary(manager, config, false);
  }

  /** What all passes have to know of a model. */
  static Map<String, Object> constants(ModelConfig config, KernelPath path) {
    return Map.of(
        "heads", (long) config.heads(), "eps", config.normEps(), "fused", path.fusedAttention());
  }

  /**
   * The kernels that serve a model, a pure function of its shape and data: fused ones for the
   * default family, for CPUs or GPUs, else those that are composed of parts.
   *
   * @param separator the token that ends a document where attention stops there, else -1
   * @param gpu whether to take the fused ones for GPUs
   */
  static GptKernels of(
      NDManager manager,
      ModelConfig config,
      int vocabulary,
      KernelPath path,
      int separator,
      boolean gpu) {
    if (!new ModelSize(config, vocabulary).fused() || separator >= 0) {
      return new ComposedGptKernels(manager, config, vocabulary, path, separator);
    }
    return gpu
        ? new GpuGptKernels(manager, config, vocabulary, path)
        : new CpuGptKernels(manager, config, vocabulary, path);
  }

  /**
   * By how much a position turns each pair of a head's dimensions, (R/2): base^(-2i/R). Llama 3's
   * scaling divides by its factor what turns less than lowFreq times in the trained context, leaves
   * what turns more than highFreq times, and goes from one to the other linearly in the number of
   * turns.
   */
  static double[] frequencies(ModelConfig config) {
    int half = config.rotaryDims() / 2;
    double[] frequencies = new double[half];
    for (int i = 0; i < half; i++) {
      double frequency = Math.pow(config.rotaryBase(), -(double) i / half);
      if (config.rotaryFactor() != 1) {
        double turns = config.rotaryTrainedContext() * frequency / (2 * Math.PI);
        double share =
            (turns - config.rotaryLowFreq()) / (config.rotaryHighFreq() - config.rotaryLowFreq());
        double kept = Math.max(0, Math.min(1, share));
        frequency *= kept + (1 - kept) / config.rotaryFactor();
      }
      frequencies[i] = frequency;
    }
    return frequencies;
  }

  /**
   * Rotary table: cosine or sine of the angle by which each position turns each pair, (context,
   * R/2).
   */
  static NDArray rotary(NDManager manager, ModelConfig config, boolean cosine) {
    double[] frequencies = frequencies(config);
    int half = frequencies.length;
    float[] table = new float[config.context() * half];
    for (int t = 0; t < config.context(); t++) {
      for (int i = 0; i < half; i++) {
        double angle = t * frequencies[i];
        table[t * half + i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
      }
    }
    return manager.create(table, new Shape(config.context(), half));
  }

  /** 0 on and below the diagonal, minus infinity above, (context, context). */
  static NDArray causalMask(NDManager manager, int context) {
    float[] mask = new float[context * context];
    for (int i = 0; i < context; i++) {
      for (int j = i + 1; j < context; j++) {
        mask[i * context + j] = Float.NEGATIVE_INFINITY;
      }
    }
    return manager.create(mask, new Shape(context, context));
  }

  /**
   * The tokens of a pass.
   *
   * @param tokens (M) int64
   * @param time tokens of a sequence
   * @param places what the kernels know of the tokens' places, their own
   */
  record Rows(NDArray tokens, long time, NDList places) {}

  /** Tokens (B, T) as these kernels take them. */
  Rows rows(NDManager step, NDArray tokens) {
    return new Rows(tokens.flatten(), tokens.getShape().get(1), new NDList());
  }

  /** Names of the parameters of the embedding, in the order in which the kernels take them. */
  List<String> embeddingWeights() {
    return List.of("embedding.weight");
  }

  /** Names of a layer's, behind {@code layers.I.}. */
  List<String> layerWeights() {
    return List.of(
        "attention_norm.gain",
        "attention.qkv",
        "attention.out",
        "mlp_norm.gain",
        "mlp.up",
        "mlp.down");
  }

  /** Names of the output head's. */
  List<String> headWeights() {
    return List.of("final_norm.gain", "head.weight");
  }

  /** Rows of the embedding, (M, C). */
  NDArray embed(NDManager step, NDList weights, Rows rows) {
    return module.call(step, "embed", weights.head(), rows.tokens()).singletonOrThrow();
  }

  /** Logits of the next token, (M, V): x (M, C). */
  NDArray logits(NDManager step, NDArray x, NDList weights) {
    return module.call(step, "logits", x, weights.get(0), weights.get(1)).singletonOrThrow();
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
   * @param rows the tokens that x stands for
   * @param gradient whether its gradient will be asked for
   */
  abstract NDList layerForward(
      NDManager step, NDArray x, NDList weights, Rows rows, boolean gradient);

  /**
   * What layers make of x, (M, C) each, where no gradient will be asked for: one layer's
   * activations are held at a time. Closes {@code x} if there is a layer.
   *
   * @param values the weights to use of each parameter
   */
  final NDArray through(
      NDManager step,
      NDArray x,
      List<GptPart> layers,
      Function<Parameter, NDArray> values,
      Rows rows) {
    NDArray y = x;
    for (GptPart layer : layers) {
      try (NDManager scope = step.newSubManager();
          NDArray input = y) {
        NDList weights = productWeights(scope, layer.arrays(values));
        y = layerForward(scope, input, weights, rows, false).head();
        y.attach(step);
      }
    }
    return y;
  }

  /**
   * The gradient by a layer's input, (M, C); adds those by its weights. Overwrites {@code dout}.
   *
   * @param step owner of the result
   * @param dout the gradient by its output, (M, C)
   * @param weights as in the forward pass
   * @param gradients of the layer's weights, which are added to; (0) where none is wanted
   * @param saved results of the forward pass, but the first
   * @param rows as in the forward pass
   */
  abstract NDArray layerGradient(
      NDManager step, NDArray dout, NDList weights, NDList gradients, NDList saved, Rows rows);

  /**
   * The mean loss, (), and with {@code gradients} not empty its gradient by x times lossWeight, (M,
   * C).
   */
  NDList headLoss(
      NDManager step,
      NDArray x,
      NDList weights,
      NDArray targets,
      NDList gradients,
      double lossWeight) {
    return module.call(
        step, "head_loss", x, weights.get(0), weights.get(1), targets, gradients, lossWeight);
  }

  /** Adds the gradient by the embedding: dx (M, C). */
  void embedGradient(NDManager step, NDArray dx, Rows rows, NDList gradients) {
    module.call(step, "embed_gradient", dx, rows.tokens(), gradients.head());
  }

  @Override
  public void close() {
    module.close();
    cos.close();
    sin.close();
  }
}
