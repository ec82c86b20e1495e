package io.adamant.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a run came from, from {@code manifest.json}: versions, machine, data, model.
 *
 * @param entries texts by dotted key, such as {@code data.sha256}, in the order of the file
 * @param warnings what the data room found worth saying
 */
public record Manifest(Map<String, String> entries, List<String> warnings) {

  /** Takes copies. */
  public Manifest {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    warnings = List.copyOf(warnings);
  }

  /**
   * An entry.
   *
   * @param key dotted
   * @return its text, empty where the manifest lacks it
   */
  public String text(String key) {
    return entries.getOrDefault(key, "");
  }

  /**
   * An entry that is a number.
   *
   * @param key dotted
   * @return its value, NaN where the manifest lacks it or it is no number
   */
  public double number(String key) {
    try {
      return Double.parseDouble(text(key));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  static Manifest read(Path file) {
    Map<String, String> entries = new LinkedHashMap<>();
    List<String> warnings = new ArrayList<>();
    JsonNode root = Json.object(file);
    flatten("", root, entries);
    root.path("data").path("warnings").forEach(warning -> warnings.add(warning.asText()));
    return new Manifest(entries, warnings);
  }

  private static void flatten(String prefix, JsonNode node, Map<String, String> into) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      JsonNode value = field.getValue();
      if (value.isObject()) {
        flatten(prefix + field.getKey() + ".", value, into);
      } else if (value.isValueNode() && !value.isNull()) {
        into.put(prefix + field.getKey(), value.asText());
      }
    }
  }
}
