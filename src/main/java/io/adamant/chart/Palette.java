package io.adamant.chart;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Colours that readers with any of the common colour deficiencies can tell apart: those of Okabe
 * and Ito (2008) that are dark enough for a line on white, and a brown.
 */
public final class Palette {
  /** Key of lines that belong to no arm. */
  public static final int NEUTRAL = -1;

  /** Ends of the scale of cells, dark enough to see and light enough for black figures. */
  static final List<String> SCALE = List.of("#6baed6", "#f7fbff");

  private static final String GREY = "#6b7280";
  private static final List<String> COLOURS =
      List.of(
          "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9", "#7A4A21");

  /** The same hues, light enough for a line on a dark page. */
  private static final List<String> DARK =
      List.of(
          "#4A9BFF", "#FF8A3D", "#2FCF9F", "#E8A5CC", "#F3F4F6", "#FFC24D", "#9BE0FF", "#C99A6B");

  private static final String DARK_GREY = "#9ca3af";

  /** With it the eight commonest optimizers have each a colour of its own. */
  private static final int SALT = 9899;

  private Palette() {}

  /**
   * Colours of things by their names: a name has the same colour wherever it is drawn, unless
   * another one that comes before it here wants the same; then it has the next that is free. Of
   * more than {@link #size} names, some share a colour.
   */
  public static List<Integer> keys(List<String> names) {
    List<Integer> keys = new ArrayList<>();
    Set<Integer> taken = new HashSet<>();
    for (String name : names) {
      if (taken.size() == size()) {
        taken.clear();
      }
      int key = ((name.hashCode() * SALT) >>> 16) % size();
      while (!taken.add(key)) {
        key = (key + 1) % size();
      }
      keys.add(key);
    }
    return keys;
  }

  /** How many arms can be told apart. */
  public static int size() {
    return COLOURS.size();
  }

  /** A colour as {@code #rrggbb}; the key is below {@link #size}, or {@link #NEUTRAL}. */
  public static String hex(int key) {
    return key == NEUTRAL ? GREY : COLOURS.get(key);
  }

  /** The same on a dark page. */
  static String dark(int key) {
    return key == NEUTRAL ? DARK_GREY : DARK.get(key);
  }

  /** A colour in the CSS of a page, which has it for its light and its dark scheme. */
  public static String css(int key) {
    return "var(--c%s)".formatted(key);
  }

  /** What {@link #css} refers to. */
  static String sheet() {
    return ":root { %s}\n@media (prefers-color-scheme: dark) { :root { %s} }\n"
        .formatted(variables(COLOURS), variables(DARK));
  }

  private static String variables(List<String> colours) {
    StringBuilder text = new StringBuilder();
    for (int key = 0; key < colours.size(); key++) {
      text.append("--c%s: %s; ".formatted(key, colours.get(key)));
    }
    return text.toString();
  }
}
