package io.adamant.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of YAML as it was written, with the place where it was written. */
sealed interface YamlNode {

  /** Where it stands: a file with its line, or an option of the command line. */
  String origin();

  /** What it is, for a message: the text of a scalar, else its kind. */
  String shown();

  /** Maps, lists and single values as they would have been read. */
  static YamlNode of(Object value, String origin) {
    if (value instanceof Map<?, ?> map) {
      Map<String, YamlNode> entries = new LinkedHashMap<>();
      map.forEach((key, entry) -> entries.put(String.valueOf(key), of(entry, origin)));
      return new Mapping(entries, origin);
    }
    if (value instanceof List<?> list) {
      return new Sequence(list.stream().map(item -> of(item, origin)).toList(), origin);
    }
    return new Scalar(value == null ? "" : KeySpec.text(value), value == null, origin);
  }

  /**
   * A single value.
   *
   * @param text the text without quotes, not yet interpreted
   * @param absent whether nothing stands where a value could ({@code key:}, {@code ~})
   * @param origin where it stands
   */
  record Scalar(String text, boolean absent, String origin) implements YamlNode {
    @Override
    public String shown() {
      return absent ? "empty" : text;
    }
  }

  /**
   * A list.
   *
   * @param items its items in order
   * @param origin where it stands
   */
  record Sequence(List<YamlNode> items, String origin) implements YamlNode {
    @Override
    public String shown() {
      return "a list";
    }
  }

  /**
   * A mapping.
   *
   * @param entries its values by key, in the order of the file
   * @param origin where it stands
   */
  record Mapping(Map<String, YamlNode> entries, String origin) implements YamlNode {
    @Override
    public String shown() {
      return "a mapping";
    }
  }
}
