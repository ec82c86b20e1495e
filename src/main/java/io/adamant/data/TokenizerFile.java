package io.adamant.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import io.adamant.base.StorageException;
import io.adamant.base.TextFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * A Hugging Face {@code tokenizer.json} as it reads, without the library that runs it.
 *
 * @param path of the file
 * @param sha256 of the file
 * @param json its text
 * @param root of the JSON, with a {@code model.vocab}
 */
record TokenizerFile(Path path, String sha256, String json, JsonNode root) {
  /**
   * What tokenizer files call end-of-text, in the order in which they are looked for: ends of texts
   * before ends of turns in a dialogue, which files of tuned models have beside them.
   */
  static final List<String> END_OF_TEXT_NAMES =
      List.of(
          "<|endoftext|>", // GPT-2, GPT-NeoX, Qwen, StarCoder, Phi
          "<|end_of_text|>", // Llama 3
          "</s>", // Llama 2, Mistral, T5, XLM-R, BLOOM
          "<eos>", // Gemma
          "<|im_end|>",
          "<|eos|>",
          "<\uff5cend\u2581of\u2581sentence\uff5c>", // DeepSeek
          "<EOS_TOKEN>", // Command
          "[EOS]",
          "<EOT>",
          "[SEP]", // BERT
          "<sep>", // XLNet
          "<|eot_id|>",
          "<|END_OF_TURN_TOKEN|>",
          "<end_of_turn>");

  private static int firstInvalid(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    StandardCharsets.UTF_8.newDecoder().decode(in, CharBuffer.allocate(bytes.length), true);
    return in.position();
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it cannot be read or is no tokenizer
   */
  static TokenizerFile read(Path path) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(path);
    } catch (IOException e) {
      throw new InputException(
          "data.tokenizer: cannot read %s: %s"
              .formatted(path.toAbsolutePath(), StorageException.reason(e)),
          e);
    }
    String json;
    JsonNode root;
    try {
      json = TextFile.text(bytes);
      root = Json.MAPPER.readTree(json);
    } catch (CharacterCodingException e) {
      throw noTokenizer(path, "it is not UTF-8, at byte offset " + firstInvalid(bytes), e);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
      throw noTokenizer(path, "it is not JSON, at line %s column %s".formatted(line, column), e);
    }
    if (!root.path("model").path("vocab").isContainerNode()) {
      throw noTokenizer(path, "it has no model.vocab", new IOException("no model.vocab"));
    }
    if (root.path("model").path("dropout").asDouble(0) > 0) {
      throw new InputException(
          "data.tokenizer: the ids of %s are random: set its model.dropout to null"
              .formatted(path));
    }
    String sha256 = new Sha256().add(ByteBuffer.wrap(bytes)).hex();
    return new TokenizerFile(path, sha256, json, root);
  }

  /** One more than the largest id; a model's vocabulary maps names to ids, or lists by id. */
  int vocabularySize() {
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
      throw noTokenizer(path, "its vocabulary is empty", new IOException("empty vocabulary"));
    }
    return largest + 1;
  }

  /** The id of the first of the known names that it has. */
  int endOfText() {
    return END_OF_TEXT_NAMES.stream()
        .map(this::added)
        .filter(OptionalInt::isPresent)
        .mapToInt(OptionalInt::getAsInt)
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "data.tokenizer: %s has no end-of-text among its added tokens; known are %s; name its own as data.end_of_text"
                        .formatted(path, String.join(" ", END_OF_TEXT_NAMES))));
  }

  /** The id of a token that the user names: an added one, or one of the model. */
  int endOfText(String name) {
    OptionalInt added = added(name);
    return added.orElseGet(
        () ->
            ofModel(name)
                .orElseThrow(
                    () ->
                        new InputException(
                            "data.end_of_text: %s has no token '%s'".formatted(path, name))));
  }

  private OptionalInt added(String name) {
    for (JsonNode token : root.path("added_tokens")) {
      if (token.path("content").asText().equals(name) && token.path("id").isInt()) {
        return OptionalInt.of(token.path("id").asInt());
      }
    }
    return OptionalInt.empty();
  }

  private OptionalInt ofModel(String name) {
    JsonNode vocab = root.path("model").path("vocab");
    if (vocab.path(name).isInt()) {
      return OptionalInt.of(vocab.path(name).asInt());
    }
    for (int id = 0; vocab.isArray() && id < vocab.size(); id++) {
      if (vocab.path(id).path(0).asText().equals(name)) {
        return OptionalInt.of(id);
      }
    }
    return OptionalInt.empty();
  }

  static InputException noTokenizer(Path path, String why, Exception cause) {
    return new InputException(
        "data.tokenizer: %s is not a Hugging Face tokenizer.json: %s".formatted(path, why), cause);
  }
}
