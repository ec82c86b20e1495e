package io.adamant.cli;

import io.adamant.simulate.Simulation;
import io.adamant.theory.Parameter;
import io.adamant.theory.Quantity;
import java.util.List;
import java.util.stream.Collectors;

/** Quantities with their inputs and defaults, for a person. */
final class QuantityListing {

  private QuantityListing() {}

  static String text(List<Quantity> quantities) {
    return quantities.stream()
        .map(q -> text(q.name(), q.summary(), q.parameters()))
        .collect(Collectors.joining("\n"));
  }

  static String simulations(List<Simulation> simulations) {
    return simulations.stream()
        .map(s -> text(s.name(), s.summary(), s.parameters()))
        .collect(Collectors.joining("\n"));
  }

  private static String text(String name, String summary, List<Parameter> parameters) {
    StringBuilder text = new StringBuilder();
    text.append("%s: %s%n".formatted(name, summary));
    for (Parameter p : parameters) {
      String option = "--" + p.name() + " " + p.fallback();
      text.append("  %-28s %s; %s%n".formatted(option, p.meaning(), p.allowed()));
    }
    return text.toString();
  }
}
