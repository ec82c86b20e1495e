package io.adamant.cli;

import io.adamant.base.Json;
import io.adamant.lab.Findings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a laboratory command's findings go: text or JSON, and files; used as a mixin. */
final class PageOutput {

  @Option(names = "--json", description = "Print JSON instead of text.")
  private boolean json;

  @Mixin private ResultsOption results;

  /** Makes the folder before the work begins, or refuses. */
  void prepare(String folder) {
    results.folder(folder);
  }

  /** Writes the page to a folder in the results, then prints. */
  void show(CommandLine command, Findings found, String folder) {
    print(command, found, found.page().write(results.folder(folder)));
  }

  /** Prints, and names the files. */
  void print(CommandLine command, Findings found, List<Path> written) {
    PrintWriter out = command.getOut();
    out.print(json ? Json.pretty(found.json()) : found.text());
    announce(out, json ? List.of() : written);
  }

  /** Names the files, after an empty line. */
  static void announce(PrintWriter out, List<Path> written) {
    if (!written.isEmpty()) {
      out.println();
    }
    written.forEach(file -> out.println("wrote  " + file));
    out.flush();
  }
}
