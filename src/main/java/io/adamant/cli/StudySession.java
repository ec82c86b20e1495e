package io.adamant.cli;

import io.adamant.report.Reports;
import io.adamant.report.TableText;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyPlan;
import io.adamant.study.StudyRunner;
import io.adamant.study.StudyStatus;
import io.adamant.study.WorkerPool;
import io.adamant.train.ProgressListener;
import io.adamant.train.RunSummary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Runs a plan for {@code train} and {@code study}: progress, tables and exit code. */
final class StudySession implements StudyRunner.Listener {

  private final List<StudyPlan.Item> items;
  private final StudyDirectory directory;
  private final Duration lease;
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean terminal = ProgressDisplay.onTerminal();

  /**
   * A session.
   *
   * @param items the runs that it is about
   * @param directory of the study, its record written
   * @param lease how long a silent worker keeps its run
   * @param out for the table
   * @param err for progress
   */
  StudySession(
      List<StudyPlan.Item> items,
      StudyDirectory directory,
      Duration lease,
      PrintWriter out,
      PrintWriter err) {
    this.items = items;
    this.directory = directory;
    this.lease = lease;
    this.out = out;
    this.err = err;
  }

  /** Trains in this process, prints the table, and returns the exit code. */
  int run() {
    StopSignal stop =
        StopSignal.install(() -> say("stopping after this step; Ctrl-C again quits at once"));
    new StudyRunner(items, directory, Hooks::of, this, "main", lease).run(stop);
    return end();
  }

  /** Trains in worker processes, prints the table, and returns the exit code. */
  int run(int jobs, IntFunction<List<String>> command) {
    StopSignal stop =
        StopSignal.install(() -> say("workers save and stop; Ctrl-C again quits at once"));
    try (PoolDisplay display = new PoolDisplay(items, err, terminal)) {
      new WorkerPool(directory, command, jobs, display).run(stop);
    }
    return end();
  }

  private int end() {
    printTable();
    StudyStatus status = StudyStatus.read(items, directory);
    List<String> failed = new ArrayList<>();
    for (StudyStatus.Line line : status.runs()) {
      if (line.state() == StudyStatus.State.FAILED) {
        failed.add(line.item().label());
        say(line.item().label() + " failed: " + line.detail());
      }
    }
    if (!failed.isEmpty()) {
      say(failed.size() + " of " + items.size() + " runs failed; --retry tries them again");
    }
    long left =
        status.runs().stream().filter(line -> line.summary().isEmpty()).count() - failed.size();
    if (left > 0) {
      say(
          "stopped with "
              + left
              + " of "
              + items.size()
              + " runs not finished; the same command goes on");
    }
    return failed.isEmpty() && left == 0 ? 0 : 1;
  }

  private void printTable() {
    Path root = directory.root();
    if (!Reports.hasRuns(root)) {
      return;
    }
    List<Path> written = Reports.write(List.of(root), root, false);
    out.println();
    out.print(TableText.terminal(Reports.table(List.of(root))));
    out.println();
    out.println("runs in " + root.resolve("runs") + " (" + items.size() + ")");
    written.forEach(file -> out.println("report  " + file));
    out.flush();
  }

  @Override
  public ProgressListener runStarted(StudyPlan.Item item, int epoch, long fromStep) {
    int number = items.indexOf(item) + 1;
    int total = items.size();
    String label = total == 1 ? item.label() : "[" + number + "/" + total + "] " + item.label();
    return new ProgressDisplay(label, err, terminal);
  }

  @Override
  public void runFound(StudyPlan.Item item, RunSummary summary) {
    say(item.label() + " was done before (" + item.id() + ")");
  }

  @Override
  public void runCrashed(StudyPlan.Item item, String reason) {
    say(item.label() + " failed and is tried again: " + reason);
  }

  private void say(String text) {
    err.println(ProgressDisplay.clearLine(terminal) + "adamant: " + text);
    err.flush();
  }
}
