package io.adamant.cli;

import io.adamant.base.StorageException;
import io.adamant.parallel.World;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;

/** The program: {@code adamant COMMAND ...}. */
public final class Main {

  private static final Pattern CLOSED =
      Pattern.compile("pipe|descriptor", Pattern.CASE_INSENSITIVE);

  private Main() {}

  /**
   * Runs a command and ends the JVM with its exit code: 0 done, 1 the work failed, 2 bad input, 75
   * stopped by a signal with work left.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    StopSignal.listen();
    BuildInUse.keep();
    Locale.setDefault(Locale.ROOT); // for libraries: they write numbers in the user's digits
    int exitCode = written(CommandLineFactory.create(Commands.of(args)).execute(args));
    World.here().leave(exitCode);
    System.exit(exitCode);
  }

  /**
   * Java's {@code System.out} fails silently. A reader that has seen enough, as {@code head}, is
   * fine; a full disk is said, with exit code 1. What it was, only another write tells.
   */
  private static int written(int exitCode) {
    if (!System.out.checkError()) {
      return exitCode;
    }
    String reason = "a part is missing";
    try {
      new FileOutputStream(FileDescriptor.out).write('\n'); // not closed: it may be anything's
    } catch (IOException e) {
      reason = StorageException.reason(e);
    }
    if (CLOSED.matcher(reason).find()) {
      return exitCode;
    }
    System.err.println("adamant: cannot write standard output: " + reason);
    return exitCode == 0 ? 1 : exitCode;
  }
}
