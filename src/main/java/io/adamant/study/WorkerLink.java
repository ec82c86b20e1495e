package io.adamant.study;

import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.results.StepMetrics;
import io.adamant.train.ProgressListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;

/**
 * A worker's end of the link to its study process: events go to standard output, and the end of
 * standard input means that the study process is gone or wants this one to stop. A study process
 * that does not read holds nobody up: events about steps are dropped then.
 */
public final class WorkerLink implements StudyRunner.Listener, BooleanSupplier, AutoCloseable {

  private static final long STEP_EVENT_NANOS = 300_000_000;
  private static final int WAITING = 1000;

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Thread writer;
  private final Duration idle;
  private volatile boolean ended;

  /**
   * Opens the link.
   *
   * @param in standard input
   * @param out standard output, which nothing else writes to
   * @param idle how long to wait for a run
   */
  public WorkerLink(InputStream in, PrintStream out, Duration idle) {
    this.idle = idle;
    writer = daemon("events", () -> write(out));
    daemon("study process", () -> awaitEnd(in));
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void awaitEnd(InputStream in) {
    try {
      int said;
      do {
        said = in.read(); // nothing is said that way
      } while (said >= 0);
    } catch (IOException e) {
      ended = true;
    }
    ended = true;
  }

  private void write(PrintStream out) {
    try {
      for (String line = lines.take(); !line.isEmpty(); line = lines.take()) {
        out.println(line);
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(WorkerEvent event) {
    if (event.kind() != WorkerEvent.Kind.STEP || lines.size() < WAITING) {
      lines.add(event.line());
    }
  }

  /** Whether to stop. */
  @Override
  public boolean getAsBoolean() {
    return ended;
  }

  @Override
  public ProgressListener runStarted(StudyPlan.Item item, int epoch, long fromStep) {
    String id = item.id();
    send(
        new WorkerEvent(
            WorkerEvent.Kind.STARTED, id, epoch, fromStep, null, null, null, item.label()));
    return new ProgressListener() {
      private long lastEvent = System.nanoTime() - STEP_EVENT_NANOS;

      @Override
      public void progressed(long step, StepMetrics line) {
        long now = System.nanoTime();
        if (now - lastEvent >= STEP_EVENT_NANOS) {
          lastEvent = now;
          send(
              new WorkerEvent(
                  WorkerEvent.Kind.STEP,
                  id,
                  null,
                  step,
                  StepMetrics.finite(line.trainLoss()),
                  StepMetrics.finite(line.tokensPerSecond()),
                  null,
                  null));
        }
      }

      @Override
      public void message(String text) {
        send(WorkerEvent.of(WorkerEvent.Kind.MESSAGE, id, text));
      }
    };
  }

  @Override
  public void runFound(StudyPlan.Item item, RunSummary summary) {
    send(WorkerEvent.of(WorkerEvent.Kind.FOUND, item.id(), null));
  }

  @Override
  public void runEnded(StudyPlan.Item item, RunSummary summary) {
    if (summary.status() == RunStatus.STOPPED) {
      send(WorkerEvent.of(WorkerEvent.Kind.MESSAGE, item.id(), stopped(summary)));
    }
    send(
        new WorkerEvent(
            WorkerEvent.Kind.ENDED,
            item.id(),
            null,
            summary.steps(),
            StepMetrics.finite(summary.valLoss()),
            StepMetrics.finite(summary.tokensPerSecond()),
            summary.seconds(),
            summary.status().word()));
  }

  /**
   * Where and why a run stopped.
   *
   * @param summary of a run that stopped at a rung
   * @return such as {@code stopped at step 100 (rank 3 of 4 at the rung, of which 1 goes on)}
   */
  public static String stopped(RunSummary summary) {
    return "stopped at step " + summary.steps() + " (" + summary.reason() + ")";
  }

  @Override
  public void runCrashed(StudyPlan.Item item, String reason) {
    send(WorkerEvent.of(WorkerEvent.Kind.CRASHED, item.id(), reason));
  }

  @Override
  public void runGivenUp(StudyPlan.Item item, String reason) {
    send(WorkerEvent.of(WorkerEvent.Kind.GIVEN_UP, item.id(), reason));
  }

  @Override
  public void runSkipped(StudyPlan.Item item, String kernels) {
    String text = "left to the machine that started it with the kernels " + kernels;
    send(WorkerEvent.of(WorkerEvent.Kind.MESSAGE, item.id(), text));
  }

  @Override
  public void runElsewhere(StudyPlan.Item item, String owner) {
    send(WorkerEvent.of(WorkerEvent.Kind.ELSEWHERE, item.id(), owner));
  }

  @Override
  public boolean leaves(Duration waited) {
    return waited.compareTo(idle) >= 0;
  }

  /** Writes what is left. */
  @Override
  public void close() {
    lines.add(""); // ends the writer
    try {
      writer.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
