package io.adamant.lab;

import io.adamant.simulate.Measurement;
import io.adamant.theory.Formula;
import io.adamant.theory.Unit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One point of the laboratory's grid: inputs, what was simulated there, and every formula.
 *
 * @param inputs values as they were written, by name
 * @param simulated measurements with their intervals; empty if none was asked for
 * @param formulas evaluated at the inputs
 */
public record LabPoint(
    Map<String, String> inputs, List<Measurement> simulated, List<Compared> formulas) {

  /** Takes copies. */
  public LabPoint {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    simulated = List.copyOf(simulated);
    formulas = List.copyOf(formulas);
  }

  /** A point at which nothing was simulated. */
  public static LabPoint of(Map<String, String> inputs, List<Formula> formulas) {
    return new LabPoint(
        inputs, List.of(), formulas.stream().map(f -> new Compared(f, Optional.empty())).toList());
  }

  /** The unit of a simulated number: that of the formulas held against it, if there are any. */
  Optional<Unit> unit(Measurement measured) {
    return formulas.stream()
        .filter(c -> c.measured().filter(m -> m.key().equals(measured.key())).isPresent())
        .map(c -> c.formula().unit())
        .findFirst();
  }

  Optional<Measurement> simulated(String key) {
    return simulated.stream().filter(m -> m.key().equals(key)).findFirst();
  }

  Optional<Compared> formula(String key) {
    return formulas.stream().filter(c -> c.formula().key().equals(key)).findFirst();
  }

  /**
   * A formula and what it is to be held against.
   *
   * @param formula evaluated
   * @param measured the number it should give, if that was simulated
   */
  public record Compared(Formula formula, Optional<Measurement> measured) {

    /** formula/measured − 1, where both are known and neither is 0. */
    public Optional<Double> relativeError() {
      return measured
          .filter(m -> m.value() != 0 && formula.value() != 0 && Double.isFinite(formula.value()))
          .map(m -> formula.value() / m.value() - 1);
    }

    /** Whether the formula lies in the interval of what it is held against. */
    public boolean within() {
      return measured
          .filter(m -> Math.abs(formula.value() - m.value()) <= m.halfWidth())
          .isPresent();
    }
  }
}
