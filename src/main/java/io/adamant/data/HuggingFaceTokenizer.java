package io.adamant.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import io.adamant.base.TextFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A tokenizer from a local Hugging Face {@code tokenizer.json}, run by DJL's binding of the Hugging
 * Face tokenizers library.
 *
 * <p>Its whole vocabulary is used: 1 + the largest id in the file, added tokens included. End of
 * text is the first of {@link #END_OF_TEXT_NAMES} among the added tokens. Unlike {@link
 * Gpt2Tokenizer}, it also maps the names of added tokens inside a text to their ids, because the
 * library does.
 */
public final class HuggingFaceTokenizer implements Tokenizer {
  /** What tokenizer files call end-of-text, in the order in which they are looked for. */
  public static final List<String> END_OF_TEXT_NAMES =
      List.of("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|im_end|>");

  private final ai.djl.huggingface.tokenizers.HuggingFaceTokenizer library;
  private final int vocab;
  private final int endOfText;
  private final String identity;

  private HuggingFaceTokenizer(
      ai.djl.huggingface.tokenizers.HuggingFaceTokenizer library,
      int vocab,
      int endOfText,
      String identity) {
    this.library = library;
    this.vocab = vocab;
    this.endOfText = endOfText;
    this.identity = identity;
  }

  /**
   * Loads a tokenizer.
   *
   * @param file a {@code tokenizer.json}
   * @return the tokenizer, to be closed by the caller
   * @throws InputException if the file cannot be read, is no tokenizer or names no end-of-text
   */
  public static HuggingFaceTokenizer open(Path file) {
    byte[] json;
    try {
      json = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new InputException(
          "data.tokenizer: cannot read %s: %s".formatted(file.toAbsolutePath(), Failure.reason(e)),
          e);
    }
    JsonNode root = parse(file, json);
    int vocab = vocabularySize(file, root);
    int endOfText =
        endOfText(root)
            .orElseThrow(
                () ->
                    new InputException(
                        "data.tokenizer: %s has no end-of-text among its added tokens; allowed: %s"
                            .formatted(file, String.join(" ", END_OF_TEXT_NAMES))));
    String identity = "huggingface " + new Sha256().add(java.nio.ByteBuffer.wrap(json)).hex();
    return new HuggingFaceTokenizer(load(file, json), vocab, endOfText, identity);
  }

  private static JsonNode parse(Path file, byte[] json) {
    try {
      JsonNode root = Json.MAPPER.readTree(json);
      if (root.path("model").path("vocab").isContainerNode()) {
        return root;
      }
    } catch (JsonProcessingException e) {
      throw noTokenizer(file, "it is not JSON", e);
    } catch (IOException e) {
      throw noTokenizer(file, Failure.reason(e), e);
    }
    throw noTokenizer(file, "it has no model.vocab", new IOException("no model.vocab"));
  }

  /** One more than the largest id; a model's vocabulary maps names to ids, or lists by id. */
  private static int vocabularySize(Path file, JsonNode root) {
    JsonNode vocab = root.path("model").path("vocab");
    int largest = vocab.isArray() ? vocab.size() - 1 : -1;
    if (vocab.isObject()) {
      for (JsonNode id : vocab) {
        largest = Math.max(largest, id.asInt(-1));
      }
    }
    for (JsonNode token : root.path("added_tokens")) {
      largest = Math.max(largest, token.path("id").asInt(-1));
    }
    if (largest < 1) {
      throw noTokenizer(file, "its vocabulary is empty", new IOException("empty vocabulary"));
    }
    return largest + 1;
  }

  private static OptionalInt endOfText(JsonNode root) {
    for (String name : END_OF_TEXT_NAMES) {
      for (JsonNode token : root.path("added_tokens")) {
        if (token.path("content").asText().equals(name) && token.path("id").isInt()) {
          return OptionalInt.of(token.path("id").asInt());
        }
      }
    }
    return OptionalInt.empty();
  }

  private static ai.djl.huggingface.tokenizers.HuggingFaceTokenizer load(Path file, byte[] json) {
    // Without a flavor DJL may look for a CUDA build of this CPU library on the network.
    if (System.getenv("RUST_FLAVOR") == null && System.getProperty("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", "cpu");
    }
    // By default the binding truncates to 512 tokens and adds the model's special tokens.
    Map<String, String> options =
        Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");
    try {
      return ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(TextFile.text(json).getBytes(StandardCharsets.UTF_8)), options);
    } catch (IOException | RuntimeException e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      throw noTokenizer(file, reason.lines().findFirst().orElse("unknown reason"), e);
    } catch (NoClassDefFoundError e) {
      throw new InputException(
          "data.tokenizer: %s needs the dependency ai.djl.huggingface:tokenizers, which is not on the class path"
              .formatted(file),
          e);
    }
  }

  private static InputException noTokenizer(Path file, String why, Exception cause) {
    return new InputException(
        "data.tokenizer: %s is not a Hugging Face tokenizer.json: %s".formatted(file, why), cause);
  }

  @Override
  public int[] encode(String text) {
    long[] ids = library.encode(text, false, false).getIds();
    int[] tokens = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = Math.toIntExact(ids[i]);
    }
    return tokens;
  }

  @Override
  public String decode(int[] tokens) {
    long[] ids = new long[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocab) {
        throw new IllegalArgumentException(
            "token must be between 0 and " + (vocab - 1) + ", found " + tokens[i]);
      }
      ids[i] = tokens[i];
    }
    return library.decode(ids, false);
  }

  @Override
  public int vocabularySize() {
    return vocab;
  }

  @Override
  public int endOfText() {
    return endOfText;
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public void close() {
    library.close();
  }
}
