package io.adamant.cli;

import java.util.Locale;

/** The program: {@code adamant COMMAND ...}. */
public final class Main {

  private Main() {}

  /**
   * Runs a command and ends the JVM with its exit code: 0 done, 1 the work failed, 2 bad input, 75
   * stopped by a signal with work left.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    BuildInUse.keep();
    Locale.setDefault(Locale.ROOT); // for libraries: they write numbers in the user's digits
    System.exit(CommandLineFactory.create(Commands.of(args)).execute(args));
  }
}
