package io.adamant.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.ModelConfig;
import io.adamant.config.Norm;
import io.adamant.config.Positions;
import io.adamant.config.RunConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * An architecture of transformers: its {@code config.json} and the model section, its tensors and
 * ours, each written once and used in both directions.
 */
enum Family {
  /** Llama 2 and 3, SmolLM2. */
  LLAMA("LlamaForCausalLM", "llama") {
    @Override
    List<ConfigKey> keys() {
      List<ConfigKey> keys = likeLlama(1e-6, 2048, keyHeads(), headWidth());
      keys.add(ConfigKey.flag("attention_bias", false, "bias_qkv", "bias_out"));
      keys.add(ConfigKey.flag("mlp_bias", false, "bias_mlp"));
      keys.add(ConfigKey.always("qk_norm", false));
      return keys;
    }
  },

  /** Llama with a window of attention; read, and written as Llama. */
  MISTRAL("MistralForCausalLM", "mistral") {
    @Override
    List<ConfigKey> keys() {
      List<ConfigKey> keys =
          likeLlama(1e-6, 131_072, ConfigKey.whole("num_key_value_heads", "kv_heads"), headWidth());
      keys.add(new WindowKeys(false));
      for (String bias : List.of("bias_qkv", "bias_out", "bias_mlp", "qk_norm")) {
        keys.add(ConfigKey.always(bias, false));
      }
      return keys;
    }
  },

  /** Llama with biases of queries, keys and values. */
  QWEN2("Qwen2ForCausalLM", "qwen2") {
    @Override
    List<ConfigKey> keys() {
      List<ConfigKey> keys = likeLlama(1e-6, 32_768, keyHeads(), headWidth());
      keys.add(new WindowKeys(true));
      keys.add(ConfigKey.always("bias_qkv", true));
      for (String bias : List.of("bias_out", "bias_mlp", "qk_norm")) {
        keys.add(ConfigKey.always(bias, false));
      }
      return keys;
    }
  },

  /** Llama with a norm of each head's queries and keys. */
  QWEN3("Qwen3ForCausalLM", "qwen3") {
    @Override
    List<ConfigKey> keys() {
      List<ConfigKey> keys =
          likeLlama(
              1e-6, 32_768, keyHeads(), ConfigKey.whole("head_dim", "head_width", model -> 128));
      keys.add(new WindowKeys(true));
      keys.add(ConfigKey.flag("attention_bias", false, "bias_qkv", "bias_out"));
      keys.add(ConfigKey.always("bias_mlp", false));
      keys.add(ConfigKey.always("qk_norm", true));
      return keys;
    }
  },

  /** GPT-2. */
  GPT2("GPT2LMHeadModel", "gpt2") {
    @Override
    TensorTable.Names names(ModelConfig config) {
      return TensorTable.gpt2(config);
    }

    @Override
    List<ConfigKey> keys() {
      List<ConfigKey> keys = new ArrayList<>();
      keys.add(ConfigKey.whole("vocab_size", ROWS));
      keys.add(ConfigKey.whole("n_layer", "layers"));
      keys.add(ConfigKey.whole("n_embd", "width"));
      keys.add(ConfigKey.whole("n_head", "heads"));
      keys.add(ConfigKey.whole("n_inner", "mlp_hidden", model -> 4 * (int) model.get("width")));
      keys.add(ConfigKey.whole("n_positions", "context", model -> 1024));
      keys.add(ConfigKey.number("layer_norm_epsilon", "norm_eps", 1e-5));
      keys.add(ConfigKey.word("activation_function", "gelu_new", "mlp", GELUS));
      keys.add(ConfigKey.flag("tie_word_embeddings", true, "tied"));
      keys.add(ConfigKey.only("scale_attn_weights", true));
      keys.add(ConfigKey.only("scale_attn_by_inverse_layer_idx", false));
      keys.add(ConfigKey.only("add_cross_attention", false));
      keys.add(ConfigKey.always("positions", "learned"));
      keys.add(ConfigKey.always("norm", "layer"));
      for (String bias : List.of("bias_norm", "bias_qkv", "bias_out", "bias_mlp")) {
        keys.add(ConfigKey.always(bias, true));
      }
      keys.addAll(plainHeads());
      keys.add(ConfigKey.always("qk_norm", false));
      keys.add(ConfigKey.always("parallel", false));
      keys.add(NO_CAP);
      return keys;
    }
  },

  /** GPT-NeoX, Pythia. */
  GPT_NEOX("GPTNeoXForCausalLM", "gpt_neox") {
    @Override
    TensorTable.Names names(ModelConfig config) {
      return TensorTable.neox(config);
    }

    @Override
    List<ConfigKey> keys() {
      List<ConfigKey> keys = new ArrayList<>();
      keys.add(ConfigKey.whole("vocab_size", ROWS));
      keys.add(ConfigKey.whole("num_hidden_layers", "layers"));
      keys.add(ConfigKey.whole("hidden_size", "width"));
      keys.add(ConfigKey.whole("num_attention_heads", "heads"));
      keys.add(ConfigKey.whole("intermediate_size", "mlp_hidden"));
      keys.add(ConfigKey.whole("max_position_embeddings", "context", model -> 2048));
      keys.add(ConfigKey.number("layer_norm_eps", "norm_eps", 1e-5));
      keys.add(ConfigKey.word("hidden_act", "gelu", "mlp", GELUS));
      keys.add(ConfigKey.flag("tie_word_embeddings", false, "tied"));
      keys.add(ConfigKey.flag("use_parallel_residual", true, "parallel"));
      keys.add(ConfigKey.flag("attention_bias", true, "bias_qkv", "bias_out"));
      keys.add(new RotaryKeys("rotary_emb_base", Optional.of("rotary_pct")));
      keys.add(ConfigKey.always("norm", "layer"));
      keys.add(ConfigKey.always("bias_norm", true));
      keys.add(ConfigKey.always("bias_mlp", true));
      keys.addAll(plainHeads());
      keys.add(ConfigKey.always("qk_norm", false));
      keys.add(NO_CAP);
      return keys;
    }
  };

  /** Rows of the embedding, which the model section has as a multiple of the vocabulary. */
  static final String ROWS = "vocab_multiple";

  private static final List<List<String>> GELUS =
      List.of(
          List.of("gelu_new", "gelu_tanh"),
          List.of("gelu_pytorch_tanh", "gelu_tanh"),
          List.of("gelu_fast", "gelu_tanh"),
          List.of("gelu", "gelu"),
          List.of("gelu_python", "gelu"));

  private static final ConfigKey NO_CAP = ConfigKey.always("logit_cap", "none");

  private final String architecture;
  private final String modelType;

  Family(String architecture, String modelType) {
    this.architecture = architecture;
    this.modelType = modelType;
  }

  /** The names of its tensors. */
  TensorTable.Names names(ModelConfig config) {
    return TensorTable.llama(config);
  }

  /** The keys of {@code config.json}, those before that others follow from. */
  abstract List<ConfigKey> keys();

  String architecture() {
    return architecture;
  }

  private static List<ConfigKey> likeLlama(
      double eps, int context, ConfigKey keyHeads, ConfigKey headWidth) {
    List<ConfigKey> keys = new ArrayList<>();
    keys.add(ConfigKey.whole("vocab_size", ROWS));
    keys.add(ConfigKey.whole("num_hidden_layers", "layers"));
    keys.add(ConfigKey.whole("hidden_size", "width"));
    keys.add(ConfigKey.whole("num_attention_heads", "heads"));
    keys.add(keyHeads);
    keys.add(headWidth);
    keys.add(ConfigKey.whole("intermediate_size", "mlp_hidden"));
    keys.add(ConfigKey.whole("max_position_embeddings", "context", model -> context));
    keys.add(ConfigKey.number("rms_norm_eps", "norm_eps", eps));
    keys.add(ConfigKey.word("hidden_act", "silu", "mlp", List.of(List.of("silu", "swiglu"))));
    keys.add(ConfigKey.flag("tie_word_embeddings", false, "tied"));
    keys.add(new RotaryKeys("rope_theta", Optional.empty()));
    keys.add(ConfigKey.always("norm", "rms"));
    keys.add(ConfigKey.always("bias_norm", false));
    keys.add(ConfigKey.always("parallel", false));
    keys.add(NO_CAP);
    return keys;
  }

  private static ConfigKey keyHeads() {
    return ConfigKey.whole(
        "num_key_value_heads", "kv_heads", model -> (Integer) model.get("heads"));
  }

  private static ConfigKey headWidth() {
    return ConfigKey.whole("head_dim", "head_width", Family::even);
  }

  /** Layouts whose heads share the width and have keys of their own. */
  private static List<ConfigKey> plainHeads() {
    return List.of(
        implied("kv_heads", model -> (Integer) model.get("heads")),
        implied("head_width", Family::even));
  }

  private static int even(Map<String, Object> model) {
    int width = (Integer) model.get("width");
    int heads = (Integer) model.get("heads");
    if (width % heads != 0) {
      throw new InputException("%s heads do not divide the width %s".formatted(heads, width));
    }
    return width / heads;
  }

  private static ConfigKey implied(String own, Function<Map<String, Object>, Object> value) {
    return new ConfigKey() {
      @Override
      public void read(ConfigReader json, Map<String, Object> model) {
        model.put(own, value.apply(model));
      }

      @Override
      public void write(Map<String, Object> model, ObjectNode json, String layout) {
        ConfigKey.require(model, own, value.apply(model), layout);
      }
    };
  }

  /** The family of a configuration: by its architecture, else by its type. */
  static Family of(ConfigReader json) {
    List<String> all = Arrays.stream(values()).map(Family::architecture).toList();
    String named =
        json.get("architectures")
            .map(list -> list.isArray() ? list.path(0).asText() : list.asText())
            .orElse("");
    String type = json.get("model_type").map(node -> node.asText()).orElse("");
    for (Family family : values()) {
      if (named.isEmpty() ? family.modelType.equals(type) : family.architecture.equals(named)) {
        if (!type.isEmpty() && !family.modelType.equals(type)) {
          throw json.bad("model_type", type, family.modelType + ", the one of " + named);
        }
        return family;
      }
    }
    throw named.isEmpty()
        ? json.bad("model_type", type.isEmpty() ? "absent" : type, "a model of " + all)
        : json.bad("architectures", named, "one of " + String.join(", ", all));
  }

  /** The family that a model of ours is written as: the only one that it can belong to. */
  static Family of(ModelConfig config) {
    if (config.positions() == Positions.LEARNED) {
      return GPT2;
    } else if (config.positions() == Positions.NONE) {
      throw InputException.badValue(
          "model.positions", "none", "rotary or learned: no layout that is written has it");
    } else if (config.norm() == Norm.LAYER) {
      return GPT_NEOX;
    } else if (config.qkNorm()) {
      return QWEN3;
    }
    return config.biasQkv() && !config.biasOut() ? QWEN2 : LLAMA;
  }

  /** Reads the model section from {@code config.json}, its whole context included. */
  Map<String, Object> read(ConfigReader json) {
    Map<String, Object> model = new LinkedHashMap<>();
    keys().forEach(key -> key.read(json, model));
    json.requireAllUnderstood();
    return model;
  }

  /**
   * Writes {@code config.json}.
   *
   * @param config of the model
   * @param rows of its embedding
   * @throws InputException if the layout cannot express it, naming the key
   */
  ObjectNode write(ModelConfig config, int rows) {
    Map<String, Object> model =
        new LinkedHashMap<>(Configs.toMap(RunConfig.defaults().with(config)).get("model"));
    model.put("kv_heads", config.keyHeads());
    model.put("head_width", config.headSize());
    model.put(ROWS, rows);
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.putArray("architectures").add(architecture);
    json.put("model_type", modelType);
    keys().forEach(key -> key.write(model, json, architecture));
    return json;
  }

  /** The tensors of a model. */
  TensorTable tensors(ModelConfig config, int rows) {
    return new TensorTable(names(config), config, rows);
  }
}
