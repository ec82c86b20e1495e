package io.adamant.theory;

import java.util.List;

/**
 * Something the theory gives formulas for.
 *
 * @param name lower case with hyphens, such as {@code update-rms}
 * @param summary in one line
 * @param parameters its inputs, with defaults
 * @param laws its formulas
 */
public record Quantity(String name, String summary, List<Parameter> parameters, List<Law> laws)
    implements FormulaTopic {

  /** Takes copies. */
  public Quantity {
    parameters = List.copyOf(parameters);
    laws = List.copyOf(laws);
  }

  Quantity(String name, String summary, List<Parameter> parameters, Law... laws) {
    this(name, summary, parameters, List.of(laws));
  }

  @Override
  public List<Formula> at(Values values) {
    return laws.stream()
        .filter(law -> law.applies().test(values))
        .map(law -> law.at(values))
        .toList();
  }
}
