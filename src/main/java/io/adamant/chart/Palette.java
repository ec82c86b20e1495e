package io.adamant.chart;

import java.util.List;

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

  private Palette() {}

  /**
   * How many arms can be told apart.
   *
   * @return number of colours
   */
  public static int size() {
    return COLOURS.size();
  }

  /**
   * A colour.
   *
   * @param key from 0 below {@link #size}, or {@link #NEUTRAL}
   * @return {@code #rrggbb}
   */
  public static String hex(int key) {
    return key == NEUTRAL ? GREY : COLOURS.get(key);
  }
}
