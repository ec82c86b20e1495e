package io.adamant.config;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes sections of single values as YAML that every YAML reader, of 1.1 or 1.2, reads alike: any
 * text that some reader could take for something else is quoted.
 */
final class YamlWriter {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./-]*");
  private static final Set<String> RESERVED =
      Set.of("true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf");

  private YamlWriter() {}

  /**
   * Writes sections.
   *
   * @param sections values by section and key
   * @param sources the dotted keys whose text may be a list of sources
   */
  static String write(Map<String, Map<String, Object>> sections, Set<String> sources) {
    StringBuilder yaml = new StringBuilder();
    sections.forEach(
        (section, map) -> {
          yaml.append(section).append(":\n");
          map.forEach(
              (key, value) -> {
                Optional<String> list =
                    sources.contains(section + "." + key)
                        ? SourceList.yaml(value.toString(), YamlWriter::scalar)
                        : Optional.empty();
                String shown = list.orElseGet(() -> scalar(value));
                yaml.append("  ").append(key).append(": ").append(shown).append('\n');
              });
        });
    return yaml.toString();
  }

  private static String scalar(Object value) {
    if (!(value instanceof String text)) {
      return KeySpec.text(value);
    }
    boolean plain =
        PLAIN.matcher(text).matches() && !RESERVED.contains(text.toLowerCase(Locale.ROOT));
    return plain ? text : quoted(text);
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else if ((c >= ' ' && c <= '~') || Character.isLetterOrDigit(c)) {
                quoted.appendCodePoint(c);
              } else {
                // Some characters that Java prints are line breaks or errors to a YAML reader.
                quoted.append(String.format(Locale.ROOT, c > 0xFFFF ? "\\U%08X" : "\\u%04X", c));
              }
            });
    return quoted.append('"').toString();
  }
}
