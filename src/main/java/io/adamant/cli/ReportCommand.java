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
    List<Path> written = Reports.write(directories, out == null ? directories.get(0) : out, png);
    PrintWriter writer = spec.commandLine().getOut();
    writer.print(TableText.terminal(Reports.table(directories)));
    writer.println();
    written.forEach(file -> writer.println("report  " + file));
    writer.flush();
    return 0;
  }
}
