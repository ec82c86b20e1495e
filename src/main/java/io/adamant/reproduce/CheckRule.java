package io.adamant.reproduce;

import io.adamant.base.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a check's number comes about. Numbers of runs are taken seed by seed. */
public enum CheckRule {
  /** A quantity of an arm: {@code quantity, of}. */
  VALUE("quantity of"),
  /** Of an arm less that of another: {@code quantity, of, minus}. */
  DIFFERENCE("quantity of minus"),
  /** Of an arm over that of another: {@code quantity, of, over}. */
  RATIO("quantity of over"),
  /** Of the first half of an arm's seeds less that of the second: {@code quantity, of}. */
  HALVES("quantity of"),
  /** The share (from − of)/(from − to) of a gap in loss that an arm closes. */
  GAP_CLOSED("of from to"),
  /** Steps that an arm needs for one step of another, see {@link Evidence}. */
  SLOWDOWN("of against"),
  /** Slope of log best rate against log(1 − β1) over an arm's momenta, see {@link BestRate}. */
  RATE_SLOPE("of"),
  /**
   * What equal betas lose against the best other β2 of each β1, below 0 where they are the best;
   * the mean over all β1 of an arm: {@code of}.
   */
  EQUAL_GAP("of"),
  /**
   * The share of the runs of several arms that failed: diverged, or ended {@link
   * Evidence#FAILED_ABOVE} or more above the run of another arm on the same seed: {@code arms,
   * against}.
   */
  FAILED_SHARE("arms against"),
  /** Slope of log quantity against log(η/λ) over several arms: {@code quantity, arms}. */
  DECAY_SLOPE("quantity arms"),
  /** A number of a simulation, by its key: {@code of}. */
  SIMULATED("of");

  private final String inputs; // names with a space between

  CheckRule(String inputs) {
    this.inputs = inputs;
  }

  /** Names of what it needs. */
  List<String> inputs() {
    return List.of(inputs.split(" ", -1));
  }

  /** As files name it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static CheckRule of(String word) {
    return Arrays.stream(values())
        .filter(rule -> rule.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                InputException.badValue(
                    "rule",
                    word,
                    Arrays.stream(values())
                        .map(CheckRule::word)
                        .collect(Collectors.joining(", "))));
  }
}
