package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.UserPath;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Puts commands, house style of help and error handling together. */
final class CommandLineFactory {

  private static final int HELP_WIDTH = 100;

  private CommandLineFactory() {}

  /** The whole command line; nothing in it has run. */
  static CommandLine create() {
    return create(Commands.all());
  }

  static CommandLine create(List<?> commands) {
    Adamant adamant = new Adamant();
    CommandLine root = new CommandLine(adamant);
    commands.forEach(root::addSubcommand);
    ErrorMessages errors = new ErrorMessages(adamant::stacktrace);
    // A path may begin with @; an option may be given as --set=a.b=c.
    root.setExpandAtFiles(false)
        .setUsageHelpWidth(HELP_WIDTH)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors)
        .setExecutionStrategy(errors::runLast);
    numbers(root);
    root.registerConverter(Path.class, CommandLineFactory::path);
    style(root);
    return root;
  }

  /** Wrong numbers are called that, not by the names of Java's types. */
  private static void numbers(CommandLine root) {
    whole(root, int.class, Integer::valueOf);
    whole(root, Integer.class, Integer::valueOf);
    whole(root, long.class, Long::valueOf);
    ITypeConverter<Double> real = text -> number(text, Double::valueOf, "a number");
    root.registerConverter(double.class, real).registerConverter(Double.class, real);
  }

  private static <T> void whole(CommandLine root, Class<T> type, Function<String, T> parser) {
    root.registerConverter(type, text -> number(text, parser, "a whole number, or too large"));
  }

  private static <T> T number(String text, Function<String, T> parser, String kind) {
    try {
      return parser.apply(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not " + kind);
    }
  }

  private static Path path(String text) {
    try {
      return UserPath.of(text);
    } catch (InputException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** Options in the order of their declaration: the ones of the command before those of all. */
  private static void style(CommandLine command) {
    command
        .getCommandSpec()
        .usageMessage()
        .sortOptions(false)
        .sortSynopsis(false)
        .abbreviateSynopsis(true)
        .parameterListHeading("%nParameters:%n")
        .optionListHeading("%nOptions:%n")
        .commandListHeading("%nCommands:%n");
    command.getSubcommands().values().forEach(CommandLineFactory::style);
  }
}
