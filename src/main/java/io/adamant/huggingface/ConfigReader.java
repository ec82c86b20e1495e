package io.adamant.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A {@code config.json} that is being read, and which of its keys were understood. */
final class ConfigReader {

  /** Keys without influence on what a model computes in evaluation. */
  private static final Set<String> HARMLESS =
      Set.of(
          // What it is and how it was stored.
          "architectures",
          "model_type",
          "torch_dtype",
          "dtype",
          "transformers_version",
          "transformers.js_config",
          "tokenizer_class",
          "name_or_path",
          "is_llama_config",
          "unsloth_version",
          "unsloth_fixed",
          // Training.
          "initializer_range",
          "attention_dropout",
          "hidden_dropout",
          "attn_pdrop",
          "embd_pdrop",
          "resid_pdrop",
          "classifier_dropout",
          "gradient_checkpointing",
          // The same numbers, computed otherwise.
          "pretraining_tp",
          "reorder_and_upcast_attn",
          "use_cache",
          "chunk_size_feed_forward",
          "attn_implementation",
          "n_ctx", // n_positions counts
          // Tokens of the tokenizer.
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "sep_token_id",
          "decoder_start_token_id",
          // What is returned, and heads for other tasks.
          "return_dict",
          "output_scores",
          "output_attentions",
          "output_hidden_states",
          "return_dict_in_generate",
          "id2label",
          "label2id",
          "num_labels",
          "problem_type",
          "finetuning_task",
          "task_specific_params",
          "summary_activation",
          "summary_first_dropout",
          "summary_proj_to_labels",
          "summary_type",
          "summary_use_proj",
          // Sampling.
          "do_sample",
          "early_stopping",
          "num_beams",
          "num_beam_groups",
          "num_return_sequences",
          "diversity_penalty",
          "temperature",
          "top_k",
          "top_p",
          "typical_p",
          "repetition_penalty",
          "length_penalty",
          "no_repeat_ngram_size",
          "encoder_no_repeat_ngram_size",
          "bad_words_ids",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "exponential_decay_length_penalty",
          "suppress_tokens",
          "begin_suppress_tokens",
          "max_length",
          "max_new_tokens",
          "min_length",
          "prefix");

  private final Path path;
  private final JsonNode root;
  private final Set<String> known = new HashSet<>(HARMLESS);

  ConfigReader(Path path, JsonNode root) {
    this.path = path;
    this.root = root;
  }

  /** The value of a key, which is understood from now on; empty where it is absent or null. */
  Optional<JsonNode> get(String key) {
    known.add(key);
    JsonNode value = root.path(key);
    return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  /** A whole number above 0. */
  Optional<Integer> whole(String key) {
    return get(key)
        .map(
            value -> {
              if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < 1) {
                throw bad(key, value, "a whole number above 0");
              }
              return value.asInt();
            });
  }

  /** A finite number. */
  Optional<Double> number(String key) {
    return get(key).map(value -> number(key, value));
  }

  private double number(String key, JsonNode value) {
    if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
      throw bad(key, value, "a finite number");
    }
    return value.asDouble();
  }

  /** A finite number of an object that the configuration holds. */
  Optional<Double> number(String key, JsonNode object, String inner) {
    JsonNode value = object.path(inner);
    return value.isMissingNode() || value.isNull()
        ? Optional.empty()
        : Optional.of(number(key + "." + inner, value));
  }

  Optional<Boolean> flag(String key) {
    return get(key)
        .map(
            value -> {
              if (!value.isBoolean()) {
                throw bad(key, value, "true or false");
              }
              return value.asBoolean();
            });
  }

  InputException bad(String key, Object found, String expected) {
    return new InputException("%s: %s is %s; expected: %s".formatted(path, key, found, expected));
  }

  InputException missing(String key) {
    return new InputException("%s: %s is absent".formatted(path, key));
  }

  /**
   * Refuses a key that nobody understood: it may make the model another one. What is off, or begins
   * with an underscore as what is only for the program that wrote it, passes.
   */
  void requireAllUnderstood() {
    Set<String> keys = new TreeSet<>();
    root.fieldNames().forEachRemaining(keys::add);
    for (String key : keys) {
      JsonNode value = root.get(key);
      boolean off =
          value.isNull()
              || (value.isBoolean() && !value.asBoolean())
              || (value.isContainerNode() && value.isEmpty());
      if (!known.contains(key) && !off && !key.startsWith("_")) {
        throw new InputException(
            "%s: %s is %s, and what it does to the model is not known here"
                .formatted(path, key, value));
      }
    }
  }
}
