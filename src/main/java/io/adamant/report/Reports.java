package io.adamant.report;

import io.adamant.base.DurableFiles;
import io.adamant.chart.Digits;
import io.adamant.chart.PngFigures;
import io.adamant.chart.Section;
import io.adamant.results.RunFolders;
import io.adamant.results.RunsCsv;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reports on studies and runs, from their files.
 *
 * <pre>{@code
 * Reports.write(List.of(Path.of("results/quickstart")), Path.of("results/quickstart"), true);
 * System.out.print(Reports.table(List.of(Path.of("results/quickstart"))).terminal());
 * }</pre>
 */
public final class Reports {

  private Reports() {}

  /**
   * Writes {@code report.html}, {@code table.md} with all tables, {@code table.csv} with the
   * comparison, {@code tables/} with a CSV file for each other table, and {@code runs.csv}, and on
   * request a PNG file a chart in {@code figures/}. Each file is replaced at once, never seen half.
   *
   * @param directories study or run directories
   * @param out directory to write to; created where it is missing
   * @param png whether to write figures
   * @return the files written, the page first
   * @throws io.adamant.base.InputException if a directory or a file in it cannot be understood
   * @throws java.io.UncheckedIOException if reading or writing fails
   */
  public static List<Path> write(List<Path> directories, Path out, boolean png) {
    return write(StudyData.read(directories), out, png);
  }

  /** The same of a study that has been read. */
  public static List<Path> write(StudyData study, Path out, boolean png) {
    StudyReport report = StudyReport.of(study);
    List<Path> files = new ArrayList<>();
    files.add(DurableFiles.write(out.resolve("report.html"), HtmlReport.render(report)));
    files.add(DurableFiles.write(out.resolve("table.md"), report.markdown()));
    files.add(DurableFiles.write(out.resolve("table.csv"), report.table().csv()));
    files.add(
        DurableFiles.write(
            out.resolve("runs.csv"),
            RunsCsv.of(report.study().runs(), report.study().confirming())));
    files.addAll(report.writeTables(out.resolve("tables")));
    if (png) {
      files.addAll(PngFigures.write(report.charts(), out.resolve("figures")));
    }
    return files;
  }

  /**
   * Writes {@code report.html} alone, of a study that still trains: it says how far the arms are
   * and loads itself again, which keeps its place and its filters.
   *
   * @param study as it stands
   * @param progress of the same
   * @param out directory to write to
   * @param seconds between two pages
   */
  public static Path writePage(StudyData study, Progress progress, Path out, int seconds) {
    String page = HtmlReport.render(StudyReport.of(study), progress, seconds);
    return DurableFiles.write(out.resolve("report.html"), page);
  }

  /** Whether a study has anything to report on yet: a run that has begun. */
  public static boolean hasRuns(Path study) {
    return !RunFolders.begun(study).isEmpty();
  }

  /**
   * What follows the comparison table on a terminal: winners on fresh seeds; of several studies
   * what their configurations differ in, and the losses of arms that they share; how many runs lie
   * there that {@code study.yaml} does not list.
   */
  static String further(StudyData study, List<Path> directories) {
    StringBuilder text = new StringBuilder();
    for (Section section : List.of(ConfirmSection.of(study), CompareSection.of(study))) {
      section.tables().forEach(t -> text.append('\n').append(t.terminal(Integer.MAX_VALUE)));
    }
    if (study.leftOut() > 0) {
      text.append(
          "\n%s in runs/ not part of study.yaml; to compare all: ./adamant report %s\n"
              .formatted(
                  Digits.plural(study.leftOut(), "other run"),
                  directories.get(0).resolve("runs") + "/*"));
    }
    return text.toString();
  }

  /** What a terminal shows of a study: the comparison table and what follows it. */
  public static String terminal(StudyData study, List<Path> directories) {
    return ComparisonTable.of(study).terminal() + further(study, directories);
  }

  /**
   * The comparison table alone of study or run directories.
   *
   * @throws io.adamant.base.InputException if a directory or a file in it cannot be understood
   */
  public static ComparisonTable table(List<Path> directories) {
    return ComparisonTable.of(StudyData.read(directories));
  }
}
