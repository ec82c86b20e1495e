package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.simulate.SurgeMethod;
import io.adamant.theory.ParameterGrid;
import io.adamant.theory.Values;
import java.util.List;
import java.util.Locale;

/**
 * What {@code surge} is to follow.
 *
 * @param methods each once
 * @param batches rising
 */
record SurgePlan(List<SurgeMethod> methods, List<Double> batches) {

  private static final List<String> MAY_VARY = List.of("method", "beta1", "batch");

  static SurgePlan of(ParameterGrid grid) {
    for (String name : grid.varied()) {
      if (!MAY_VARY.contains(name)) {
        throw new InputException(
            "--" + name + ": expected: one value; lists are for " + String.join(", ", MAY_VARY));
      }
    }
    List<SurgeMethod> methods = grid.points().stream().map(SurgePlan::method).distinct().toList();
    List<Double> batches =
        grid.points().stream().map(v -> v.number("batch")).distinct().sorted().toList();
    if (batches.size() < 2) {
      throw new InputException("--batch " + batches.get(0) + ": expected: two or more batch sizes");
    }
    return new SurgePlan(methods, batches);
  }

  private static SurgeMethod method(Values v) {
    return new SurgeMethod(
        SurgeMethod.Kind.valueOf(v.text("method").toUpperCase(Locale.ROOT)),
        v.number("beta1"),
        v.number("beta2"));
  }
}
