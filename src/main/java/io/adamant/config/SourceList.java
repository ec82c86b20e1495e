package io.adamant.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Several sources of a corpus, a list or a mapping in YAML, as the one text that a key has: JSON on
 * one line. What may stand in it is decided where the sources are opened.
 */
final class SourceList {
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?");

  /** The keys that take sources, dotted. */
  static final Set<String> KEYS =
      RunCodec.keys().stream()
          .filter(key -> key.component().isAnnotationPresent(Key.Sources.class))
          .map(KeySpec::dotted)
          .collect(Collectors.toUnmodifiableSet());

  private static final ObjectReader EXACT =
      Json.MAPPER.reader().with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private SourceList() {}

  /** A value as a single one; sequences and mappings only where the key takes sources. */
  static YamlNode single(String key, YamlNode node) {
    return KEYS.contains(key) && !(node instanceof YamlNode.Scalar)
        ? new YamlNode.Scalar(Json.line(value(key, "", node)), false, node.origin())
        : node;
  }

  private static Object value(String key, String name, YamlNode node) {
    if (node instanceof YamlNode.Sequence list && name.isEmpty()) {
      List<Object> items = new ArrayList<>();
      for (YamlNode item : list.items()) {
        if (item instanceof YamlNode.Sequence) {
          throw InputException.badValue(
                  key, "a list within a list", "a list of paths and of mappings with path")
              .at(item.origin());
        }
        items.add(value(key, "", item));
      }
      return items;
    } else if (node instanceof YamlNode.Mapping mapping && name.isEmpty()) {
      Map<String, Object> entries = new LinkedHashMap<>();
      mapping.entries().forEach((inner, entry) -> entries.put(inner, value(key, inner, entry)));
      return entries;
    } else if (node instanceof YamlNode.Scalar scalar && !scalar.absent()) {
      String text = text(key, scalar);
      return name.equals("weight") && NUMBER.matcher(text).matches() ? number(text) : text;
    }
    throw InputException.badValue(
            name.isEmpty() ? key : key + " " + name, node.shown(), "a single value")
        .at(node.origin());
  }

  private static BigDecimal number(String text) {
    BigDecimal number = new BigDecimal(text).stripTrailingZeros();
    return number.scale() < 0 ? number.setScale(0) : number;
  }

  private static String text(String key, YamlNode.Scalar scalar) {
    try {
      return Checks.text(key, scalar.text());
    } catch (InputException e) {
      throw e.at(scalar.origin());
    }
  }

  /**
   * The list or mapping in a text as YAML on one line; empty for a text that is a single value.
   *
   * @param text as {@link #single} makes it
   * @param scalar writes a text so that YAML reads it as that
   */
  static Optional<String> yaml(String text, UnaryOperator<String> scalar) {
    if (!text.startsWith("[") && !text.startsWith("{")) {
      return Optional.empty();
    }
    try {
      return Optional.of(yaml(EXACT.readTree(text), scalar));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static String yaml(JsonNode node, UnaryOperator<String> scalar) {
    List<String> parts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(item -> parts.add(yaml(item, scalar)));
      return "[" + String.join(", ", parts) + "]";
    } else if (node.isObject()) {
      node.properties()
          .forEach(
              entry ->
                  parts.add(scalar.apply(entry.getKey()) + ": " + yaml(entry.getValue(), scalar)));
      return "{" + String.join(", ", parts) + "}";
    }
    return node.isTextual() ? scalar.apply(node.textValue()) : node.toString();
  }
}
