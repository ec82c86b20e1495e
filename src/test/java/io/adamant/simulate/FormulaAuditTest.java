package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.theory.Formula;
import io.adamant.theory.Parameter;
import io.adamant.theory.Quantities;
import io.adamant.theory.Quantity;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every formula that {@code adamant theory} or {@code adamant simulate} prints is checked by a
 * route of its own, at points that are not in the reference file, and the check would fail if the
 * formula were scaled by 1.03, or by three tolerances if that is more. A formula without a check
 * fails.
 */
class FormulaAuditTest {

  private static final double SCALE = 1.03;
  private static final Pattern OPTIMIZER = Pattern.compile("optimizer=(?!adamw\\b)(\\w+)");
  private static final Map<String, List<Measurement>> SIMULATED = new ConcurrentHashMap<>();

  static Stream<SimulatedCheck> simulated() {
    return SimulatedCheck.all().stream();
  }

  static Stream<DerivedCheck> derived() {
    return DerivedCheck.all().stream();
  }

  static Values values(List<Parameter> parameters, String inputs) {
    Map<String, String> given = new HashMap<>();
    for (String input : inputs.isEmpty() ? new String[0] : inputs.split(" ", -1)) {
      given.put(input.substring(0, input.indexOf('=')), input.substring(input.indexOf('=') + 1));
    }
    return Values.of(parameters, given);
  }

  static double value(List<Formula> formulas, String key) {
    return formulas.stream()
        .filter(f -> f.key().equals(key))
        .mapToDouble(Formula::value)
        .findFirst()
        .orElseThrow();
  }

  private static void sharp(String name, double value, double expected, double tolerance) {
    assertThat(value).as(name).isCloseTo(expected, within(tolerance));
    double scale = Math.max(SCALE, 1 + 3 * tolerance / Math.abs(expected));
    assertThat(Math.abs(scale * value - expected))
        .as("%s scaled by %s", name, scale)
        .isGreaterThan(tolerance);
  }

  /** Within twice the 95 % interval plus the stated error of the simulation times 1 + bias. */
  @ParameterizedTest
  @MethodSource("simulated")
  void aSimulationAgrees(SimulatedCheck check) {
    Simulation simulation = Simulations.named(check.quantity());
    Values v = values(simulation.parameters(), check.inputs());
    String partner = simulation.against().get(check.key());
    Measurement measured =
        SIMULATED
            .computeIfAbsent(
                check.quantity() + " " + check.inputs(),
                any -> simulation.run().apply(v, Blocks.quiet(11)))
            .stream()
            .filter(m -> m.key().equals(partner))
            .findFirst()
            .orElseThrow();
    double expected = measured.value() * (1 + check.bias());
    double tolerance =
        2 * measured.halfWidth() * (1 + check.bias()) + check.error() * Math.abs(expected);
    sharp(
        check.toString(), value(simulation.formulas().apply(v), check.key()), expected, tolerance);
  }

  @ParameterizedTest
  @MethodSource("derived")
  void anotherDerivationAgrees(DerivedCheck check) {
    Quantity quantity = Quantities.named(check.quantity());
    List<Formula> formulas = quantity.at(values(quantity.parameters(), check.inputs()));
    double expected = check.expected().getAsDouble();
    sharp(
        check.toString(),
        value(formulas, check.key()),
        expected,
        check.error() * Math.abs(expected));
  }

  /** Of a formula: other optimizers have others than AdamW's under the same keys. */
  private static String name(String quantity, String inputs, String key) {
    Matcher optimizer = OPTIMIZER.matcher(inputs);
    return quantity + (optimizer.find() ? " " + optimizer.group(1) + " " : " ") + key;
  }

  /** The catalogue at every combination of words and of what makes formulas appear. */
  private static Set<String> catalogue() {
    Set<String> keys = new TreeSet<>();
    for (Quantity quantity : Quantities.all()) {
      for (String inputs : variants(quantity)) {
        quantity
            .at(values(quantity.parameters(), inputs))
            .forEach(f -> keys.add(name(quantity.name(), inputs, f.key())));
      }
    }
    for (Simulation simulation : Simulations.all()) {
      simulation
          .formulas()
          .apply(values(simulation.parameters(), ""))
          .forEach(f -> keys.add(name(simulation.name(), "", f.key())));
    }
    return keys;
  }

  private static List<String> variants(Quantity quantity) {
    List<String> variants = new ArrayList<>(List.of(""));
    for (Parameter parameter : quantity.parameters()) {
      List<String> extended = new ArrayList<>();
      for (String variant : variants) {
        for (String value : tried(parameter)) {
          extended.add((variant + " " + parameter.name() + "=" + value).strip());
        }
      }
      variants = extended;
    }
    return variants;
  }

  private static List<String> tried(Parameter parameter) {
    return switch (parameter.name()) {
      case "steps" -> List.of("40");
      case "snr", "weight-decay" ->
          parameter.domain() == Parameter.Domain.NON_NEGATIVE
              ? List.of("0", "0.1")
              : List.of(parameter.fallback());
      default ->
          parameter.choices().isEmpty() ? List.of(parameter.fallback()) : parameter.choices();
    };
  }

  @Test
  void everyFormulaHasACheckAndEveryCheckAFormula() {
    Set<String> checked = new TreeSet<>();
    simulated().forEach(c -> checked.add(name(c.quantity(), c.inputs(), c.key())));
    derived().forEach(c -> checked.add(name(c.quantity(), c.inputs(), c.key())));
    assertThat(checked).isEqualTo(catalogue());
  }
}
