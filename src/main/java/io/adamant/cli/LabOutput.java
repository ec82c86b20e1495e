package io.adamant.cli;

import io.adamant.chart.Chart;
import io.adamant.lab.Lab;
import io.adamant.lab.LabJson;
import io.adamant.lab.LabReport;
import io.adamant.lab.LabText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a laboratory command's findings go: text or JSON, and files; used as a mixin. */
final class LabOutput {

  @Mixin private ResultsOption results;

  @Option(names = "--json", description = "Print JSON instead of text.")
  private boolean json;

  /** Makes the folder before the work begins, or refuses. */
  void prepare(String folder) {
    results.folder(folder);
  }

  /** Prints, and writes files if asked to. */
  void show(CommandLine command, Lab lab, List<Chart> charts, boolean files) {
    PrintWriter out = command.getOut();
    List<Path> written = files ? LabReport.write(lab, charts, results.folder(lab.id())) : List.of();
    out.print(json ? LabJson.of(lab) : LabText.of(lab));
    if (!json) {
      announce(out, written);
    }
    out.flush();
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
