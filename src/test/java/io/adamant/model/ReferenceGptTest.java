package io.adamant.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import io.adamant.config.ModelConfig;
import io.adamant.config.RunConfig;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.SafeTensors;
import io.adamant.tensor.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle itself, in float64 against losses, logits and gradients of transformers' models. */
class ReferenceGptTest {

  private static final Path MODELS = Path.of("../shared/models");

  @ParameterizedTest
  @ValueSource(strings = {"llama-gqa-tied", "qwen2-tiny", "gpt2-tiny"})
  void aForeignModelHasTheLossLogitsAndGradientOfItsOwnCode(String name) throws IOException {
    Path folder = MODELS.resolve(name);
    assumeThat(Files.isDirectory(folder)).as("%s is there", folder).isTrue();
    TorchRuntime.prepareThread(1);
    JsonNode config = Json.MAPPER.readTree(folder.resolve("config.json").toFile());
    JsonNode expected = Json.MAPPER.readTree(folder.resolve("expected.json").toFile());
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      Map<String, NDArray> file = new LinkedHashMap<>();
      SafeTensors.read(folder.resolve("model.safetensors"), manager)
          .forEach((key, array) -> file.put(key, array.toType(DataType.FLOAT64, true)));
      boolean gpt2 = name.startsWith("gpt2");
      Map<String, NDArray> weights = gpt2 ? gpt2(file) : llama(file);
      ReferenceGpt model = new ReferenceGpt(gpt2 ? gpt2(config) : llama(config), weights);
      try (Autograd.Mode on = Autograd.recording()) {
        weights.values().forEach(array -> Autograd.requireGradient(array, true));
        JsonNode batch = expected.get("batch");
        NDArray rows = ids(manager, batch.get("rows"));
        NDArray loss = model.loss(manager, rows.get(":, :-1"), rows.get(":, 1:"));
        assertThat(loss.getDouble())
            .isCloseTo(batch.get("mean_cross_entropy_f64").asDouble(), within(1e-9));
        Autograd.backward(loss, manager.create(1.0));
        double squares = 0;
        for (NDArray array : weights.values()) {
          squares += Autograd.gradient(array).square().sum().getDouble();
        }
        double norm = batch.get("grad_norm_f64").asDouble();
        assertThat(Math.sqrt(squares)).isCloseTo(norm, within(1e-9 * norm));
      }
      JsonNode prompt = expected.get("prompts").get(1);
      NDArray logits =
          model.logits(manager, ids(manager, Json.MAPPER.createArrayNode().add(prompt.get("ids"))));
      for (int i = 0; i < prompt.get("positions").size(); i++) {
        double[] row =
            logits.get(0, prompt.get("positions").get(i).asLong()).get("0:32").toDoubleArray();
        assertThat(row)
            .containsExactly(numbers(prompt.get("logits_first32_f64").get(i)), within(1e-6));
      }
    }
  }

  private static NDArray ids(NDManager manager, JsonNode rows) {
    long[] ids =
        StreamSupport.stream(rows.spliterator(), false)
            .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
            .mapToLong(JsonNode::asLong)
            .toArray();
    return manager.create(ids, new Shape(rows.size(), ids.length / rows.size()));
  }

  private static double[] numbers(JsonNode row) {
    return StreamSupport.stream(row.spliterator(), false).mapToDouble(JsonNode::asDouble).toArray();
  }

  private static ModelConfig model(Map<String, Object> keys) {
    return RunConfig.defaults().with(keys).model();
  }

  private static ModelConfig llama(JsonNode config) {
    return model(
        Map.of(
            "model.layers", config.get("num_hidden_layers").asInt(),
            "model.width", config.get("hidden_size").asInt(),
            "model.heads", config.get("num_attention_heads").asInt(),
            "model.kv_heads", config.get("num_key_value_heads").asInt(),
            "model.mlp_hidden", config.get("intermediate_size").asInt(),
            "model.rotary_base", config.get("rope_theta").asDouble(),
            "model.norm_eps", config.get("rms_norm_eps").asDouble(),
            "model.bias_qkv", config.get("model_type").asText().equals("qwen2"),
            "model.tied", config.get("tie_word_embeddings").asBoolean()));
  }

  private static Map<String, NDArray> llama(Map<String, NDArray> file) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    weights.put("embedding.weight", file.get("model.embed_tokens.weight"));
    for (int i = 0; file.containsKey("model.layers." + i + ".input_layernorm.weight"); i++) {
      String from = "model.layers." + i + ".";
      String to = "layers." + i + ".";
      weights.put(to + "attention_norm.gain", file.get(from + "input_layernorm.weight"));
      weights.put(
          to + "attention.qkv", joined(file, from + "self_attn.%s_proj.weight", "q", "k", "v"));
      if (file.containsKey(from + "self_attn.q_proj.bias")) {
        weights.put(
            to + "attention.qkv_bias",
            joined(file, from + "self_attn.%s_proj.bias", "q", "k", "v"));
      }
      weights.put(to + "attention.out", file.get(from + "self_attn.o_proj.weight"));
      weights.put(to + "mlp_norm.gain", file.get(from + "post_attention_layernorm.weight"));
      weights.put(to + "mlp.up", joined(file, from + "mlp.%s_proj.weight", "gate", "up"));
      weights.put(to + "mlp.down", file.get(from + "mlp.down_proj.weight"));
    }
    weights.put("final_norm.gain", file.get("model.norm.weight"));
    if (file.containsKey("lm_head.weight")) {
      weights.put("head.weight", file.get("lm_head.weight"));
    }
    return weights;
  }

  private static NDArray joined(Map<String, NDArray> file, String name, String... parts) {
    return NDArrays.concat(
        new NDList(
            Stream.of(parts).map(part -> file.get(name.formatted(part))).toArray(NDArray[]::new)));
  }

  private static ModelConfig gpt2(JsonNode config) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("model.layers", config.get("n_layer").asInt());
    keys.put("model.width", config.get("n_embd").asInt());
    keys.put("model.heads", config.get("n_head").asInt());
    keys.put("model.context", config.get("n_positions").asInt());
    keys.put("model.mlp", "gelu_tanh");
    keys.put("model.mlp_hidden", "auto");
    keys.put("model.norm", "layer");
    keys.put("model.norm_eps", config.get("layer_norm_epsilon").asDouble());
    keys.put("model.positions", "learned");
    for (String part : new String[] {"bias_norm", "bias_qkv", "bias_out", "bias_mlp", "tied"}) {
      keys.put("model." + part, true);
    }
    return model(keys);
  }

  /** Conv1D has (in, out). */
  private static Map<String, NDArray> gpt2(Map<String, NDArray> file) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    weights.put("embedding.weight", file.get("transformer.wte.weight"));
    weights.put("positions.weight", file.get("transformer.wpe.weight"));
    String[][] parts = {
      {"ln_1.weight", "attention_norm.gain"}, {"ln_1.bias", "attention_norm.bias"},
      {"attn.c_attn.weight", "attention.qkv"}, {"attn.c_attn.bias", "attention.qkv_bias"},
      {"attn.c_proj.weight", "attention.out"}, {"attn.c_proj.bias", "attention.out_bias"},
      {"ln_2.weight", "mlp_norm.gain"}, {"ln_2.bias", "mlp_norm.bias"},
      {"mlp.c_fc.weight", "mlp.up"}, {"mlp.c_fc.bias", "mlp.up_bias"},
      {"mlp.c_proj.weight", "mlp.down"}, {"mlp.c_proj.bias", "mlp.down_bias"},
    };
    for (int i = 0; file.containsKey("transformer.h." + i + ".ln_1.weight"); i++) {
      for (String[] part : parts) {
        NDArray array = file.get("transformer.h." + i + "." + part[0]);
        boolean transposed = part[0].contains(".c_") && part[0].endsWith("weight");
        weights.put(
            "layers." + i + "." + part[1], transposed ? array.transpose().duplicate() : array);
      }
    }
    weights.put("final_norm.gain", file.get("transformer.ln_f.weight"));
    weights.put("final_norm.bias", file.get("transformer.ln_f.bias"));
    return weights;
  }
}
