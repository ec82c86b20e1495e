package io.adamant.data;

import java.util.List;
import java.util.Locale;

/** The nearest known name to a misspelt one, in this room's words. */
final class Suggestion {
  private Suggestion() {}

  /**
   * Suggests a name.
   *
   * @return {@code " (did you mean 'x'?)"}, or an empty text if no known name is near
   */
  static String text(String found, List<String> known) {
    return io.adamant.base.Suggestion.nearest(found.toLowerCase(Locale.ROOT), known)
        .map(name -> " (did you mean '" + name + "'?)")
        .orElse("");
  }
}
