package io.adamant.cli;

import io.adamant.base.Json;
import io.adamant.lab.Findings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the findings of a laboratory command with a page of its own go; used as a mixin. */
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
    List<Path> written = found.page().write(results.folder(folder));
    PrintWriter out = command.getOut();
    out.print(json ? Json.pretty(found.json()) : found.text());
    if (!json) {
      LabOutput.announce(out, written);
    }
    out.flush();
  }
}
