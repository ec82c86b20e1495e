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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A decoder-only transformer, by default as in the published study: RMSNorm before each part,
 * rotary positions, SwiGLU, no biases, an output head that does not share the embedding's weights.
 * The switches of {@link ModelConfig} make it one of another family.
 *
 * <p>Weights are N(0, init_std&sup2;); the two projections back into the residual stream have the
 * standard deviation init_std/&radic;(2&middot;layers); gains are 1, biases 0. Attention is causal;
 * it does not stop at the borders of documents unless it is given the token that ends one. Source:
 * theory.md &sect;9.1.
 *
 * <p>As a DJL block it maps tokens (B, T), int64, to logits (B, T, V), float32, without gradients:
 * those come from {@link #forwardBackward}, which does not use autograd.
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
  private final GptKernels kernels;
  private final NDArray none;
  private final GptPart embedding;
  private final List<GptPart> layers = new ArrayList<>();
  private final GptPart head;

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
    this(manager, config, vocabulary, path, seed, OptionalInt.empty());
  }

  /**
   * Creates and initializes a model that may stop at the borders of documents.
   *
   * @param manager device and lifetime of parameters and kernels
   * @param config shape
   * @param vocabulary number of tokens V
   * @param path which arithmetic
   * @param seed of the initial weights
   * @param separator the token that ends a document, if attention stops and positions begin anew
   *     behind it
   */
  public Gpt(
      NDManager manager,
      ModelConfig config,
      int vocabulary,
      KernelPath path,
      long seed,
      OptionalInt separator) {
    this(
        manager,
        config,
        vocabulary,
        seed,
        GptKernels.of(
            manager, config, vocabulary, path, separator.orElse(-1), manager.getDevice().isGpu()));
  }

  /** With kernels of the caller's choice. */
  Gpt(NDManager manager, ModelConfig config, int vocabulary, long seed, GptKernels kernels) {
    this.config = config;
    this.vocabulary = vocabulary;
    this.kernels = kernels;
    size = new ModelSize(config, vocabulary);
    size.shapes()
        .forEach(
            (name, shape) -> addParameter(GptPart.parameter(name, initializer(name, seed), shape)));
    initialize(manager, DataType.FLOAT32, new Shape(1, config.context()));
    none = manager.create(new Shape(0));
    Map<String, Parameter> named = named();
    if (config.tied()) {
      named.put("head.weight", named.get("embedding.weight"));
    }
    embedding = part(named, "", kernels.embeddingWeights());
    for (int i = 0; i < config.layers(); i++) {
      layers.add(part(named, "layers." + i + ".", kernels.layerWeights()));
    }
    head = part(named, "", kernels.headWeights());
  }

  /** Gains of 1, biases of 0, and matrices that depend on the seed and their names. */
  private Initializer initializer(String name, long seed) {
    if (name.endsWith(".gain")) {
      return Initializer.ONES;
    }
    if (name.endsWith("bias")) {
      return Initializer.ZEROS;
    }
    boolean out = name.endsWith("attention.out") || name.endsWith("mlp.down");
    double std = out ? config.initStd() / Math.sqrt(2.0 * config.layers()) : config.initStd();
    return new SeededNormal(seed, name, std);
  }

  private GptPart part(Map<String, Parameter> named, String prefix, List<String> names) {
    GptPart part = new GptPart(none);
    names.forEach(name -> part.add(Optional.ofNullable(named.get(prefix + name))));
    return part;
  }

  /**
   * Mean cross-entropy of the next token, in nats.
   *
   * @param step owner of the result and of all activations
   * @param tokens (B, T) int64
   * @param targets (B, T) int64
   * @return ()
   */
  public NDArray evaluate(NDManager step, NDArray tokens, NDArray targets) {
    return evaluate(step, tokens, targets, Parameter::getArray);
  }

  /**
   * Mean cross-entropy of the next token, in nats, of a model that has other weights.
   *
   * @param step owner of the result and of all activations
   * @param tokens (B, T) int64
   * @param targets (B, T) int64
   * @param weights the array that takes a parameter's place, of its shape
   * @return ()
   */
  public NDArray evaluate(
      NDManager step, NDArray tokens, NDArray targets, Function<Parameter, NDArray> weights) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      NDArray x = hidden(step, tokens, weights);
      return kernels
          .headLoss(step, x, head.arrays(weights), targets.flatten(), new NDList(), 0)
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
    try (Autograd.Mode off = Autograd.noGrad()) {
      return kernels
          .logits(step, hidden(step, tokens, Parameter::getArray), head.arrays())
          .reshape(tokens.getShape().add(vocabulary));
    }
  }

  /** What the layers make of tokens, (M, C); one layer's activations are held at a time. */
  private NDArray hidden(NDManager step, NDArray tokens, Function<Parameter, NDArray> values) {
    GptKernels.Rows rows = kernels.rows(step, tokens);
    NDArray x = kernels.embed(step, embedding.arrays(values), rows); // (M, C)
    for (GptPart layer : layers) {
      try (NDManager scope = step.newSubManager();
          NDArray input = x) {
        NDList weights = kernels.productWeights(scope, layer.arrays(values));
        x = kernels.layerForward(scope, input, weights, rows, false).head();
        x.attach(step);
      }
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
    if (name.endsWith("norm.gain") || name.endsWith("norm.bias")) {
      return "norm";
    }
    String[] parts = name.split("\\.", -1);
    if (parts[0].equals("positions")) {
      return "embedding";
    }
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
    NDArray tokens = inputs.singletonOrThrow();
    return new NDList(logits(tokens.getManager(), tokens));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {new Shape(inputs[0].get(0), inputs[0].get(1), vocabulary)};
  }

  @Override
  public void close() {
    named().values().forEach(Parameter::close);
    none.close();
    kernels.close();
  }
}
