package io.adamant.model;

import ai.djl.ndarray.types.Shape;
import io.adamant.config.Mlp;
import io.adamant.config.ModelConfig;
import io.adamant.config.Norm;
import io.adamant.config.Positions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A model's size, known before it is built.
 *
 * @param config its shape
 * @param vocabulary tokens V
 * @param frozen names of the parameters that are not trained
 */
public record ModelSize(ModelConfig config, int vocabulary, Set<String> frozen) {

  /** Takes a copy. */
  public ModelSize {
    frozen = Set.copyOf(frozen);
  }

  /**
   * A model that is trained as a whole.
   *
   * @param config its shape
   * @param vocabulary tokens V
   */
  public ModelSize(ModelConfig config, int vocabulary) {
    this(config, vocabulary, Set.of());
  }

  /**
   * The shape of every parameter, by the names that {@link Gpt} gives them.
   *
   * @return name to shape, in the model's order
   */
  public Map<String, Shape> shapes() {
    long c = config.width();
    long f = config.mlpHidden();
    long d = config.headSize();
    long q = config.heads() * d;
    long qkv = sum(qkv(config));
    long up = sum(up(config));
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("embedding.weight", new Shape(vocabulary, c));
    if (config.positions() == Positions.LEARNED) {
      shapes.put("positions.weight", new Shape(config.context(), c));
    }
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layers." + i + ".";
      putNorm(shapes, layer + "attention_norm", c);
      shapes.put(layer + "attention.qkv", new Shape(qkv, c));
      putBias(shapes, config.biasQkv(), layer + "attention.qkv_bias", qkv);
      if (config.qkNorm()) {
        shapes.put(layer + "attention.q_norm.gain", new Shape(d));
        shapes.put(layer + "attention.k_norm.gain", new Shape(d));
      }
      shapes.put(layer + "attention.out", new Shape(c, q));
      putBias(shapes, config.biasOut(), layer + "attention.out_bias", c);
      putNorm(shapes, layer + "mlp_norm", c);
      shapes.put(layer + "mlp.up", new Shape(up, c));
      putBias(shapes, config.biasMlp(), layer + "mlp.up_bias", up);
      shapes.put(layer + "mlp.down", new Shape(c, f));
      putBias(shapes, config.biasMlp(), layer + "mlp.down_bias", c);
    }
    putNorm(shapes, "final_norm", c);
    if (!config.tied()) {
      shapes.put("head.weight", new Shape(vocabulary, c));
    }
    return shapes;
  }

  /**
   * Matrices that hold several of the architecture's in one: queries, keys and values, and, with a
   * gated MLP, gate and up.
   *
   * @param config the model's shape
   * @return by name, the rows of each in their order
   */
  public static Map<String, Map<String, Long>> fused(ModelConfig config) {
    Map<String, Map<String, Long>> fused = new LinkedHashMap<>();
    for (int i = 0; i < config.layers(); i++) {
      fused.put("layers." + i + ".attention.qkv", qkv(config));
      if (config.mlp().gated()) {
        fused.put("layers." + i + ".mlp.up", up(config));
      }
    }
    return fused;
  }

  private static Map<String, Long> qkv(ModelConfig config) {
    Map<String, Long> rows = new LinkedHashMap<>();
    rows.put("q", (long) config.heads() * config.headSize());
    rows.put("k", (long) config.keyHeads() * config.headSize());
    rows.put("v", (long) config.keyHeads() * config.headSize());
    return rows;
  }

  private static Map<String, Long> up(ModelConfig config) {
    Map<String, Long> rows = new LinkedHashMap<>();
    if (config.mlp().gated()) {
      rows.put("gate", (long) config.mlpHidden());
    }
    rows.put("up", (long) config.mlpHidden());
    return rows;
  }

  private static long sum(Map<String, Long> rows) {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }

  private void putNorm(Map<String, Shape> shapes, String name, long width) {
    shapes.put(name + ".gain", new Shape(width));
    putBias(shapes, config.biasNorm(), name + ".bias", width);
  }

  private static void putBias(Map<String, Shape> shapes, boolean present, String name, long width) {
    if (present) {
      shapes.put(name, new Shape(width));
    }
  }

  /**
   * Parameters by the groups of {@link Gpt#group}.
   *
   * @return {@code embedding, norm, attention, mlp, head} to their numbers
   */
  public Map<String, Long> byGroup() {
    Map<String, Long> groups = new LinkedHashMap<>();
    shapes().forEach((name, shape) -> groups.merge(Gpt.group(name), shape.size(), Long::sum));
    return groups;
  }

  /**
   * All parameters.
   *
   * @return N
   */
  public long parameters() {
    return shapes().values().stream().mapToLong(Shape::size).sum();
  }

  /**
   * All parameters of the same model with another vocabulary, such as that before padding.
   *
   * @param other tokens
   * @return N
   */
  public long parametersWith(int other) {
    return new ModelSize(config, other).parameters();
  }

  /**
   * The parameters that are trained.
   *
   * @return N less those that are frozen
   */
  public long trained() {
    return shapes().entrySet().stream()
        .filter(entry -> !frozen.contains(entry.getKey()))
        .mapToLong(entry -> entry.getValue().size())
        .sum();
  }

  /**
   * Layers below all parameters that are trained: the backward pass does not reach them.
   *
   * @return 0 to L
   */
  public int layersBelow() {
    return shapes().keySet().stream()
        .filter(name -> !frozen.contains(name))
        .mapToInt(this::layer)
        .min()
        .orElse(config.layers());
  }

  /** The layer of a parameter; 0 for the embedding's, L for those behind the last layer. */
  private int layer(String name) {
    if (Gpt.group(name).equals("embedding")) {
      return 0;
    }
    return name.startsWith("layers.")
        ? Integer.parseInt(name.split("\\.", -1)[1])
        : config.layers();
  }

  /**
   * FLOPs of training a token. Each weight that it meets in a product takes 2 in the forward pass,
   * 2 for the gradient by its input, as far as the backward pass goes, and 2 for its own unless it
   * is frozen; attention's products of H heads of D dimensions take 4 H D T and then 8 a layer.
   * Embeddings are looked up and not multiplied, except for one that is the output layer's weight
   * as well.
   *
   * @return where nothing is frozen 6 N + 12 L H D T, N without embeddings, but with one of a tied
   *     output layer
   */
  public long flopsPerToken() {
    int below = layersBelow();
    long own = 0;
    long passed = 0;
    for (Map.Entry<String, Shape> entry : shapes().entrySet()) {
      String name = entry.getKey();
      boolean isHead = config.tied() && name.equals("embedding.weight");
      if (isHead || !Gpt.group(name).equals("embedding")) {
        own += frozen.contains(name) ? 0 : entry.getValue().size();
        passed += isHead || layer(name) >= below ? entry.getValue().size() : 0;
      }
    }
    return 2 * (multiplied() + passed + own) + attentionFlops();
  }

  /**
   * Attention's part of {@link #flopsPerToken}, in which every query meets all T keys.
   *
   * @return where nothing is frozen 12 L H D T
   */
  public long attentionFlops() {
    long trained = attention() / config.layers() * (config.layers() - layersBelow());
    return 4 * attention() + 8 * trained;
  }

  /**
   * Parameters that a token meets in products or norms.
   *
   * @return N less the rows that are looked up
   */
  public long multiplied() {
    long head = config.tied() ? (long) vocabulary * config.width() : 0;
    return parameters() - byGroup().get("embedding") + head;
  }

  /**
   * Products of attention for each token and each of its two factors.
   *
   * @return L H D T
   */
  public long attention() {
    return (long) config.layers() * config.heads() * config.headSize() * config.context();
  }

  /**
   * Whether the passes that are fused across a layer's parts can serve the model: the default
   * family, in which rotary frequencies, a norm's eps and tied embeddings may differ.
   *
   * @return false for models of composed passes
   */
  public boolean fused() {
    return config.mlp() == Mlp.SWIGLU
        && config.norm() == Norm.RMS
        && !config.biasQkv()
        && !config.biasOut()
        && !config.biasMlp()
        && config.positions() != Positions.LEARNED
        && config.keyHeads() == config.heads()
        && config.heads() * config.headSize() == config.width()
        && !config.qkNorm()
        && config.logitCap() == 0
        && !config.parallel();
  }
}
