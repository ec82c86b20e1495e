package io.adamant.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Suggestion;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One of the sources that a corpus is made of.
 *
 * @param name {@code wordnet}, a path or a pattern of paths
 * @param field where the text lies in files that have more than text
 * @param weight its share of the windows in a mixture, relative to the other sources'
 */
record CorpusSource(String name, TextField field, Optional<BigDecimal> weight) {
  private static final List<String> KEYS = List.of("path", "field", "nulls", "weight");

  /**
   * The sources that a text names: itself the name of one, or a JSON list (or a single object) of
   * names and of objects with {@code path}, {@code field}, {@code nulls} and {@code weight}, as the
   * configuration makes it of YAML.
   *
   * @param key the configuration key, for messages
   * @param text its value
   * @throws InputException if an entry is not of that form
   */
  static List<CorpusSource> parse(String key, String text) {
    Optional<JsonNode> list = list(text);
    if (list.isEmpty()) {
      return List.of(new CorpusSource(text, TextField.DEFAULT, Optional.empty()));
    }
    if (list.get().isEmpty()) {
      throw new InputException(key + " is an empty list; allowed: at least one source");
    }
    if (list.get().isObject()) {
      return List.of(of(key, list.get()));
    }
    List<CorpusSource> sources = new ArrayList<>();
    for (JsonNode entry : list.get()) {
      sources.add(of(key + " entry " + (sources.size() + 1), entry));
    }
    long weighted = sources.stream().filter(source -> source.weight.isPresent()).count();
    if (weighted > 0 && weighted < sources.size()) {
      throw new InputException(
          "%s: %s of %s sources have a weight; allowed: all of them, for a mixture, or none, to read one after the other"
              .formatted(key, weighted, sources.size()));
    }
    return sources;
  }

  /** The list or the object in a text; empty for all other texts, which are names. */
  private static Optional<JsonNode> list(String text) {
    if (!text.startsWith("[") && !text.startsWith("{")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.MAPPER.readTree(text));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static CorpusSource of(String where, JsonNode entry) {
    if (entry.isTextual()) {
      return new CorpusSource(entry.textValue(), TextField.DEFAULT, Optional.empty());
    }
    if (!entry.isObject()) {
      throw new InputException(
          "%s is %s; allowed: a path, or a mapping with %s"
              .formatted(where, entry, String.join(", ", KEYS)));
    }
    entry
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!KEYS.contains(name)) {
                throw new InputException(
                    "%s: unknown key '%s'%s; allowed: %s"
                        .formatted(
                            where, name, Suggestion.aside(name, KEYS), String.join(", ", KEYS)));
              }
            });
    String path = entry.path("path").asText("");
    if (path.isBlank()) {
      throw new InputException(where + " has no path; expected: path, and what else it needs");
    }
    String field = entry.path("field").asText(TextField.DEFAULT.name());
    if (field.isBlank()) {
      throw new InputException(where + ": field is empty; allowed: the name of a field or column");
    }
    String nulls = entry.path("nulls").asText("refuse");
    if (!nulls.equals("skip") && !nulls.equals("refuse")) {
      throw new InputException("%s: nulls is %s; allowed: refuse, skip".formatted(where, nulls));
    }
    TextField text = new TextField(field, nulls.equals("skip"));
    return new CorpusSource(path, text, weight(where, entry.path("weight")));
  }

  private static Optional<BigDecimal> weight(String where, JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    try {
      BigDecimal weight = new BigDecimal(node.asText());
      if (weight.signum() > 0 && Math.abs(weight.scale()) <= 18 && weight.precision() <= 18) {
        return Optional.of(weight);
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw new InputException(
        "%s: weight is %s; allowed: a number above 0".formatted(where, node.asText()));
  }
}
