package io.adamant.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import java.nio.file.Path;

/**
 * The tokens that a folder's model expects around a text.
 *
 * @param begin the name of the token before a text; empty for none
 * @param end the name of the token behind it; empty where the folder does not say
 */
public record SpecialTokens(String begin, String end) {

  /**
   * Reads what {@code tokenizer_config.json} says: {@code bos_token} where {@code add_bos_token} is
   * true, and {@code eos_token}. Where it does not say whether a token is added, the post-processor
   * of {@code tokenizer.json} does, whose template begins with a special token or not.
   *
   * @param folder in the layout of Hugging Face; either file may be missing
   * @return the names
   * @throws io.adamant.base.InputException if a file is no JSON object
   */
  public static SpecialTokens read(Path folder) {
    JsonNode config = Json.object(folder.resolve("tokenizer_config.json"));
    JsonNode added = config.path("add_bos_token");
    String begin =
        added.isBoolean()
            ? (added.asBoolean() ? name(config.path("bos_token")) : "")
            : first(Json.object(folder.resolve("tokenizer.json")).path("post_processor"));
    return new SpecialTokens(begin, name(config.path("eos_token")));
  }

  /** A token is its name, or an object with its name and how it is found. */
  private static String name(JsonNode token) {
    return token.isObject() ? token.path("content").asText() : token.asText("");
  }

  /** The special token that a template puts before the text. */
  private static String first(JsonNode processor) {
    for (JsonNode part : processor.path("processors")) { // one after the other
      String found = first(part);
      if (!found.isEmpty()) {
        return found;
      }
    }
    return processor.path("single").path(0).path("SpecialToken").path("id").asText("");
  }
}
