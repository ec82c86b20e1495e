package io.adamant.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** A command line that was run in this process: exit code, standard output, standard error. */
record Invocation(int exitCode, String out, String err) {

  static Invocation of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        CommandLineFactory.create()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(args);
    return new Invocation(exitCode, out.toString(), err.toString());
  }
}
