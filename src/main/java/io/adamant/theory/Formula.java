package io.adamant.theory;

import io.adamant.base.InputException;

/**
 * One formula for a quantity, evaluated: what a table or a JSON object shows of it.
 *
 * @param key unique within its quantity, in lower case with underscores, such as {@code
 *     second_order}
 * @param title what it is, in a few words, with its shape
 * @param value the number; may be infinite (no threshold, no bound), never NaN
 * @param unit what the value is measured in; axes are shared by formulas of one unit only
 * @param statedError how far it is off, measured; "exact" under its assumptions
 * @param validity where it may be used
 * @param source document, equation and section
 */
public record Formula(
    String key,
    String title,
    double value,
    Unit unit,
    String statedError,
    String validity,
    String source) {

  /** Checks that nothing is missing. */
  public Formula {
    if (!key.matches("[a-z0-9]+(_[a-z0-9]+)*")) {
      throw new InputException("key = " + key + " is not in lower_case");
    }
    if (Double.isNaN(value)) {
      throw new InputException("the value of " + key + " is not a number");
    }
    for (String text : new String[] {title, statedError, validity, source}) {
      if (text.isBlank()) {
        throw new InputException("a text of " + key + " is empty");
      }
    }
  }
}
