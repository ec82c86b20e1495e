package io.adamant.reproduce;

import io.adamant.base.InputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One statement of a claim that a number decides: what is estimated, and the margin in which it
 * must lie.
 *
 * @param name in words, unique in its claim
 * @param rule how the number comes about, see {@link CheckRule}
 * @param inputs of the rule by name, such as the arms that it compares
 * @param low lower end of the margin, −∞ if open
 * @param high upper end of the margin, +∞ if open
 * @param why the margin is what it is; empty where the claim says it for all
 * @param undecided why its number decides nothing so far; empty if it does decide
 */
public record ClaimCheck(
    String name,
    CheckRule rule,
    Map<String, String> inputs,
    double low,
    double high,
    String why,
    String undecided) {

  /** Inputs that name arms, of rules that take runs. */
  private static final List<String> ARMS =
      List.of("of", "minus", "over", "from", "to", "against", "arms");

  /**
   * Takes a copy and checks the margin.
   *
   * @throws InputException if the margin is open at both ends or empty
   */
  public ClaimCheck {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    if (!(low < high) || (Double.isInfinite(low) && Double.isInfinite(high))) {
      throw InputException.badValue(
          name, "[" + low + ", " + high + "]", "at_least, at_most or both, the first below");
    }
  }

  /**
   * An input that the rule needs.
   *
   * @param key its name
   * @return its text
   * @throws InputException if the claim's file does not give it
   */
  String input(String key) {
    String value = inputs.get(key);
    if (value == null) {
      throw new InputException(
          "check '%s': rule %s needs the key %s".formatted(name, rule.word(), key));
    }
    return value;
  }

  /** The arms that its inputs name. */
  List<String> arms() {
    return ARMS.stream()
        .map(inputs::get)
        .filter(Objects::nonNull)
        .flatMap(names -> Stream.of(names.split("[ ,]+", -1)))
        .toList();
  }

  /**
   * The margin in words.
   *
   * @return for example "at least 0.05" or "0.5 to 1.5"
   */
  public String margin() {
    if (Double.isInfinite(high)) {
      return "at least " + Text.number(low);
    }
    return Double.isInfinite(low)
        ? "at most " + Text.number(high)
        : Text.number(low) + " to " + Text.number(high);
  }

  /** The same check where its number decides nothing. */
  ClaimCheck undecided(String reason) {
    return new ClaimCheck(
        name, rule, inputs, low, high, why, undecided.isEmpty() ? reason : undecided);
  }

  /**
   * What a margin that is open at one end tests.
   *
   * @return "direction only" where it ends at 0, "a bound only" elsewhere; empty for two ends
   */
  Optional<String> oneSided() {
    if (!Double.isInfinite(low) && !Double.isInfinite(high)) {
      return Optional.empty();
    }
    return Optional.of(low == 0 || high == 0 ? "direction only" : "a bound only");
  }

  /** Whether the margin holds a number. */
  boolean holds(double value) {
    return low <= value && value <= high;
  }

  /** How far a number is from the margin's nearest end, inside or outside. */
  double distance(double value) {
    double below = Double.isInfinite(low) ? Double.POSITIVE_INFINITY : Math.abs(value - low);
    double above = Double.isInfinite(high) ? Double.POSITIVE_INFINITY : Math.abs(value - high);
    return Math.min(below, above);
  }
}
