package io.adamant.theory;

import io.adamant.base.InputException;
import java.util.List;
import java.util.Map;

/** What {@code theory NAME} can be asked for: formulas at inputs. */
public interface FormulaTopic extends Topic {

  /**
   * Evaluates every formula that applies.
   *
   * @param values one per parameter
   * @return at least one formula
   * @throws InputException with one line if the values do not go together
   */
  List<Formula> at(Values values);

  /**
   * The same, from texts: see {@link Values#of(java.util.Collection, Map)}.
   *
   * @param given texts by name; what is not given has its default
   * @return at least one formula
   * @throws InputException with one line if a name is unknown or a value not allowed
   */
  default List<Formula> at(Map<String, String> given) {
    return at(Values.of(parameters(), given));
  }
}
