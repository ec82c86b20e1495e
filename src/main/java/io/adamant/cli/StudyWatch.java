package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.report.Progress;
import io.adamant.report.Reports;
import io.adamant.report.StudyData;
import io.adamant.study.StudyStatus;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Rewrites the page of studies that still train, and shows their arms side by side. */
final class StudyWatch implements AutoCloseable {
  /** Seconds between two pages. */
  static final String EVERY = "30";

  private static final String BAD = "1 to 86400 seconds";
  private static final int LONGEST = 86_400;

  private final List<Path> directories;
  private final Path out;
  private final int seconds;
  private final PrintWriter err;
  private final boolean terminal;
  private final boolean inPlace;
  private String before = "";
  private final Thread thread = new Thread(this::run, "watch");

  /**
   * A watch that has not begun.
   *
   * @param directories of the studies
   * @param out where the page goes
   * @param seconds between two pages
   * @param err where to tell how it goes
   * @param terminal whether that is one
   * @param inPlace whether nobody else writes there, so that a table can replace the last one
   */
  StudyWatch(
      List<Path> directories,
      Path out,
      int seconds,
      PrintWriter err,
      boolean terminal,
      boolean inPlace) {
    this.directories = directories;
    this.out = out;
    this.seconds = seconds;
    this.err = err;
    this.terminal = terminal;
    this.inPlace = terminal && inPlace;
  }

  /** Refuses an interval that is none. */
  static void require(String option, int seconds) {
    if (seconds < 1 || seconds > LONGEST) {
      throw InputException.badValue(option, seconds, BAD);
    }
  }

  /** Watches beside the training until it is closed; not at all every 0 seconds. */
  StudyWatch start() {
    if (seconds > 0) {
      thread.setDaemon(true);
      thread.start();
    }
    return this;
  }

  /** Watches until every run has a result. */
  void follow() {
    boolean open = round();
    while (open && sleep()) {
      open = attempt();
    }
  }

  private void run() {
    while (sleep()) {
      if (Reports.hasRuns(directories.get(0))) {
        attempt();
      }
    }
  }

  /** A run that is published while it is read has moved; the next round finds it. */
  private boolean attempt() {
    try {
      return round();
    } catch (InputException | StorageException e) {
      return true;
    }
  }

  private boolean round() {
    StudyData study = StudyData.read(directories);
    Progress progress = Progress.of(study, directories, StudyStatus.standings()::apply);
    if (progress.open()) {
      Reports.writePage(study, progress, out, seconds);
      say(progress);
    }
    return progress.open();
  }

  private void say(Progress progress) {
    String text = progress.line() + "\n";
    if (terminal) {
      text += progress.table().terminal(ProgressDisplay.columns());
    }
    if (text.equals(before)) {
      return;
    }
    long lines = inPlace ? before.lines().count() : 0;
    err.print(lines > 0 ? "\u001b[" + lines + "A\u001b[J" : ProgressDisplay.clearLine(terminal));
    err.print(text);
    err.flush();
    before = text;
  }

  private boolean sleep() {
    try {
      Thread.sleep(Duration.ofSeconds(seconds).toMillis());
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** Ends the watch; a page that is being written is finished first. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
