package io.adamant.cli;

import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;

/** Progress of a simulation: a bar with ETA on a terminal, a line now and then elsewhere. */
final class WorkBar implements AutoCloseable {

  private static final long MILLION = 1_000_000;
  private static final long MANY = 10 * MILLION; // units beyond are counted in millions
  private static final long LINE_EVERY_NANOS = 5_000_000_000L;

  private final String label;
  private final long total;
  private final PrintWriter err;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong lastLine = new AtomicLong(System.nanoTime());
  private final long begin = System.nanoTime();
  private final ProgressBar bar; // null where there is no terminal

  WorkBar(String label, long total, PrintWriter err) {
    this.label = label;
    this.total = total;
    this.err = err;
    this.bar =
        ProgressDisplay.onTerminal()
            ? ProgressDisplay.bar(label, total, ProgressDisplay.barWidth())
                .setUnit(total < MANY ? "" : "M", total < MANY ? 1 : MILLION)
                .build()
            : null;
  }

  /** So many units more are done; from any thread. */
  void advance(long units) {
    long now = done.addAndGet(units);
    if (bar != null) {
      bar.stepTo(now);
      return;
    }
    long last = lastLine.get();
    long time = System.nanoTime();
    if (time - last > LINE_EVERY_NANOS && lastLine.compareAndSet(last, time)) {
      double left = (time - begin) / 1e9 * (total - now) / now;
      err.println(
          "%s: %s %%, %s left"
              .formatted(label, 100 * now / total, ProgressDisplay.duration(Math.max(0, left))));
      err.flush();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
