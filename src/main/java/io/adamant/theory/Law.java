package io.adamant.theory;

import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * A formula for a quantity before its inputs are known. It is written once, in the class that
 * computes it, and {@link Quantities} collects it from there.
 *
 * <p>Formulas that share a unit, a validity or a source are derived from one law without a key.
 *
 * @param key unique among the laws of a quantity that apply at once
 * @param title what it is, in a few words, with its shape
 * @param unit what the value is measured in
 * @param statedError how far it is off, measured
 * @param validity where it may be used
 * @param source document, equation and section
 * @param applies whether it says anything at these inputs
 * @param value the formula itself
 */
public record Law(
    String key,
    String title,
    Unit unit,
    String statedError,
    String validity,
    String source,
    Predicate<Values> applies,
    ToDoubleFunction<Values> value) {

  /** What some laws share: exact and always applicable unless they say otherwise. */
  static Law of(Unit unit, String validity, String source) {
    return new Law("", "", unit, "exact", validity, source, v -> true, v -> Double.NaN);
  }

  /** A law with what it shares with others, still to be given its value by {@link #is}. */
  static Law law(Law shared, String key, String title) {
    return shared.named(key, title);
  }

  Law named(String newKey, String newTitle) {
    return new Law(newKey, newTitle, unit, statedError, validity, source, applies, value);
  }

  Law in(Unit other) {
    return new Law(key, title, other, statedError, validity, source, applies, value);
  }

  Law error(String stated) {
    return new Law(key, title, unit, stated, validity, source, applies, value);
  }

  Law valid(String where) {
    return new Law(key, title, unit, statedError, where, source, applies, value);
  }

  Law source(String other) {
    return new Law(key, title, unit, statedError, validity, other, applies, value);
  }

  /** A condition besides those it has. */
  Law when(Predicate<Values> condition) {
    Predicate<Values> both = applies.and(condition);
    return new Law(key, title, unit, statedError, validity, source, both, value);
  }

  Law is(ToDoubleFunction<Values> formula) {
    return new Law(key, title, unit, statedError, validity, source, applies, formula);
  }

  /** Its value at inputs to which it applies. */
  Formula at(Values v) {
    return new Formula(key, title, value.applyAsDouble(v), unit, statedError, validity, source);
  }
}
