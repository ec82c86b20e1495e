package io.adamant.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** Numbers as people read them, the same in every locale; a missing number is empty. */
public final class Digits {
  private Digits() {}

  /** {@link String#format}, the same in every locale. */
  public static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** A fixed number of decimals. */
  public static String fixed(double value, int decimals) {
    return Double.isFinite(value) ? format("%." + decimals + "f", value) : "";
  }

  /** The same for all numbers of a column. */
  public static DoubleFunction<String> fixed(int decimals) {
    return value -> fixed(value, decimals);
  }

  /** A fixed number of decimals with the sign. */
  public static String signed(double value, int decimals) {
    return Double.isFinite(value) ? format("%+." + decimals + "f", value) : "";
  }

  /** A number with the half-width of its interval, if it has one. */
  public static String plusMinus(double value, double half, int decimals) {
    return fixed(value, decimals) + (Double.isFinite(half) ? " ± " + fixed(half, decimals) : "");
  }

  /** Significant digits for all numbers of a column. */
  public static DoubleFunction<String> significant(int digits) {
    return value -> significant(value, digits);
  }

  /** Significant digits: plain from 0.001 to a million, powers of ten beyond. */
  public static String significant(double value, int digits) {
    if (!Double.isFinite(value)) {
      return "";
    }
    double size = Math.abs(value);
    if (size == 0) {
      return "0";
    }
    if (size < 1e-3 || size >= 1e6) {
      return format("%." + (digits - 1) + "e", value);
    }
    int decimals = Math.max(0, digits - 1 - (int) Math.floor(Math.log10(size)));
    return fixed(value, decimals);
  }

  /** At most so many significant digits, plain from a size to a million, powers of ten beyond. */
  public static String brief(double value, int digits, double plainFrom) {
    double size = Math.abs(value);
    return value == 0 || (size >= plainFrom && size < 1e6)
        ? new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros().toPlainString()
        : format("%." + (digits - 1) + "e", value).replaceFirst("\\.?0*e", "e");
  }

  /** The same with a power of ten as short as it can be: 2e-5, 3e7. */
  public static String shortest(double value, int digits) {
    return brief(value, digits, 1e-4).replaceFirst("e([-+])0", "e$1").replace("e+", "e");
  }

  /** A learning rate or a beta as people write it: at most three digits. */
  public static String rate(double value) {
    return new BigDecimal(value)
        .round(new MathContext(3))
        .stripTrailingZeros()
        .toString()
        .replace("E+", "e")
        .replace("E", "e");
  }

  /** A count with thousands separated: 11,800. */
  public static String count(double value) {
    return Double.isFinite(value) ? format("%,.0f", value) : "";
  }

  /** A count with thousands separated. */
  public static String count(long value) {
    return format("%,d", value);
  }

  /** A count in words: 614 thousand, 1.2 million. */
  public static String words(double value) {
    if (value >= 1e9) {
      return significant(value / 1e9, 3) + " billion";
    }
    if (value >= 1e6) {
      return significant(value / 1e6, 3) + " million";
    }
    return value >= 1e4 ? significant(value / 1e3, 3) + " thousand" : count(value);
  }

  /** A relative deviation with its sign: +1.6 %. */
  public static String percent(double ratio) {
    String percent = signed(100 * ratio, Math.abs(ratio) < 0.0995 ? 1 : 0);
    return percent.isEmpty() ? "" : percent + " %";
  }

  /** A share: 0 %, 0.3 %, 12 %. */
  public static String percentage(double part, double whole) {
    double percent = 100 * part / whole;
    return fixed(percent, percent > 0 && percent < 10 ? 1 : 0) + " %";
  }

  /** "1 step", "2 steps". */
  public static String plural(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /** A time such as {@code 1:05} or {@code 2:00:09}. */
  public static String duration(double seconds) {
    long s = Math.round(seconds);
    return s < 3600
        ? format("%d:%02d", s / 60, s % 60)
        : format("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  }
}
