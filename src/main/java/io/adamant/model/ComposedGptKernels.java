package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.ModelConfig;
import io.adamant.config.Norm;
import io.adamant.tensor.Autograd;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The passes that are composed of parts, {@code gpt_layers.py}: they serve every model, on CPUs and
 * GPUs. A layer is three calls, the one in the middle recorded by autograd where attention is
 * fused.
 */
final class ComposedGptKernels extends GptKernels {

  /** Their source. */
  static final String PASSES = "gpt_layers.py";

  /** Names of the embedding's parameters, in the order in which the passes take them. */
  static final List<String> EMBEDDING = List.of("embedding.weight", "positions.weight");

  /** Names of a layer's. */
  static final List<String> LAYER =
      List.of(
          "attention_norm.gain",
          "attention_norm.bias",
          "attention.qkv",
          "attention.qkv_bias",
          "attention.q_norm.gain",
          "attention.k_norm.gain",
          "attention.out",
          "attention.out_bias",
          "mlp_norm.gain",
          "mlp_norm.bias",
          "mlp.up",
          "mlp.up_bias",
          "mlp.down",
          "mlp.down_bias");

  /** Names of the output head's. */
  static final List<String> HEAD = List.of("final_norm.gain", "final_norm.bias", "head.weight");

  /** Numbers of results of the calls, in the order in which they are kept. */
  private static final int BEHIND = 8;

  private static final int BEFORE = 6;

  private final boolean converts;

  ComposedGptKernels(
      NDManager manager, ModelConfig config, int vocabulary, KernelPath path, int separator) {
    super(manager, config, vocabulary, path, PASSES, constants(config, separator));
    converts = path.linear() == KernelPath.Linear.BF16;
  }

  /** What the parts have to know of a model beside what all passes do. */
  static Map<String, Object> constants(ModelConfig config) {
    Map<String, Object> constants = new HashMap<>();
    constants.put("key_heads", (long) config.keyHeads());
    constants.put("centred", config.norm() == Norm.LAYER);
    constants.put("mlp", config.mlp().name().toLowerCase(Locale.ROOT));
    constants.put("parallel", config.parallel());
    constants.put("cap", config.logitCap());
    return constants;
  }

  private static Map<String, Object> constants(ModelConfig config, int separator) {
    Map<String, Object> constants = constants(config);
    constants.put("separator", (long) separator);
    return constants;
  }

  @Override
  List<String> embeddingWeights() {
    return EMBEDDING;
  }

  @Override
  List<String> layerWeights() {
    return LAYER;
  }

  @Override
  List<String> headWeights() {
    return HEAD;
  }

  @Override
  Rows rows(NDManager step, NDArray tokens) {
    // Not call(): autograd keeps the mask, and results of that cannot enter it.
    NDList places = module.differentiate(step, "places", tokens, cos, sin);
    return new Rows(tokens.flatten(), tokens.getShape().get(1), places);
  }

  @Override
  NDArray embed(NDManager step, NDList weights, Rows rows) {
    NDArray at = rows.places().head();
    return module
        .call(step, "embed_places", rows.tokens(), at, weights.get(0), weights.get(1))
        .singletonOrThrow();
  }

  @Override
  void embedGradient(NDManager step, NDArray dx, Rows rows, NDList gradients) {
    NDArray at = rows.places().head();
    module.call(
        step, "embed_places_gradient", dx, rows.tokens(), at, gradients.get(0), gradients.get(1));
  }

  @Override
  NDList productWeights(NDManager step, NDList weights) {
    return converts ? super.productWeights(step, weights) : weights;
  }

  @Override
  NDList layerForward(NDManager step, NDArray x, NDList weights, Rows rows, boolean gradient) {
    NDList before = module.call(step, "to_attention", x, weights, rows.time());
    NDList places = rows.places();
    NDList attended;
    try (NDArray qkv = before.head();
        Autograd.Mode mode = gradient ? Autograd.recording() : Autograd.noGrad()) {
      attended =
          module.differentiate(step, "attention", qkv, places.get(1), places.get(2), places.get(3));
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
    NDList before = new NDList(saved.subList(BEHIND, BEHIND + BEFORE));
    NDList attended = new NDList(saved.subList(BEHIND + BEFORE, saved.size()));
    NDList places = rows.places();
    try (NDArray dy =
            module
                .call(
                    step, "from_attention_gradient", dout, weights, gradients, behind, rows.time())
                .singletonOrThrow();
        NDArray dqkv =
            module
                .differentiate(
                    step, "attention_gradient", dy, attended, places.get(1), places.get(2))
                .singletonOrThrow()) {
      module.call(step, "to_attention_gradient", dout, dqkv, weights, gradients, before);
      return dout;
    }
  }

  @Override
  NDArray logits(NDManager step, NDArray x, NDList weights) {
    return module.call(step, "head_logits", x, weights).singletonOrThrow();
  }

  @Override
  NDList headLoss(
      NDManager step,
      NDArray x,
      NDList weights,
      NDArray targets,
      NDList gradients,
      double lossWeight) {
    return module.call(step, "head_loss", x, weights, targets, gradients, lossWeight);
  }
}
