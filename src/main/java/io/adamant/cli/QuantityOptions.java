package io.adamant.cli;

import io.adamant.theory.Parameter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The inputs of quantities as options, made from the list of {@link Parameter}s, so that a new
 * quantity needs no line here. Which ones a quantity takes is checked when it is named.
 */
final class QuantityOptions {

  private final CommandSpec spec;
  private final Map<String, OptionSpec> options = new LinkedHashMap<>();

  private QuantityOptions(CommandSpec spec) {
    this.spec = spec;
  }

  /** Adds an option for each name among the parameters. */
  static QuantityOptions addTo(CommandSpec spec, Collection<Parameter> parameters) {
    QuantityOptions all = new QuantityOptions(spec);
    for (Parameter parameter : parameters) {
      all.options.computeIfAbsent(
          parameter.name(),
          name ->
              OptionSpec.builder("--" + name)
                  .type(String.class)
                  .paramLabel("X")
                  .description(parameter.meaning() + "; " + parameter.allowed() + ".")
                  .build());
    }
    all.options.values().forEach(spec::addOption);
    return all;
  }

  /** What was written on the command line, by name. */
  Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    options.forEach(
        (name, option) -> {
          OptionSpec used = spec.findOption("--" + name);
          if (used.getValue() != null) {
            given.put(name, used.getValue());
          }
        });
    return given;
  }
}
