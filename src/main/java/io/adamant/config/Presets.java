package io.adamant.config;

import io.adamant.base.InputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Models by name: {@code model.preset} gives the other keys of the section their defaults. It is
 * resolved before a run is: a run has the keys and not the name. Each is its authors' published
 * configuration, except for the vocabulary, which is the data's, and initial weights.
 */
final class Presets {
  /** The key that names one; it is no key of a resolved run. */
  static final String KEY = "model.preset";

  private static final Map<String, String> YAML = new LinkedHashMap<>();

  static {
    // Radford et al. 2019, the smallest of them; 124,439,808 parameters with GPT-2's vocabulary.
    String gpt2 =
        """
        layers: 12
        width: 768
        heads: 12
        context: 1024
        mlp: gelu_tanh
        mlp_hidden: 3072
        norm: layer
        norm_eps: 1.0e-5
        positions: learned
        tied: true
        """;
    String biases =
        """
        bias_norm: true
        bias_qkv: true
        bias_out: true
        bias_mlp: true
        """;
    YAML.put("gpt2", gpt2 + biases);
    // github.com/karpathy/nanoGPT, with bias=False: exact GELU, 50,304 rows of the embedding.
    YAML.put("nanogpt", gpt2.replace("gelu_tanh", "gelu") + "vocab_multiple: 64\n");
    // Allal et al. 2025; 134,515,008 parameters with its vocabulary of 49,152.
    YAML.put(
        "smollm2-135m",
        """
        layers: 30
        width: 576
        heads: 9
        kv_heads: 3
        context: 8192
        mlp_hidden: 1536
        norm_eps: 1.0e-5
        rotary_base: 100000
        tied: true
        """);
    // Yang et al. 2025; 596,049,920 parameters with its vocabulary of 151,936.
    YAML.put(
        "qwen3-0.6b",
        """
        layers: 28
        width: 1024
        heads: 16
        kv_heads: 8
        head_width: 128
        context: 40960
        mlp_hidden: 3072
        rotary_base: 1000000
        qk_norm: true
        tied: true
        vocab_multiple: 128
        """);
    // Biderman et al. 2023; 162,322,944 parameters with its vocabulary of 50,304.
    YAML.put(
        "pythia-160m",
        """
        layers: 12
        width: 768
        heads: 12
        context: 2048
        mlp: gelu
        mlp_hidden: 3072
        norm: layer
        norm_eps: 1.0e-5
        rotary: 0.25
        rotary_base: 10000
        parallel: true
        vocab_multiple: 128
        """
            + biases);
  }

  private Presets() {}

  /** Settings with those of the preset that they name below them, and without its name. */
  static WrittenSettings resolved(WrittenSettings settings) {
    Optional<YamlNode.Scalar> named = settings.get(KEY);
    if (named.isEmpty()) {
      return settings;
    }
    Map<String, YamlNode.Scalar> values =
        new LinkedHashMap<>(settings(settings.text(KEY, allowed())).values());
    values.putAll(settings.values());
    values.remove(KEY);
    return new WrittenSettings(values);
  }

  /**
   * The settings of a preset.
   *
   * @throws InputException if there is none of this name
   */
  static WrittenSettings settings(String name) {
    String yaml = YAML.get(name);
    if (yaml == null) {
      throw InputException.badValue(KEY, name, allowed());
    }
    YamlNode section = YamlText.parseFile(yaml, "preset " + name);
    return WrittenSettings.of(new YamlNode.Mapping(Map.of("model", section), section.origin()));
  }

  private static String allowed() {
    return String.join(", ", YAML.keySet());
  }
}
