package io.adamant.theory;

import io.adamant.base.InputException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Something the theory gives formulas for.
 *
 * @param name lower case with hyphens, such as {@code update-rms}
 * @param summary in one line
 * @param parameters its inputs, with defaults
 * @param laws its formulas
 */
public record Quantity(String name, String summary, List<Parameter> parameters, List<Law> laws)
    implements Topic {

  /** Takes copies. */
  public Quantity {
    parameters = List.copyOf(parameters);
    laws = List.copyOf(laws);
  }

  Quantity(String name, String summary, List<Parameter> parameters, Law... laws) {
    this(name, summary, parameters, List.of(laws));
  }

  /**
   * Evaluates every formula that applies.
   *
   * @param values one per parameter
   * @return at least one formula
   * @throws InputException with one line if the values do not go together
   */
  public List<Formula> at(Values values) {
    return laws.stream()
        .filter(law -> law.applies().test(values))
        .map(law -> law.at(values))
        .toList();
  }

  /**
   * The same, from texts: see {@link Values#of(Collection, Map)}.
   *
   * @param given texts by name; what is not given has its default
   * @return at least one formula
   * @throws InputException with one line if a name is unknown or a value not allowed
   */
  public List<Formula> at(Map<String, String> given) {
    return at(Values.of(parameters, given));
  }
}
