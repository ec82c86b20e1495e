package io.adamant.config;

import io.adamant.base.InputException;
import java.util.regex.Pattern;

/** The conditions that record constructors put on their components; each returns the value. */
final class Check {
  /** Above any model or batch that a machine holds, and far from overflow in products with 8/3. */
  static final int MAX_SIZE = 1_000_000;

  private Check() {}

  static int size(String key, int value) {
    return inRange(key, value, 1, MAX_SIZE);
  }

  static int inRange(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw InputException.badValue(key, value, "a whole number from " + least + " to " + most);
    }
    return value;
  }

  static int atLeast(String key, int value, int least) {
    return (int) atLeast(key, (long) value, least);
  }

  static long atLeast(String key, long value, long least) {
    if (value < least) {
      throw InputException.badValue(key, value, "a whole number of at least " + least);
    }
    return value;
  }

  static double notNegative(String key, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw InputException.badValue(key, value, "a finite number of at least 0");
    }
    return value + 0.0; // makes a negative zero positive: equal settings get equal texts
  }

  static double positive(String key, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw InputException.badValue(key, value, "a finite number above 0");
    }
    return value;
  }

  static double fraction(String key, double value, boolean oneAllowed) {
    if (!(value >= 0) || value > 1 || (value == 1 && !oneAllowed)) {
      String allowed = oneAllowed ? "a number from 0 to 1" : "a number from 0 to below 1";
      throw InputException.badValue(key, value, allowed);
    }
    return value + 0.0;
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

  static String notBlank(String key, String value, String allowed) {
    if (value.isBlank()) {
      throw InputException.badValue(key, value, allowed);
    }
    return text(key, value);
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
