package io.adamant.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a run's numbers come from: source, versions, machine, data, model; the content of {@code
 * manifest.json}.
 *
 * @param facts texts, numbers, truth values and lists; what is unknown is left out
 */
public record Manifest(Map<Key, Object> facts) {

  /** The content of a manifest, in the order of the file. */
  public enum Key {
    /** Version of Adamant. */
    VERSION("adamant_version"),
    /** Git commit of its source. */
    COMMIT("source_commit"),
    /** Git commit of the checkout that the configuration's file lies in; absent outside one. */
    CONFIG_COMMIT("config_commit"),
    /** Version of the arithmetic. */
    NUMERICS("numerics_version"),
    /** Identity of the run. */
    RUN_ID("run_id"),
    /** Version of DJL. */
    DJL("djl"),
    /** Version of libtorch. */
    LIBTORCH("libtorch"),
    /** The Java virtual machine. */
    JDK("jdk"),
    /** The operating system. */
    OS("os"),
    /** Name of the processor. */
    CPU("cpu"),
    /** Its cores. */
    CORES("cores"),
    /** {@code cpu} or {@code gpu}. */
    DEVICE("device"),
    /** Threads of the engine. */
    THREADS("threads"),
    /** Which kernels computed. */
    KERNEL_PATH("kernel_path"),
    /** Sequences computed at once. */
    MICRO_BATCH("micro_batch"),
    /** Why that many. */
    MICRO_BATCH_SOURCE("micro_batch_source"),
    /** Whether matrix products were rounded to TF32. */
    TF32("tf32"),
    /** Whether the kernels are deterministic. */
    DETERMINISTIC("deterministic"),
    /** The corpus in words. */
    DATA_DESCRIPTION("data.description"),
    /** How many files were read; absent for a corpus without files of the user's. */
    FILE_COUNT("data.file_count"),
    /** The first of them, each with its path, bytes and SHA-256. */
    FILES("data.files"),
    /** Hash of the tokens. */
    DATA_SHA256("data.sha256"),
    /** Identity of the tokenizer. */
    TOKENIZER("data.tokenizer"),
    /** Tokens to train on. */
    TRAIN_TOKENS("data.train_tokens"),
    /** Tokens to validate on. */
    VALIDATION_TOKENS("data.validation_tokens"),
    /** Bytes of UTF-8 that the training tokens stand for; absent where unknown. */
    TRAIN_BYTES("data.train_bytes"),
    /** Bytes of UTF-8 that the validation tokens stand for; absent where unknown. */
    VALIDATION_BYTES("data.validation_bytes"),
    /** Identity of the validation text, whatever the tokenizer; absent where unknown. */
    VALIDATION_TEXT("data.validation_text_sha256"),
    /** Documents in the corpus. */
    DOCUMENTS("data.documents"),
    /** Whole documents to validate on; absent where the tokenizer does not tell documents. */
    VALIDATION_DOCUMENTS("data.validation_documents"),
    /** How many of them also stand in the training text. */
    REPEATED_DOCUMENTS("data.validation_documents_in_training"),
    /** Their tokens. */
    REPEATED_TOKENS("data.validation_tokens_in_training"),
    /** Loss of a model that knows only how often each token occurs, nats per token. */
    UNIGRAM_CROSS_ENTROPY("data.unigram_cross_entropy"),
    /** The same in bits per byte; absent where the bytes are unknown. */
    UNIGRAM_BITS_PER_BYTE("data.unigram_bits_per_byte"),
    /** How often the run sees the training set. */
    EPOCHS("data.epochs"),
    /** What is worth saying about the data, a list. */
    WARNINGS("data.warnings"),
    /** Number of parameters. */
    PARAMETERS("model.parameters"),
    /** How many of them are trained; absent where none is frozen. */
    TRAINED_PARAMETERS("model.trained_parameters"),
    /** Floating-point operations per trained token. */
    FLOPS_PER_TOKEN("model.flops_per_token"),
    /** Hash of the weights that the run started from; absent for random ones. */
    INIT_SHA256("init_from.sha256"),
    /** The architecture of an imported model, such as LlamaForCausalLM. */
    INIT_ARCHITECTURE("init_from.architecture"),
    /** Hash of the checkpoint that the run branched off from; absent for others. */
    BRANCH_SHA256("branch.checkpoint_sha256"),
    /** The run that it belongs to. */
    BRANCH_RUN("branch.run_id"),
    /** The run's seed. */
    SEED("seed"),
    /** When it was begun, UTC. */
    STARTED("started"),
    /** Name of the machine. */
    HOST("host"),
    /** The processes that trained the run, if they were unlike: first step, threads, host. */
    PARTS("parts");

    private final String path;

    Key(String path) {
      this.path = path;
    }

    /**
     * The key in the file.
     *
     * @return dotted, such as {@code data.sha256}
     */
    public String path() {
      return path;
    }
  }

  /** Takes a copy. */
  public Manifest {
    Map<Key, Object> ordered = new EnumMap<>(Key.class);
    ordered.putAll(facts);
    facts = Collections.unmodifiableMap(ordered);
  }

  /**
   * A fact as text.
   *
   * @param key which
   * @return its text, empty where the manifest lacks it
   */
  public String text(Key key) {
    return facts.getOrDefault(key, "").toString();
  }

  /**
   * A fact that is a number.
   *
   * @param key which
   * @return its value, NaN where the manifest lacks it or it is no number
   */
  public double number(Key key) {
    try {
      return Double.parseDouble(text(key));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /**
   * What is worth saying about the data.
   *
   * @return sentences
   */
  public List<String> warnings() {
    return facts.get(Key.WARNINGS) instanceof List<?> list
        ? list.stream().map(Object::toString).toList()
        : List.of();
  }

  /**
   * The same with one more fact.
   *
   * @param key which
   * @param value a text, number, truth value or list
   * @return a copy
   */
  public Manifest with(Key key, Object value) {
    Map<Key, Object> all = new EnumMap<>(Key.class);
    all.putAll(facts);
    all.put(key, value);
    return new Manifest(all);
  }

  /** Nested as in the file. */
  Map<String, Object> toMap() {
    Map<String, Object> root = new LinkedHashMap<>();
    facts.forEach(
        (key, value) -> {
          String[] path = key.path.split("\\.", -1);
          Map<String, Object> into = path.length > 1 ? section(root, path[0]) : root;
          into.put(path[path.length - 1], value);
        });
    return root;
  }

  @SuppressWarnings("unchecked") // only sections are maps
  private static Map<String, Object> section(Map<String, Object> root, String name) {
    return (Map<String, Object>) root.computeIfAbsent(name, n -> new LinkedHashMap<>());
  }

  /** Empty where there is no such file. */
  static Manifest read(Path file) {
    JsonNode root = Json.object(file);
    Map<Key, Object> facts = new EnumMap<>(Key.class);
    for (Key key : Key.values()) {
      JsonNode value = root.at("/" + key.path.replace('.', '/'));
      if (value.isArray() || (value.isValueNode() && !value.isNull())) {
        facts.put(key, Json.MAPPER.convertValue(value, Object.class));
      }
    }
    return new Manifest(facts);
  }
}
