package io.adamant.cli;

import io.adamant.base.Granted;
import io.adamant.base.Host;
import io.adamant.chart.Digits;
import io.adamant.config.TrainConfig;
import io.adamant.parallel.World;
import io.adamant.slurm.SlurmJob;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Optional;

/** How a log begins: who writes it, where, and with what. Nobody needs that at a terminal. */
final class LogHead {

  private static final int CROWDED = 2; // processes that want to compute, for each processor

  private final PrintWriter err;
  private final boolean terminal = ProgressDisplay.onTerminal();
  private final Optional<SlurmJob> job = SlurmJob.here();

  LogHead(PrintWriter err) {
    this.err = err;
  }

  /**
   * Who, before anything is done that takes its time. Elsewhere than in a job it waits for {@link
   * #what}: input that is refused before gets its one line alone.
   */
  void who() {
    if (job.isPresent()) {
      writer();
    }
  }

  private void writer() {
    if (!terminal) {
      String of =
          job.map(j -> "job " + j.id() + ", restart " + j.restarts() + ", node " + j.node() + ", ")
              .orElse("");
      say(of + "host " + Host.name() + ", pid " + ProcessHandle.current().pid());
    }
  }

  /**
   * With what.
   *
   * @param training of one of the runs
   * @param jobs runs that this process trains at the same time
   */
  void what(TrainConfig training, int jobs, Path folder, long left, int total) {
    if (job.isEmpty()) {
      writer();
    }
    int granted = Granted.here().threads();
    int cores = Runtime.getRuntime().availableProcessors();
    int threads = training.threads() * jobs;
    if (!terminal) {
      say(
          "%s of %s CPUs, %s%s a run, device %s; %s: %s of %s runs left"
              .formatted(
                  granted,
                  cores,
                  jobs == 1 ? ranks() : jobs + " workers, ",
                  Digits.plural(training.threads(), "thread"),
                  training.device(),
                  folder,
                  left,
                  total));
    }
    if (threads > granted) {
      say(
          "%s threads on %s CPUs slow each other down; leave training.threads at auto"
              .formatted(threads, granted));
    }
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    if (load > CROWDED * cores) {
      say(
          Digits.format(
              "%.1f threads of this machine want to compute on %d CPUs, so training will be slow",
              load, cores));
    }
  }

  private static String ranks() {
    int ranks = World.here().ranks().size();
    return ranks == 1 ? "" : ranks + " ranks, each with ";
  }

  private void say(String text) {
    ProgressDisplay.say(err, terminal, "adamant", text);
  }
}
