package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.chart.Digits;
import io.adamant.report.Reports;
import io.adamant.report.StudyData;
import io.adamant.results.StudyBundle;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      "  ./adamant report results/quickstart results/quickstart-tuning --out compared",
      "  ./adamant report results/quickstart --png --out figures",
      "  ./adamant report results/quickstart --follow",
      "  ./adamant report results/quickstart --bundle"
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
      description =
          "Where to write report.html and figures (default: DIR; for several studies a new folder"
              + " next to the first, named after all of them).")
  private Path out;

  @Option(names = "--png", description = "Also write the figures as PNG files.")
  private boolean png;

  @Option(
      names = "--bundle",
      description =
          "Make a folder to pass on: a study's record, report, manifests and metrics, tokenizer and"
              + " optimizers of one's own, without weights (default: DIR-bundle, or --out).")
  private boolean bundle;

  @Option(
      names = "--follow",
      description =
          "Rewrite report.html, which reloads itself, until every run has a result; for a study"
              + " that other processes train.")
  private boolean follow;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = StudyWatch.EVERY,
      description = "Time between two pages of --follow (default: ${DEFAULT-VALUE}).")
  private int every;

  @Override
  public Integer call() {
    if (bundle) {
      return pack();
    }
    Path folder = out == null ? folder(directories) : out;
    StudyWatch.require("--every", every);
    if (follow) {
      PrintWriter err = spec.commandLine().getErr();
      boolean terminal = ProgressDisplay.onTerminal();
      new StudyWatch(directories, folder, every, err, terminal, true).follow();
    }
    StudyData study = StudyData.read(directories);
    List<Path> written = Reports.write(study, folder, png);
    PrintWriter writer = spec.commandLine().getOut();
    writer.print(Reports.terminal(study, directories));
    writer.println();
    list(written, folder, writer);
    writer.flush();
    return 0;
  }

  private int pack() {
    if (directories.size() > 1) {
      throw InputException.badValue("--bundle", directories.size() + " folders", "one study");
    }
    Path study = directories.get(0).toAbsolutePath().normalize();
    Path folder = out == null ? study.resolveSibling(study.getFileName() + "-bundle") : out;
    int runs = StudyBundle.pack(study, folder, into -> Reports.write(List.of(study), into, png));
    PrintWriter writer = spec.commandLine().getOut();
    writer.println("bundle  %s (%s)".formatted(folder, Digits.plural(runs, "run")));
    writer.flush();
    return 0;
  }

  /** A report on several studies must not overwrite that of the first, nor one a bundle's. */
  static Path folder(List<Path> directories) {
    Path first = directories.get(0);
    if (StudyBundle.isBundle(first) && directories.size() == 1) {
      return first.toAbsolutePath().resolveSibling(first.getFileName() + "-report");
    }
    if (directories.size() == 1 || !Files.isDirectory(first.resolve("runs"))) {
      return first;
    }
    String names =
        directories.stream()
            .map(directory -> directory.toAbsolutePath().normalize().getFileName().toString())
            .collect(Collectors.joining("-and-"));
    return first.resolveSibling(names);
  }

  /** The files of a report, those in a folder below its own by that folder. */
  static void list(List<Path> written, Path folder, PrintWriter out) {
    written.stream()
        .map(file -> file.getParent().equals(folder) ? file : file.getParent())
        .distinct()
        .forEach(path -> out.println("report  " + path));
  }
}
