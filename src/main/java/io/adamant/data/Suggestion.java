package io.adamant.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The nearest known name to a misspelt one. */
final class Suggestion {
  private Suggestion() {}

  /**
   * Suggests a name.
   *
   * @return {@code " (did you mean 'x'?)"}, or an empty text if no known name is at most two edits
   *     away and nearer than half its length
   */
  static String text(String found, List<String> known) {
    String given = found.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(name -> distance(given, name) <= Math.min(2, (name.length() - 1) / 2))
        .min(Comparator.comparingInt(name -> distance(given, name)))
        .map(name -> " (did you mean '" + name + "'?)")
        .orElse("");
  }

  /** Edit distance of Damerau and Levenshtein, restricted to adjacent swaps. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    Arrays.setAll(d[0], j -> j);
    for (int i = 1; i <= a.length(); i++) {
      d[i][0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(substitution, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
