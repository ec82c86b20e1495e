package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Suggestion;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The dotted keys that a run has, as {@link RunCodec} writes them, and advice on those it lacks.
 */
final class RunKeys {
  private static final String OPTIMIZER = "optimizer";
  private static final Map<String, List<String>> SECTIONS = RunCodec.names();
  private static final List<String> ALL = RunCodec.keys().stream().map(KeySpec::dotted).toList();

  private RunKeys() {}

  static List<String> sections() {
    return List.copyOf(SECTIONS.keySet());
  }

  static List<String> namesIn(String section) {
    return SECTIONS.getOrDefault(section, List.of());
  }

  static String checkedSection(String section, String origin) {
    if (!SECTIONS.containsKey(section)) {
      throw unknown(section, origin, Suggestion.hint(section, sections()));
    }
    return section;
  }

  /**
   * The key itself, if a run has it; each optimizer has keys of its own, checked by its registry.
   */
  static String checked(String key, String origin) {
    int dot = key.indexOf('.');
    String section = dot < 0 ? key : key.substring(0, dot);
    String name = key.substring(dot + 1);
    if (dot < 0) {
      throw unknown(key, origin, elsewhere(key).orElse(Suggestion.hint(key, ALL)));
    }
    if (!SECTIONS.containsKey(section)) {
      String hint =
          Suggestion.nearest(section, sections()).map(near -> near + "." + name).orElse("");
      throw unknown(
          key, origin, hint.isEmpty() ? Suggestion.hint(key, ALL) : "did you mean " + hint + "?");
    }
    boolean known = SECTIONS.get(section).contains(name);
    boolean ownOfOptimizer = section.equals(OPTIMIZER) && name.matches("[a-z][a-z0-9_]*");
    boolean ofGroup =
        section.equals(RunCodec.GROUPS) && name.matches("[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*");
    if (!known && !ownOfOptimizer && !ofGroup) {
      String hint =
          Suggestion.nearest(name, namesIn(section))
              .map(near -> "did you mean " + section + "." + near + "?")
              .or(() -> elsewhere(name))
              .orElse("allowed in " + section + ": " + String.join(", ", namesIn(section)));
      throw unknown(key, origin, hint);
    }
    return key;
  }

  private static Optional<String> elsewhere(String name) {
    return named(name).map(key -> "did you mean " + key + "?");
  }

  /** The dotted key that ends with a name. */
  static Optional<String> named(String name) {
    return ALL.stream().filter(key -> key.endsWith("." + Suggestion.here(name))).findFirst();
  }

  private static InputException unknown(String key, String origin, String hint) {
    return new InputException(origin + ": unknown key " + key + "; " + hint);
  }
}
