package io.adamant.base;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Numbers as text: which texts are numbers, and the one text of a number.
 *
 * <p>YAML 1.1 takes {@code 4e-3} for a string and {@code 010} for eight. Here a number is what a
 * physicist would write: digits without a leading zero, with or without fraction and exponent.
 */
public final class Numbers {
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]+)?");
  private static final Pattern NOT_FINITE =
      Pattern.compile("[-+]?\\.?(nan|inf|infinity)", Pattern.CASE_INSENSITIVE);

  /**
   * At a power of two the doubles below lie twice as dense as those above, so that the decimal
   * farther from the value may read back where the nearest one does not.
   */
  private static final List<RoundingMode> NEAREST_FIRST =
      List.of(RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN);

  private Numbers() {}

  /** The number that the text is, if it is one and a double can hold it. */
  public static OptionalDouble parse(String text) {
    if (!NUMBER.matcher(text).matches()) {
      return OptionalDouble.empty();
    }
    double value = Double.parseDouble(text);
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  /** The whole number that the text is, in any notation: {@code 1000}, {@code 1e3}. */
  public static OptionalLong parseWhole(String text) {
    if (!NUMBER.matcher(text).matches()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(new BigDecimal(text).longValueExact());
    } catch (ArithmeticException | NumberFormatException notWholeOrTooLarge) {
      return OptionalLong.empty();
    }
  }

  /** Whether the text means to be a number but no double holds it: NaN, infinities, 1e999. */
  public static boolean isNotFinite(String text) {
    return NOT_FINITE.matcher(text).matches()
        || (NUMBER.matcher(text).matches() && parse(text).isEmpty());
  }

  /** What an open-ended setting means: a finite number, true, false, or the text itself. */
  public static Object typed(String text) {
    OptionalDouble number = parse(text);
    if (number.isPresent()) {
      return number.getAsDouble() + 0.0;
    }
    return bool(text).map(Object.class::cast).orElse(text);
  }

  /** {@code true} and {@code false}, and nothing else, are truth values. */
  public static Optional<Boolean> bool(String text) {
    return switch (text) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /**
   * The shortest decimal that reads back as the same double; {@code 0.004}, {@code 1.0e-5}.
   *
   * <p>Not {@link Double#toString(double)}: before JDK 19 it is at times a digit too long, and run
   * identities, which are hashes of these texts, must not depend on the JDK. The forms with an
   * exponent carry a dot and a sign so that a YAML 1.1 reader, too, sees a number.
   */
  public static String text(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    if (value == 0.0) {
      return "0.0";
    }
    BigDecimal shortest = shortest(value).stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -4 && exponent < 7) {
      String plain = shortest.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = shortest.unscaledValue().abs().toString();
    String fraction = digits.length() == 1 ? "0" : digits.substring(1);
    String sign = value < 0 ? "-" : "";
    String power = exponent < 0 ? "e-" : "e+";
    return sign + digits.charAt(0) + "." + fraction + power + Math.abs(exponent);
  }

  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; digits < 17; digits++) {
      for (RoundingMode mode : NEAREST_FIRST) {
        BigDecimal rounded = exact.round(new MathContext(digits, mode));
        if (rounded.doubleValue() == value) {
          return rounded;
        }
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)); // always reads back
  }
}
