package io.adamant.cli;

import io.adamant.lab.Lab;
import io.adamant.theory.Parameter;
import io.adamant.theory.Topic;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * What {@code theory} and {@code simulate} share: a quantity, its inputs as options, and output.
 */
abstract class QuantityCommand implements Callable<Integer> {

  private CommandSpec spec;
  private QuantityOptions inputs;

  @Parameters(
      paramLabel = "QUANTITY",
      arity = "0..1",
      defaultValue = "",
      description = "A quantity, such as update-rms; without it all are listed.")
  private String name;

  @Mixin private PageOutput output;

  @Spec
  void prepare(CommandSpec own) {
    spec = own;
    inputs =
        QuantityOptions.addTo(own, all().stream().flatMap(t -> t.parameters().stream()).toList());
  }

  /** What it can be asked for. */
  abstract List<? extends Topic> all();

  /** What the command finds of a quantity. */
  abstract Lab lab(String quantity, Map<String, String> given, CommandLine command);

  /** Whether it goes to files too. */
  abstract boolean written(Lab lab);

  /** To be called before a long work, when all inputs are found good. */
  final void prepare(String folder) {
    output.prepare(folder);
  }

  @Override
  public Integer call() {
    CommandLine command = spec.commandLine();
    if (name.isEmpty()) {
      command.getOut().print(listing(all()));
      command.getOut().flush();
      return 0;
    }
    Lab lab = lab(name, inputs.given(), command);
    if (written(lab)) {
      output.show(command, lab, lab.id());
    } else {
      output.print(command, lab, List.of());
    }
    return 0;
  }

  /** All with their inputs and defaults, for a person. */
  private static String listing(List<? extends Topic> topics) {
    StringJoiner text = new StringJoiner("\n");
    for (Topic topic : topics) {
      StringBuilder one = new StringBuilder("%s: %s%n".formatted(topic.name(), topic.summary()));
      for (Parameter p : topic.parameters()) {
        String option = "--" + p.name() + " " + p.fallback();
        one.append("  %-28s %s; %s%n".formatted(option, p.meaning(), p.allowed()));
      }
      text.add(one);
    }
    return text.toString();
  }
}
