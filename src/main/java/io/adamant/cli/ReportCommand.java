package io.adamant.cli;

import io.adamant.report.Reports;
import io.adamant.report.TableText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant report}. */
@Command(
    name = "report",
    description = "Rebuild the report of studies or runs from their files.",
    footer = {
      "",
      "Examples:",
      "  ./adamant report results/quickstart",
      "  ./adamant report results/quickstart results/quickstart-tuning --out /tmp/compared",
      "  ./adamant report results/quickstart --png --out /tmp/figures"
    })
final class ReportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "1..*",
      description = "Study folders or run folders, compared in one report.")
  private List<Path> directories;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where report.html and figures go (default: the first DIR).")
  private Path out;

  @Option(names = "--png", description = "Write the figures as PNG files too.")
  private boolean png;

  @Override
  public Integer call() {
    Path folder = out == null ? directories.get(0) : out;
    List<Path> written = Reports.write(directories, folder, png);
    PrintWriter writer = spec.commandLine().getOut();
    writer.print(TableText.terminal(Reports.table(directories)));
    String comparison = Reports.comparison(directories);
    if (!comparison.isEmpty()) {
      writer.println();
      writer.print(comparison);
    }
    writer.println();
    list(written, folder, writer);
    writer.flush();
    return 0;
  }

  /** The files of a report, those in a folder below its own by that folder. */
  static void list(List<Path> written, Path folder, PrintWriter out) {
    written.stream()
        .map(file -> file.getParent().equals(folder) ? file : file.getParent())
        .distinct()
        .forEach(path -> out.println("report  " + path));
  }
}
