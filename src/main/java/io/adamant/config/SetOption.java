package io.adamant.config;

import io.adamant.base.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One {@code --set KEY=VALUE} of the command line.
 *
 * @param key the key, dotted
 * @param value the value: a single one as it was typed, or a YAML flow list
 */
record SetOption(String key, YamlNode value) {
  private static final Set<String> TEXTS = texts();

  /** The keys whose values are texts, such as paths, where every character may mean itself. */
  private static Set<String> texts() {
    Set<String> keys = new HashSet<>(Set.of("name", "title"));
    RunCodec.keys().stream()
        .filter(key -> key.component().getType() == String.class)
        .forEach(key -> keys.add(key.dotted()));
    return Set.copyOf(keys);
  }

  static List<SetOption> parse(List<String> options) {
    return options.stream().map(SetOption::parse).toList();
  }

  private static SetOption parse(String option) {
    String origin = "--set " + option;
    int equals = option.indexOf('=');
    String key = equals < 0 ? "" : option.substring(0, equals).strip();
    if (key.isEmpty()) {
      throw new InputException(origin + ": expected: KEY=VALUE, such as optimizer.lr=3e-3");
    }
    return new SetOption(key, value(key, option.substring(equals + 1), origin));
  }

  /** A text is what was typed, to the last character; only a list is YAML. */
  private static YamlNode value(String key, String typed, String origin) {
    String stripped = typed.strip();
    String name = key.replaceFirst("^base\\.", "");
    if (TEXTS.contains(name) || name.matches(RunCodec.GROUPS + "\\.[^.]+\\.match")) {
      // Two quotes alone mean the empty text, as in a file.
      return new YamlNode.Scalar(
          stripped.equals("\"\"") || stripped.equals("''") ? "" : typed, false, origin);
    }
    boolean composed = stripped.startsWith("[") || stripped.startsWith("{");
    return composed
        ? YamlText.parseOption(typed, origin)
        : new YamlNode.Scalar(stripped, stripped.isEmpty(), origin);
  }
}
