package io.adamant.cli;

import java.util.List;
import picocli.CommandLine;

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
    style(root);
    return root;
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
