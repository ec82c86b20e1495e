package io.adamant.config;

import io.adamant.base.InputException;
import java.util.List;

/**
 * One {@code --set KEY=VALUE} of the command line.
 *
 * @param key the key, dotted
 * @param value the value, a YAML scalar or flow list
 */
record SetOption(String key, YamlNode value) {

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
    return new SetOption(key, YamlText.parseOption(option.substring(equals + 1), origin));
  }
}
