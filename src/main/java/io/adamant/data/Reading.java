package io.adamant.data;

import java.util.Objects;

/**
 * How text is read.
 *
 * @param cuts where long documents may be cut
 * @param replaceInvalid whether bytes that are not UTF-8 read as U+FFFD; otherwise they are refused
 */
public record Reading(CutRule cuts, boolean replaceInvalid) {
  /** For GPT-2's words, and UTF-8 only. */
  public static final Reading STRICT = new Reading(CutRule.WORDS, false);

  /** Checks the components. */
  public Reading {
    Objects.requireNonNull(cuts, "cuts");
  }
}
