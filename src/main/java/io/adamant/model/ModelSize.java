package io.adamant.model;

import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's size, known before it is built.
 *
 * @param config its shape
 * @param vocabulary tokens V
 */
public record ModelSize(ModelConfig config, int vocabulary) {

  /**
   * The shape of every parameter, by the names that {@link Gpt} gives them.
   *
   * @return name to shape, in the model's order
   */
  public Map<String, Shape> shapes() {
    long c = config.width();
    long f = config.mlpHidden();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("embedding.weight", new Shape(vocabulary, c));
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layers." + i + ".";
      shapes.put(layer + "attention_norm.gain", new Shape(c));
      shapes.put(layer + "attention.qkv", new Shape(3 * c, c));
      shapes.put(layer + "attention.out", new Shape(c, c));
      shapes.put(layer + "mlp_norm.gain", new Shape(c));
      shapes.put(layer + "mlp.up", new Shape(2 * f, c));
      shapes.put(layer + "mlp.down", new Shape(c, f));
    }
    shapes.put("final_norm.gain", new Shape(c));
    shapes.put("head.weight", new Shape(vocabulary, c));
    return shapes;
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
   * FLOPs of training a token: 6 for each weight that it meets in a product, and 12 L d T for
   * attention's products. The embedding is left out, being looked up and not multiplied.
   *
   * @return 6 N + 12 L d T, N without the embedding
   */
  public long flopsPerToken() {
    return 6 * (parameters() - byGroup().get("embedding"))
        + 12L * config.layers() * config.width() * config.context();
  }
}
