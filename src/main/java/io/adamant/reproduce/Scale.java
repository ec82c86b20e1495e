package io.adamant.reproduce;

import io.adamant.base.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How large the runs of a claim are. */
public enum Scale {
  /** Two CPU cores, a model of 0.3 to 1 million parameters, at least 800 steps. */
  TINY,
  /** Two CPU cores, the quickstart's model of 1.8 million parameters. */
  MINI,
  /** One GPU, under an hour. */
  SMALL,
  /** As published. */
  PAPER;

  /** Whether a CPU trains its runs: then its rows are on every page. */
  boolean onEveryPage() {
    return this == TINY || this == MINI;
  }

  /**
   * The scale in the words of files and the command line.
   *
   * @return for example {@code tiny}
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The scale of a word.
   *
   * @param word as the user gave it
   * @return the scale
   * @throws InputException if there is none, with all that are
   */
  public static Scale of(String word) {
    return Arrays.stream(values())
        .filter(scale -> scale.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                InputException.badValue(
                    "--scale",
                    word,
                    Arrays.stream(values()).map(Scale::word).collect(Collectors.joining(", "))));
  }
}
