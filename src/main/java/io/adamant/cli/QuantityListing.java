package io.adamant.cli;

import io.adamant.theory.Parameter;
import io.adamant.theory.Quantity;
import java.util.List;
import java.util.stream.Collectors;

/** Quantities with their inputs and defaults, for a person. */
final class QuantityListing {

  private QuantityListing() {}

  static String text(List<Quantity> quantities) {
    return quantities.stream().map(QuantityListing::text).collect(Collectors.joining("\n"));
  }

  private static String text(Quantity quantity) {
    StringBuilder text = new StringBuilder();
    text.append("%s: %s%n".formatted(quantity.name(), quantity.summary()));
    for (Parameter p : quantity.parameters()) {
      String option = "--" + p.name() + " " + p.fallback();
      text.append("  %-28s %s; %s%n".formatted(option, p.meaning(), p.allowed()));
    }
    return text.toString();
  }
}
