package io.adamant.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code adamant} without a command, and the options that every command has. */
@Command(
    name = "adamant",
    versionProvider = Version.class,
    description = {
      "Trains GPT-style language models with exactly defined optimizers and compares them with"
          + " mean-field theory."
    },
    footer = {
      "",
      "Examples:",
      "  ./adamant study configs/quickstart.yaml     compare five optimizers on real English",
      "  ./adamant COMMAND --help                    the options of a command, with examples",
      "",
      "Exit codes: 0 done, 1 the work failed, 2 bad input, 75 stopped by a signal with work left."
    })
@SuppressWarnings("unused") // picocli acts on help and version; nobody reads their fields
final class Adamant implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this text and exit.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and exit.")
  private boolean version;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean stacktrace;

  /** Without a command, lists the commands. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return 0;
  }

  boolean stacktrace() {
    return stacktrace;
  }
}
