package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import io.adamant.base.PublicApi;
import java.util.OptionalDouble;

/**
 * Where a schedule ends: at a learning rate, or at a share of the peak rate.
 *
 * <p>One key holds either, {@code final_lr: 1.0e-5} or {@code final_lr: 10%}, so that an arm or
 * {@code --set} replaces one by the other and never gives both.
 *
 * @param value learning rate, at least 0; or per cent of the peak, 0 to 100
 * @param ofPeak whether the value is per cent of the peak
 */
@PublicApi
public record FinalRate(double value, boolean ofPeak) {
  private static final String KEY = "schedule.final_lr";
  static final String ALLOWED =
      "a learning rate of at least 0, or a share of the peak from 0% to 100%";

  /**
   * Validates.
   *
   * @throws InputException if the rate is negative or not finite, or the share not in 0 to 100
   */
  public FinalRate {
    if (!(value >= 0) || Double.isInfinite(value) || (ofPeak && value > 100)) {
      throw InputException.badValue(
          KEY, ofPeak ? Numbers.text(value) + "%" : Numbers.text(value), ALLOWED);
    }
    value += 0.0; // makes a negative zero positive: equal settings get equal texts
  }

  /**
   * A learning rate.
   *
   * @param rate at least 0
   * @return the final rate
   */
  public static FinalRate absolute(double rate) {
    return new FinalRate(rate, false);
  }

  /**
   * A share of the peak rate.
   *
   * @param percent 0 to 100
   * @return the final rate
   */
  public static FinalRate percent(double percent) {
    return new FinalRate(percent, true);
  }

  /** Reads {@code 1.0e-5} or {@code 10%}. */
  static FinalRate parse(String text) {
    boolean ofPeak = text.endsWith("%");
    OptionalDouble number = Numbers.parse(ofPeak ? text.substring(0, text.length() - 1) : text);
    if (number.isEmpty()) {
      throw InputException.badValue(KEY, text, ALLOWED);
    }
    return new FinalRate(number.getAsDouble(), ofPeak);
  }

  /**
   * The learning rate it denotes; never above the peak.
   *
   * @param peak peak learning rate
   * @return learning rate at the last step
   */
  public double of(double peak) {
    return ofPeak ? value / 100 * peak : Math.min(value, peak);
  }

  /** The value as YAML has it: a number, or a text with a percent sign. */
  Object encoded() {
    return ofPeak ? (Object) (Numbers.text(value) + "%") : value;
  }
}
