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
      "Trains GPT-style language models with exactly defined optimizers, and holds what they do"
          + " against mean-field theory."
    },
    footer = {
      "",
      "Examples:",
      "  ./adamant study configs/quickstart.yaml     compare two optimizers on real English",
      "  ./adamant COMMAND --help                    what a command takes, with an example",
      "",
      "Exit codes: 0 done, 1 the work failed, 2 bad input."
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
      description = "Show where in the program an error arose.")
  private boolean stacktrace;

  /** Whoever names no command wants to see which there are. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return 0;
  }

  boolean stacktrace() {
    return stacktrace;
  }
}
