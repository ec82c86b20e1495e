package io.adamant.simulate;

import io.adamant.theory.Formula;
import io.adamant.theory.Parameter;
import io.adamant.theory.Topic;
import io.adamant.theory.Values;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Monte Carlo of a quantity, with the formulas that it is to be held against.
 *
 * @param name as the theory's quantity
 * @param summary in one line
 * @param parameters its inputs
 * @param formulas every applicable formula at these inputs
 * @param against by a formula's key, the key of the measurement that it should give
 * @param units of work, for a progress bar
 * @param run the measurements
 */
public record Simulation(
    String name,
    String summary,
    List<Parameter> parameters,
    Function<Values, List<Formula>> formulas,
    Map<String, String> against,
    ToLongFunction<Values> units,
    BiFunction<Values, Blocks, List<Measurement>> run)
    implements Topic {

  /** Takes copies. */
  public Simulation {
    parameters = List.copyOf(parameters);
    against = Map.copyOf(against);
  }

  /**
   * Which measurements formulas should give.
   *
   * @param pairs keys of formulas, each with {@code =} and the measurement's where that is another
   */
  static Map<String, String> against(String pairs) {
    return Stream.of(pairs.split(" ", -1))
        .map(pair -> pair.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[pair.length - 1]));
  }

  /** The same where a check refuses inputs before the work begins. */
  Simulation after(Consumer<Values> check) {
    return new Simulation(
        name,
        summary,
        parameters,
        v -> {
          check.accept(v);
          return formulas.apply(v);
        },
        against,
        units,
        run);
  }
}
