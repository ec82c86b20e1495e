package io.adamant.lab;

import io.adamant.chart.Digits;
import java.math.BigDecimal;

/** Small helpers of the laboratory's own pages. */
final class LabNumbers {

  private LabNumbers() {}

  /** An input as one would write it: all digits, without a fraction where there is none. */
  static String plain(double value) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
        : number(value);
  }

  /** Four significant digits, plain or with a power of ten. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "" : "diverged";
    }
    return Digits.brief(value, 4, 1e-3);
  }
}
