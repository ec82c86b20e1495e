package io.adamant.reproduce;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** A file of claims as a tree, read key by key with complaints that name file, key and value. */
record Yaml(String file, String path, JsonNode node) {

  static Yaml read(Path file) {
    try {
      JsonNode root = Json.YAML.readTree(Files.readString(file));
      if (root == null || !root.isObject()) {
        throw new InputException(file + ": expected: a mapping of keys to values");
      }
      return new Yaml(file.toString(), "", root);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (JsonProcessingException e) {
      String what = e.getOriginalMessage().lines().findFirst().orElse("no YAML");
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new InputException(file + ":" + line + ": not readable as YAML: " + what, e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Refuses keys that nobody reads. */
  void only(List<String> allowed) {
    node.fieldNames()
        .forEachRemaining(
            key -> {
              if (!allowed.contains(key)) {
                throw new InputException(
                    "%s: unknown key %s; allowed: %s"
                        .formatted(file, full(key), String.join(", ", allowed)));
              }
            });
  }

  boolean has(String key) {
    return !node.path(key).isMissingNode() && !node.path(key).isNull();
  }

  Yaml at(String key) {
    return new Yaml(file, full(key), node.path(key));
  }

  Yaml mapping(String key) {
    if (!node.path(key).isObject()) {
      throw bad(key, "a mapping");
    }
    return at(key);
  }

  List<Yaml> items(String key) {
    if (!node.path(key).isArray()) {
      throw bad(key, "a list");
    }
    List<Yaml> items = new ArrayList<>();
    for (JsonNode item : node.path(key)) {
      items.add(new Yaml(file, full(key) + "[" + items.size() + "]", item));
    }
    return items;
  }

  List<String> keys() {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** A text, folded to one line. */
  String text(String key) {
    return optionalText(key).orElseThrow(() -> bad(key, "a text"));
  }

  Optional<String> optionalText(String key) {
    JsonNode value = node.path(key);
    return value.isValueNode() && !value.isNull() && !value.asText().isBlank()
        ? Optional.of(value.asText().strip().replaceAll("\\s+", " "))
        : Optional.empty();
  }

  OptionalDouble number(String key) {
    if (!has(key)) {
      return OptionalDouble.empty();
    }
    try {
      double value = Double.parseDouble(node.path(key).asText()); // 1e-3 is a text to YAML 1.1
      if (Double.isFinite(value)) {
        return OptionalDouble.of(value);
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw bad(key, "a finite number");
  }

  int whole(String key, int from, int to) {
    OptionalDouble value = number(key);
    if (value.isEmpty()
        || value.getAsDouble() != Math.rint(value.getAsDouble())
        || value.getAsDouble() < from
        || value.getAsDouble() > to) {
      throw bad(key, "a whole number from " + from + " to " + to);
    }
    return (int) value.getAsDouble();
  }

  InputException bad(String key, String allowed) {
    JsonNode value = node.path(key);
    String found =
        value.isMissingNode() || value.isNull()
            ? "not given"
            : value.isValueNode() ? value.asText() : value.isArray() ? "a list" : "a mapping";
    return InputException.badValue(full(key), found, allowed).at(file);
  }

  private String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** This tree with another laid over it, mapping by mapping. */
  static JsonNode merged(JsonNode base, JsonNode over) {
    if (!base.isObject() || !over.isObject()) {
      return over.isMissingNode() ? base : over;
    }
    ObjectNode result = base.deepCopy();
    over.fields()
        .forEachRemaining(
            entry ->
                result.set(entry.getKey(), merged(result.path(entry.getKey()), entry.getValue())));
    return result;
  }

  /** The same file with what another has and it lacks, its sections key by key. */
  Yaml over(Yaml other, List<String> sections) {
    ObjectNode result = other.node().deepCopy();
    node.fields()
        .forEachRemaining(
            entry -> {
              JsonNode below = result.path(entry.getKey());
              if (sections.contains(entry.getKey())
                  && below.isObject()
                  && entry.getValue().isObject()) {
                entry
                    .getValue()
                    .fields()
                    .forEachRemaining(
                        key -> ((ObjectNode) below).set(key.getKey(), key.getValue()));
              } else {
                result.set(entry.getKey(), entry.getValue());
              }
            });
    return new Yaml(file, path, result);
  }

  static String write(JsonNode node) {
    try {
      return Json.YAML.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("writing YAML failed", e);
    }
  }

  static ObjectNode object() {
    return Json.YAML.createObjectNode();
  }
}
