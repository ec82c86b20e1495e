package io.adamant.config;

import io.adamant.base.InputException;
import java.util.regex.Pattern;

/** Conditions on values that no {@link Key} describes; each returns the value. */
final class Checks {

  private Checks() {}

  static long notNegative(String key, long value) {
    if (value < 0) {
      throw InputException.badValue(key, value, "a whole number of at least 0");
    }
    return value;
  }

  static String matching(String key, String value, Pattern pattern, String allowed) {
    if (!pattern.matcher(value).matches()) {
      throw InputException.badValue(key, value, allowed);
    }
    return value;
  }

  /** One line of text; may be empty. */
  static String text(String key, String value) {
    boolean printable =
        value.codePoints().allMatch(c -> !Character.isISOControl(c) && !isLoneSurrogate(c));
    if (!printable) {
      throw InputException.badValue(key, value, "one line of printable text");
    }
    return value;
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
