package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import io.adamant.config.ModelConfig;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A decoder-only transformer as in the published study: RMSNorm before each part, rotary positions,
 * SwiGLU, no biases, an output head that does not share the embedding's weights.
 *
 * <p>Weights are N(0, init_std&sup2;); the two projections back into the residual stream have the
 * standard deviation init_std/&radic;(2&middot;layers); gains are 1. Attention is causal and does
 * not stop at the borders of documents. Source: theory.md &sect;9.1.
 *
 * <p>As a DJL block it maps tokens (B, T), int64, to logits (B, T, V), float32.
 */
public final class Gpt extends AbstractBlock implements AutoCloseable {

  /** Parts of a pass through the model, in their order. */
  public enum Part {
    /** Embedding and layers. */
    FORWARD,
    /** Output head, loss and the head's gradient, which are computed together. */
    HEAD,
    /** Gradients of layers and embedding. */
    BACKWARD
  }

  private final ModelConfig config;
  private final int vocabulary;
  private final ModelSize size;
  private final Map<String, Shape> shapes; // of every parameter
  private final GptKernels kernels;
  private final Embedding embedding;
  private final List<Layer> layers = new ArrayList<>();
  private final Head head;

  /**
   * Creates and initializes the model.
   *
   * @param manager device and lifetime of parameters and kernels
   * @param config shape
   * @param vocabulary number of tokens V
   * @param path which arithmetic
   * @param seed of the initial weights
   */
  public Gpt(NDManager manager, ModelConfig config, int vocabulary, KernelPath path, long seed) {
    this(manager, config, vocabulary, path, seed, manager.getDevice().isGpu());
  }

  /** With the passes that are written for GPUs or those for CPUs. */
  Gpt(
      NDManager manager,
      ModelConfig config,
      int vocabulary,
      KernelPath path,
      long seed,
      boolean gpu) {
    this.config = config;
    this.vocabulary = vocabulary;
    size = new ModelSize(config, vocabulary);
    shapes = size.shapes();
    this.kernels =
        gpu
            ? new GpuGptKernels(manager, config, vocabulary, path)
            : new CpuGptKernels(manager, config, vocabulary, path);
    embedding = addChildBlock("embedding", new Embedding(seed));
    for (int i = 0; i < config.layers(); i++) {
      layers.add(addChildBlock("layer" + i, new Layer(i, seed)));
    }
    head = addChildBlock("head", new Head(seed));
    initialize(manager, DataType.FLOAT32, new Shape(1, config.context()));
  }

  /**
   * Mean cross-entropy of the next token, in nats.
   *
   * @param step owner of the result and of all activations
   * @param tokens (B, T) int64
   * @param targets (B, T) int64: the token that follows each
   * @return ()
   */
  public NDArray loss(NDManager step, NDArray tokens, NDArray targets) {
    NDArray x = hidden(step, tokens);
    NDArray[] w = head.arrays();
    return kernels.loss(step, x, w[0], w[1], targets);
  }

  /**
   * The same loss without autograd, for evaluation.
   *
   * @param step owner of the result and of all activations
   * @param tokens (B, T) int64
   * @param targets (B, T) int64
   * @return ()
   */
  public NDArray evaluate(NDManager step, NDArray tokens, NDArray targets) {
    long time = tokens.getShape().get(1);
    try (Autograd.Mode off = Autograd.noGrad()) {
      NDArray x = kernels.embed(step, embedding.arrays()[0], tokens.flatten()); // (M, C)
      for (Layer layer : layers) {
        try (NDManager scope = step.newSubManager();
            NDArray input = x) {
          NDList weights = kernels.productWeights(scope, layer.list());
          x = kernels.layerForward(scope, input, weights, time, false).head();
          x.attach(step);
        }
      }
      NDArray[] w = head.arrays();
      return kernels
          .headLoss(step, x, w[0], w[1], targets.flatten(), new NDList(), 0)
          .singletonOrThrow();
    }
  }

  /**
   * Adds the gradient of {@code lossWeight} times the loss to the gradients of all parameters.
   *
   * @param step owner of the result and of all activations
   * @param tokens (B, T) int64
   * @param targets (B, T) int64
   * @param lossWeight the weight of this micro-batch, such as 1/(number of micro-batches)
   * @return the loss, unweighted, ()
   */
  public NDArray forwardBackward(
      NDManager step, NDArray tokens, NDArray targets, double lossWeight) {
    return forwardBackward(step, tokens, targets, lossWeight, false, part -> {});
  }

  /**
   * Adds the gradient of {@code lossWeight} times the loss to the gradients of all parameters.
   *
   * @param step owner of the result and of all activations
   * @param tokens (B, T) int64
   * @param targets (B, T) int64
   * @param lossWeight the weight of this micro-batch, such as 1/(number of micro-batches)
   * @param recompute whether the backward pass computes each layer's activations again instead of
   *     holding those of all layers; the bits are the same
   * @param finished hears when a part of the pass has been queued
   * @return the loss, unweighted, ()
   */
  public NDArray forwardBackward(
      NDManager step,
      NDArray tokens,
      NDArray targets,
      double lossWeight,
      boolean recompute,
      Consumer<Part> finished) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      return new GptGradients(kernels, embedding, layers, head)
          .forwardBackward(step, tokens, targets, lossWeight, recompute, finished);
    }
  }

  /**
   * Logits of the next token at each position.
   *
   * @param step owner of the result
   * @param tokens (B, T) int64
   * @return (B, T, V) float32
   */
  public NDArray logits(NDManager step, NDArray tokens) {
    return head.apply(step, hidden(step, tokens), head.arrays());
  }

  private NDArray hidden(NDManager step, NDArray tokens) {
    NDArray x = embedding.apply(step, tokens, embedding.arrays()); // (B, T, C)
    for (Layer layer : layers) {
      x = layer.apply(step, x, layer.arrays());
    }
    return x;
  }

  /**
   * All parameters by their stable names, in a fixed order.
   *
   * @return such as {@code layers.0.attention.qkv} to its parameter
   */
  public Map<String, Parameter> named() {
    Map<String, Parameter> named = new LinkedHashMap<>();
    getParameters().values().forEach(parameter -> named.put(parameter.getName(), parameter));
    return named;
  }

  /**
   * The group that statistics put a parameter in.
   *
   * @param name stable name
   * @return {@code embedding, attention, mlp, norm} or {@code head}
   */
  public static String group(String name) {
    if (name.endsWith("norm.gain")) {
      return "norm";
    }
    String[] parts = name.split("\\.", -1);
    return parts[0].equals("layers") ? parts[2] : parts[0];
  }

  /**
   * The model in numbers.
   *
   * @return shapes, parameters and FLOPs
   */
  public ModelSize size() {
    return size;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList x = embedding.forward(store, inputs, training);
    for (Layer layer : layers) {
      x = layer.forward(store, x, training);
    }
    return head.forward(store, x, training);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {new Shape(inputs[0].get(0), inputs[0].get(1), vocabulary)};
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... shapes) {
    Shape tokens = shapes[0];
    Shape x = new Shape(tokens.get(0), tokens.get(1), config.width());
    embedding.initialize(manager, dataType, tokens);
    layers.forEach(layer -> layer.initialize(manager, dataType, x));
    head.initialize(manager, dataType, x);
  }

  @Override
  public void close() {
    named().values().forEach(Parameter::close);
    kernels.close();
  }

  /** Token embedding: (B, T) int64 to (B, T, C). */
  private final class Embedding extends GptBlock {
    Embedding(long seed) {
      String name = "embedding.weight";
      weight(name, new SeededNormal(seed, name, config.initStd()), shapes.get(name));
    }

    @Override
    NDArray apply(NDManager step, NDArray tokens, NDArray[] w) {
      return kernels.embed(step, w[0], tokens);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {new Shape(inputs[0].get(0), inputs[0].get(1), config.width())};
    }
  }

  /** Attention and MLP, each behind a norm and around a residual: (B, T, C) to (B, T, C). */
  private final class Layer extends GptBlock {
    Layer(int index, long seed) {
      double std = config.initStd();
      double out = std / Math.sqrt(2.0 * config.layers());
      String prefix = "layers." + index + ".";
      gain(prefix + "attention_norm.gain");
      normal(prefix + "attention.qkv", seed, std);
      normal(prefix + "attention.out", seed, out);
      gain(prefix + "mlp_norm.gain");
      normal(prefix + "mlp.up", seed, std);
      normal(prefix + "mlp.down", seed, out);
    }

    private void gain(String name) {
      weight(name, Initializer.ONES, shapes.get(name));
    }

    private void normal(String name, long seed, double std) {
      weight(name, new SeededNormal(seed, name, std), shapes.get(name));
    }

    @Override
    NDArray apply(NDManager step, NDArray x, NDArray[] w) {
      return kernels.layer(step, x, w);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return inputs;
    }
  }

  /** Final norm and output projection: (B, T, C) to (B, T, V). */
  private final class Head extends GptBlock {
    Head(long seed) {
      String name = "head.weight";
      weight("final_norm.gain", Initializer.ONES, shapes.get("final_norm.gain"));
      weight(name, new SeededNormal(seed, name, config.initStd()), shapes.get(name));
    }

    @Override
    NDArray apply(NDManager step, NDArray x, NDArray[] w) {
      return kernels.logits(step, x, w[0], w[1]);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {new Shape(inputs[0].get(0), inputs[0].get(1), vocabulary)};
    }
  }
}
