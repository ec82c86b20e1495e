package io.adamant.cli;

import io.adamant.base.StorageException;
import io.adamant.report.Reports;
import io.adamant.report.StudyData;
import io.adamant.results.Ladder;
import io.adamant.results.RunFolders;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.slurm.Requeue;
import io.adamant.slurm.Slurm;
import io.adamant.slurm.SlurmArray;
import io.adamant.slurm.SlurmJob;
import io.adamant.study.Confirmation;
import io.adamant.study.Shard;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyPlan;
import io.adamant.study.StudyRunner;
import io.adamant.study.StudyStatus;
import io.adamant.study.StudyWork;
import io.adamant.study.WorkerPool;
import io.adamant.train.ProgressListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/** Runs a plan for {@code train} and {@code study}: progress, tables and exit code. */
final class StudySession implements StudyRunner.Listener {

  private final StudyPlan plan;
  private final Shard shard;
  private final StudyDirectory directory;
  private final Duration lease;
  private final Duration idle;
  private final PrintWriter out;
  private final PrintWriter err;
  private List<StudyPlan.Item> known = List.of();
  private final boolean terminal = ProgressDisplay.onTerminal();
  private int watch;

  /**
   * A session.
   *
   * @param plan of the study
   * @param shard the part of it that this session is about
   * @param directory of the study, its record written
   * @param lease how long a silent worker keeps its run
   * @param idle how long to wait for a run while others train all that are left
   * @param out for the table
   * @param err for progress
   */
  StudySession(
      StudyPlan plan,
      Shard shard,
      StudyDirectory directory,
      Duration lease,
      Duration idle,
      PrintWriter out,
      PrintWriter err) {
    this.plan = plan;
    this.shard = shard;
    this.directory = directory;
    this.lease = lease;
    this.idle = idle;
    this.out = out;
    this.err = err;
  }

  /** Rewrites the page every so many seconds while it trains; 0 for never. */
  StudySession watched(int seconds) {
    watch = seconds;
    return this;
  }

  /** What rewrites the page until it is closed, if that is asked for. */
  private StudyWatch watching() {
    Path root = directory.root();
    return new StudyWatch(List.of(root), root, watch, err, terminal, false).start();
  }

  /** Trains in this process, prints the table, and returns the exit code. */
  int run() {
    return run(() -> {});
  }

  /**
   * The same in a folder that other processes add their runs to.
   *
   * @param record writes what the folder holds, before the training and before the table
   */
  int run(Runnable record) {
    record.run();
    head(1);
    StopSignal stop =
        StopSignal.install(() -> say("stopping after this step" + StopSignal.again()));
    try (StudyWatch watching = watching()) {
      new StudyWork(plan, shard, directory, Hooks::of, this, worker(), lease).run(stop);
    }
    record.run();
    return end(stop);
  }

  /**
   * Trains in this process, some runs before all others.
   *
   * @param first the runs that must have results before the others begin
   * @param between asked then whether the others may begin
   */
  int run(List<StudyPlan.Item> first, BooleanSupplier between) {
    head(1);
    StopSignal stop =
        StopSignal.install(() -> say("stopping after this step" + StopSignal.again()));
    try (StudyWatch watching = watching()) {
      new StudyRunner(first, directory, Hooks::of, this, worker(), lease).run(stop);
      if (first.stream().allMatch(item -> directory.hasResult(item.id()))
          && between.getAsBoolean()) {
        new StudyWork(plan, shard, directory, Hooks::of, this, worker(), lease).run(stop);
      }
    }
    return end(stop);
  }

  /** Trains in worker processes, prints the table, and returns the exit code. */
  int run(int jobs, IntFunction<List<String>> command) {
    head(jobs);
    StopSignal stop = StopSignal.install(() -> say("workers save and stop" + StopSignal.again()));
    try (StudyWatch watching = watching();
        PoolDisplay display = new PoolDisplay(this::items, err, terminal)) {
      new WorkerPool(directory, command, jobs, display).run(stop);
    }
    return end(stop);
  }

  /** The runs of this session, those on fresh seeds once they are known. */
  private List<StudyPlan.Item> items() {
    List<StudyPlan.Item> items = new ArrayList<>(shard.of(plan.items()));
    Confirmation.of(plan, directory).ifPresent(c -> items.addAll(shard.of(c.items())));
    return items;
  }

  /** What this process is called where others see it. */
  private static String worker() {
    return SlurmJob.here().map(SlurmJob::words).orElse("main");
  }

  private void head(int jobs) {
    List<StudyPlan.Item> items = items();
    Optional<Ladder> ladder = plan.ladder(directory);
    long left =
        items.stream()
            .filter(item -> !directory.hasResult(item.id()) && !isStopped(ladder, item))
            .count();
    new LogHead(err)
        .what(items.get(0).config().training(), jobs, directory.root(), left, items.size());
  }

  private static boolean isStopped(Optional<Ladder> ladder, StudyPlan.Item item) {
    return ladder.filter(rungs -> rungs.isStopped(item.id())).isPresent();
  }

  private int end(StopSignal stop) {
    List<StudyPlan.Item> items = items();
    Optional<Confirmation> confirmation = Confirmation.of(plan, directory);
    confirmation.ifPresent(
        c ->
            c.without()
                .forEach(
                    arm -> say(arm + "  has no winner to confirm: none of its points finished")));
    Optional<Ladder> ladder = plan.ladder(directory);
    StudyStatus status = StudyStatus.read(items, directory, ladder);
    List<String> failed = new ArrayList<>();
    for (StudyStatus.Line line : status.runs()) {
      if (line.state() == StudyStatus.State.FAILED) {
        failed.add(line.item().label());
        say(line.item().label() + " failed: " + line.detail());
      }
    }
    if (!failed.isEmpty()) {
      say(failed.size() + " of " + items.size() + " runs failed; use --retry to try them again");
    }
    long stopped =
        status.runs().stream()
            .filter(line -> line.state() == StudyStatus.State.STOPPED)
            .filter(line -> isStopped(ladder, line.item()))
            .count();
    if (stopped > 0) {
      say(
          "%s of %s runs stopped at a rung, checkpoints kept; they go on without stop:, or with --promote ID"
              .formatted(stopped, items.size()));
    }
    long left =
        status.runs().stream().filter(line -> line.summary().isEmpty()).count()
            - failed.size()
            - stopped;
    if (isReporter(left)) {
      printTable();
    }
    boolean interrupted = left > 0 && stop.getAsBoolean();
    long running = status.count(StudyStatus.State.RUNNING);
    long atRungs = status.count(StudyStatus.State.STOPPED) - stopped; // decided by those running
    boolean handedOver = left > 0 && running > 0 && left <= running + atRungs;
    if (left > 0) {
      say(
          "%s with %s of %s runs not finished; %s"
              .formatted(
                  interrupted ? "stopped" : "ended",
                  left,
                  items.size(),
                  interrupted || !handedOver
                      ? "run the same command again to resume"
                      : "others train them"));
    }
    if (left == 0 && failed.isEmpty() && plan.confirm().isPresent() && confirmation.isEmpty()) {
      say(
          "this shard is done; run the same command where all runs are present to confirm the winners");
    }
    if (interrupted && stop.timeIsOver()) {
      long steps = status.runs().stream().mapToLong(StudyStatus.Line::step).sum();
      SlurmJob.here()
          .map(job -> new Requeue(job, new Slurm()).ask(steps, slurmFolder()))
          .ifPresent(this::say);
    }
    if (interrupted) {
      return StopSignal.INTERRUPTED;
    }
    return failed.isEmpty() && (left == 0 || handedOver) ? 0 : 1;
  }

  private static boolean isOneOfMany() {
    return SlurmJob.here().flatMap(SlurmJob::array).isPresent();
  }

  private Path slurmFolder() {
    return directory.root().resolve(SlurmArray.FOLDER);
  }

  /**
   * Whether this process writes the report. Of the tasks of an array only one does, when everything
   * is done: one that was told to stop has better use for its last seconds, and its log.
   */
  private boolean isReporter(long left) {
    if (!isOneOfMany()) {
      return true;
    }
    if (left > 0) {
      return false;
    }
    SlurmJob task = SlurmJob.here().orElseThrow();
    Path reporter = slurmFolder().resolve("reporter-" + task.array().orElseThrow());
    try {
      Files.createDirectories(slurmFolder());
      try {
        Files.writeString(reporter, task.id(), StandardOpenOption.CREATE_NEW);
        return true;
      } catch (FileAlreadyExistsException e) {
        return Files.readString(reporter).equals(task.id()); // this task, killed while it wrote
      }
    } catch (IOException e) {
      throw new StorageException("write", reporter, e);
    }
  }

  private void printTable() {
    Path root = directory.root();
    if (!Reports.hasRuns(root)) {
      return;
    }
    StudyData study = StudyData.read(List.of(root));
    List<Path> written = Reports.write(study, root, false);
    out.println();
    out.print(Reports.terminal(study, List.of(root)));
    out.println();
    out.println("runs in " + root.resolve("runs") + " (" + RunFolders.begun(root).size() + ")");
    ReportCommand.list(written, root, out);
    out.flush();
  }

  @Override
  public ProgressListener runStarted(StudyPlan.Item item, int epoch, long fromStep) {
    if (known.stream().noneMatch(run -> run.id().equals(item.id()))) {
      known = items();
    }
    int number = known.stream().map(StudyPlan.Item::id).toList().indexOf(item.id()) + 1;
    int total = known.size();
    String label = total == 1 ? item.label() : "[" + number + "/" + total + "] " + item.label();
    return new ProgressDisplay(label, err, terminal);
  }

  @Override
  public void runFound(StudyPlan.Item item, RunSummary summary) {
    if (isOneOfMany()) {
      return; // each of them finds what the others did
    }
    say(item.label() + " was done before (" + item.id() + ")");
  }

  @Override
  public void runCrashed(StudyPlan.Item item, String reason) {
    say(item.label() + " failed, trying again: " + reason);
  }

  @Override
  public void runSkipped(StudyPlan.Item item, String kernels) {
    say(item.label() + " is left to the machine that started it with the kernels " + kernels);
  }

  @Override
  public void runEnded(StudyPlan.Item item, RunSummary summary) {
    if (summary.status() == RunStatus.INTERRUPTED && !terminal) {
      say(item.label() + " is released: whoever comes by goes on with it");
    }
  }

  @Override
  public boolean leaves(Duration waited) {
    if (waited.compareTo(idle) < 0) {
      return false;
    }
    say(
        "no run became free for "
            + ProgressDisplay.duration(waited.toMillis() / 1000.0)
            + "; this worker leaves");
    return true;
  }

  @Override
  public void runElsewhere(StudyPlan.Item item, String owner) {
    say(item.label() + " " + WorkerPool.elsewhere(owner));
  }

  private void say(String text) {
    ProgressDisplay.say(err, terminal, "adamant", text);
  }
}
