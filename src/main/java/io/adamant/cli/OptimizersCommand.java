package io.adamant.cli;

import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant optimizers}. */
@Command(
    name = "optimizers",
    description = "List the optimizers: formula, settings with defaults, state and source.",
    subcommands = OptimizersCheckCommand.class,
    footer = {
      "",
      "Examples:",
      "  ./adamant optimizers",
      "  ./adamant optimizers adamw",
      "  ./adamant optimizers mine.py                a text file of your own",
      "  ./adamant optimizers check mine.py",
      "  ./adamant optimizers --json"
    })
final class OptimizersCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "TYPE",
      arity = "0..1",
      defaultValue = "",
      description = "Show only this optimizer, by its name in configurations or its text file.")
  private String type;

  @Option(names = "--json", description = "Print JSON instead of text.")
  private boolean json;

  @Override
  public Integer call() {
    List<OptimizerDefinition> optimizers =
        type.isEmpty() ? Optimizers.all() : List.of(Optimizers.definition(type));
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? OptimizerListing.json(optimizers) : OptimizerListing.text(optimizers));
    out.flush();
    return 0;
  }
}
