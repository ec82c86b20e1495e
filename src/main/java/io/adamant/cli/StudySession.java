package io.adamant.cli;

import io.adamant.report.ComparisonTable;
import io.adamant.report.Reports;
import io.adamant.report.RunsCsv;
import io.adamant.report.StudyData;
import io.adamant.report.TableText;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyPlan;
import io.adamant.study.StudyRunner;
import io.adamant.train.ProgressListener;
import io.adamant.train.RunDirectory;
import io.adamant.train.RunSummary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs a plan for {@code train} and {@code study}: progress, tables and exit code. */
final class StudySession implements StudyRunner.Listener {

  private final StudyPlan plan;
  private final StudyDirectory directory;
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean terminal = ProgressDisplay.onTerminal();

  StudySession(StudyPlan plan, StudyDirectory directory, PrintWriter out, PrintWriter err) {
    this.plan = plan;
    this.directory = directory;
    this.out = out;
    this.err = err;
  }

  /** Trains, prints the table, and returns the exit code. */
  int run() {
    StopSignal stop =
        StopSignal.install(() -> say("stopping after this step; Ctrl-C again quits at once"));
    StudyRunner runner = new StudyRunner(plan, directory, Hooks::of, this);
    Map<String, RunSummary> summaries = runner.run(stop);
    printTable();
    long interrupted = summaries.values().stream().filter(summary -> !summary.isFinal()).count();
    long left = plan.items().size() - summaries.size() + interrupted;
    if (left > 0) {
      say(
          "stopped with "
              + left
              + " of "
              + plan.items().size()
              + " runs not finished; the same command goes on");
      return 1;
    }
    return 0;
  }

  private void printTable() {
    List<Path> runs = plan.items().stream().map(item -> directory.run(item.id())).toList();
    StudyData data = StudyData.read(List.of(directory.root()));
    if (data.runs().isEmpty()) {
      return;
    }
    ComparisonTable table = ComparisonTable.of(data);
    Path root = directory.root();
    RunDirectory.writeAtomically(root.resolve("table.md"), TableText.markdown(table));
    RunDirectory.writeAtomically(root.resolve("table.csv"), TableText.csv(table));
    RunDirectory.writeAtomically(root.resolve("runs.csv"), RunsCsv.of(data.runs()));
    List<Path> written = Reports.write(List.of(root), root, false);
    out.println();
    out.print(TableText.terminal(table));
    out.println();
    out.println("runs in " + root.resolve("runs") + " (" + runs.size() + ")");
    written.forEach(file -> out.println("report  " + file));
    out.flush();
  }

  @Override
  public ProgressListener runStarted(StudyPlan.Item item, int number, int total) {
    String label = total == 1 ? item.label() : "[" + number + "/" + total + "] " + item.label();
    return new ProgressDisplay(label, err, terminal);
  }

  @Override
  public void runFound(StudyPlan.Item item, RunSummary summary) {
    say(item.label() + " was done before (" + item.id() + ")");
  }

  private void say(String text) {
    err.println(ProgressDisplay.clearLine(terminal) + "adamant: " + text);
    err.flush();
  }
}
