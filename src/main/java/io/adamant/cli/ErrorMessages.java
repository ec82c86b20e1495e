package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.LoadFailure;
import io.adamant.base.Services;
import io.adamant.base.StorageException;
import io.adamant.base.Suggestion;
import io.adamant.config.Configs;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * One line on standard error for whatever goes wrong: exit code 2 for bad input, 1 for work that
 * failed. A stack trace appears only on request.
 */
final class ErrorMessages implements IParameterExceptionHandler, IExecutionExceptionHandler {

  private static final int FAILED = 1;
  private static final int BAD_INPUT = 2;
  private static final String CLASS_PATH = "ADAMANT_CLASSPATH"; // the launcher's

  private final BooleanSupplier stacktrace;

  ErrorMessages(BooleanSupplier stacktrace) {
    this.stacktrace = stacktrace;
  }

  /** Runs the command; an {@code Error} such as too little memory is reported like an exception. */
  int runLast(ParseResult parsed) {
    try {
      Services.requireClassPath(CLASS_PATH, System.getenv().getOrDefault(CLASS_PATH, ""));
      return new CommandLine.RunLast().execute(parsed);
    } catch (ParameterException | ExecutionException e) {
      throw e; // for the two handlers below
    } catch (Throwable e) {
      List<CommandLine> commands = parsed.asCommandLineList();
      return report(e, commands.get(commands.size() - 1));
    }
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String message = oneLine(e.getMessage());
    String hint = "see: " + command.getCommandSpec().qualifiedName() + " --help";
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> words = unmatched.getUnmatched();
      if (!command.getSubcommands().isEmpty() && !words.get(0).startsWith("-")) {
        message = "there is no command " + words.get(0);
      }
      hint = meant(command, words).map(meant -> "did you mean " + meant + "? ").orElse("") + hint;
    }
    print(command, message + "; " + hint);
    return BAD_INPUT;
  }

  /** The command, the option or the key of a configuration that an unknown word may stand for. */
  private static Optional<String> meant(CommandLine command, List<String> words) {
    String[] option = words.get(0).split("=", 2);
    if (!option[0].startsWith("-")) {
      return Suggestion.nearest(option[0], command.getSubcommands().keySet());
    }
    CommandSpec spec = command.getCommandSpec();
    String value = option.length > 1 ? option[1] : words.size() > 1 ? words.get(1) : "...";
    boolean number = value.matches("[-+]?[0-9].*"); // which a switch does not take
    List<String> options =
        spec.optionsMap().entrySet().stream()
            .filter(known -> !number || known.getValue().arity().max() > 0)
            .map(Map.Entry::getKey)
            .toList();
    Optional<String> near = Suggestion.nearest(option[0], options);
    if (spec.mixins().values().stream().noneMatch(m -> m.userObject() instanceof SetOptions)) {
      return near;
    }
    return near.or(
        () ->
            Configs.keyNamed(option[0].replaceFirst("^--?", "").replace('-', '_'))
                .map(key -> "--set " + key + "=" + value));
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    return report(e, command);
  }

  private int report(Throwable e, CommandLine command) {
    // Not the work is wrong, but a folder's or the system's setting.
    Optional<String> unloadable = LoadFailure.explain(e);
    boolean badInput = e instanceof InputException || unloadable.isPresent();
    if (badInput) {
      print(command, unloadable.orElseGet(() -> oneLine(e.getMessage())));
    } else if (e instanceof StorageException) {
      print(command, oneLine(e.getMessage())); // which says all: no class, no place in the code
    } else {
      String kind = e.getClass().getSimpleName();
      String message = e.getMessage() == null ? kind : kind + ": " + oneLine(e.getMessage());
      String hint = stacktrace.getAsBoolean() ? "" : " (--stacktrace shows where)";
      print(command, command.getCommandName() + " failed: " + message + hint);
    }
    if (stacktrace.getAsBoolean()) {
      PrintWriter err = command.getErr();
      e.printStackTrace(err);
      err.flush();
    }
    return badInput ? BAD_INPUT : FAILED;
  }

  private static void print(CommandLine command, String line) {
    command.getErr().println("adamant: " + line);
    command.getErr().flush();
  }

  /** Native libraries report over many lines; the first one says what, the rest where. */
  private static String oneLine(String message) {
    return message.strip().lines().findFirst().orElse("");
  }
}
