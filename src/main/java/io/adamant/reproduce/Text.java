package io.adamant.reproduce;

import io.adamant.chart.Digits;

/** Numbers as the page shows them. */
final class Text {
  private Text() {}

  /** At most four significant digits, plain or with a power of ten. */
  static String number(double value) {
    return number(value, 4);
  }

  /** At most so many significant digits, plain or with a power of ten. */
  static String number(double value, int digits) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "unknown" : value > 0 ? "∞" : "−∞";
    }
    return Digits.shortest(value, digits).replace("-", "−");
  }

  /** A number with what it is good to: 0.284 ± 0.031, as many decimals as the second needs. */
  static String plusMinus(double value, double half) {
    if (half == 0) {
      return number(value);
    }
    if (!Double.isFinite(half) || !Double.isFinite(value)) {
      return number(value) + " ± " + number(half);
    }
    int decimals = Math.max(0, 1 - (int) Math.floor(Math.log10(half)));
    if (decimals > 5 || Math.abs(value) >= 1e6) {
      return number(value) + " ± " + number(half, 2);
    }
    String format = "%." + decimals + "f";
    return (Digits.format(format, value) + " ± " + Digits.format(format, half)).replace("-", "−");
  }

  /** Seconds as people say them. */
  static String duration(double seconds) {
    if (seconds < 90) {
      return Math.max(1, Math.round(seconds)) + " s";
    }
    return seconds < 5400 ? Math.round(seconds / 60) + " min" : number(seconds / 3600, 2) + " h";
  }

  /** "1 run", "2 runs". */
  static String plural(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** A count of tokens to so many digits: 410 thousand, 1.2 million. */
  static String tokens(double count, int digits) {
    if (count >= 1e9) {
      return number(count / 1e9, digits) + " billion";
    }
    return count >= 1e6
        ? number(count / 1e6, digits) + " million"
        : number(count / 1e3, digits) + " thousand";
  }
}
