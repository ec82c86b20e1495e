package io.adamant.rules;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** Reads a rule's settings: defaults for missing keys, one clear line for each that is wrong. */
final class Settings {
  /** How a rule starts its averages. */
  enum Init {
    /** From zero. */
    ZERO,
    /** From the first gradient: m_1 = g_1, v_1 = g_1². */
    GRADIENT
  }

  private final String type;
  private final Map<String, Object> given;
  private final Map<String, Object> defaults = new LinkedHashMap<>();
  private final Set<String> known = new HashSet<>();

  Settings(String type, Map<String, Object> given) {
    this.type = type;
    this.given = given;
  }

  /** The weight of an exponential moving average, in [0, 1). */
  double beta(String key, double fallback) {
    double value = number(key, fallback);
    require(value >= 0 && value < 1, key, "a number in [0, 1)");
    return value;
  }

  /** A finite number that is not negative. */
  double nonNegative(String key, double fallback) {
    double value = number(key, fallback);
    require(value >= 0 && Double.isFinite(value), key, "a finite number >= 0");
    return value;
  }

  /** A number from one, below another. */
  double within(String key, double fallback, double least, double below) {
    double value = number(key, fallback);
    require(value >= least && value < below, key, "a number in [%s, %s)".formatted(least, below));
    return value;
  }

  /** A number in [0, 1]. */
  double fraction(String key, double fallback) {
    double value = number(key, fallback);
    require(value >= 0 && value <= 1, key, "a number in [0, 1]");
    return value;
  }

  /** A whole number from 1. */
  int count(String key, int fallback) {
    return count(key, fallback, 1000);
  }

  /** A whole number from 1 to the most. */
  int count(String key, int fallback, int most) {
    double value = number(key, fallback);
    require(
        value >= 1 && value <= most && value == Math.rint(value), key, "a whole number 1-" + most);
    return (int) value;
  }

  /** A number of steps, by default none. */
  double steps(String key) {
    double value = number(key, 0);
    require(
        value >= 0 && value <= 1e9 && value == Math.rint(value),
        key,
        "a whole number 0-1000000000");
    return value;
  }

  boolean flag(String key, boolean fallback) {
    Object value = read(key, fallback);
    require(value instanceof Boolean, key, "true or false");
    return (Boolean) value;
  }

  String choice(String key, String... allowed) {
    Object value = read(key, allowed[0]);
    require(
        value instanceof String && Arrays.asList(allowed).contains(value),
        key,
        String.join(" or ", allowed));
    return (String) value;
  }

  /** A number in [0, 1], or empty for the given word, which is the default. */
  OptionalDouble fractionUnless(String key, String word) {
    Object value = read(key, word);
    if (word.equals(value)) {
      return OptionalDouble.empty();
    }
    boolean fraction =
        value instanceof Number n && n.doubleValue() >= 0 && n.doubleValue() <= 1; // NaN fails
    require(fraction, key, word + " or a number in [0, 1]");
    return OptionalDouble.of(((Number) value).doubleValue());
  }

  /** A word that every rule takes beside its own settings; not among its defaults. */
  String shared(String key, String... allowed) {
    String value = choice(key, allowed);
    later(key);
    return value;
  }

  /** A number in [0, 1] or none, that every rule takes beside its own settings. */
  OptionalDouble sharedFraction(String key) {
    OptionalDouble value = fractionUnless(key, "none");
    later(key);
    return value;
  }

  /** Leaves settings that came after runs were published out of the defaults. */
  void later(String... keys) {
    for (String key : keys) {
      defaults.remove(key);
      known.add(key);
    }
  }

  Init init() {
    return choice("init", "zero", "gradient").equals("zero") ? Init.ZERO : Init.GRADIENT;
  }

  /** Bias correction: on unless the start from the gradient makes it meaningless. */
  boolean biasCorrection(Init init) {
    boolean asked = flag("bias_correction", true);
    if (init == Init.ZERO) {
      return asked;
    }
    require(
        !given.containsKey("bias_correction") || !asked,
        "bias_correction",
        "false with init gradient, which leaves no bias to correct");
    return false;
  }

  /** To be called when every key was read. */
  void rejectUnknown() {
    for (String key : given.keySet()) {
      boolean others = key.equals("others") || key.startsWith("others_"); // of another rule
      if (!defaults.containsKey(key) && !known.contains(key) && !others) {
        throw new IllegalArgumentException(
            type + ": unknown setting " + key + "; it has " + defaults.keySet());
      }
    }
  }

  /** Every key read so far with its default. */
  Map<String, Object> defaults() {
    return new LinkedHashMap<>(defaults);
  }

  private double number(String key, double fallback) {
    Object value = read(key, fallback);
    require(value instanceof Number, key, "a number");
    return ((Number) value).doubleValue();
  }

  private Object read(String key, Object fallback) {
    defaults.put(key, fallback);
    return given.getOrDefault(key, fallback);
  }

  private void require(boolean holds, String key, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          type + ": " + key + " is " + given.get(key) + "; allowed is " + allowed);
    }
  }
}
