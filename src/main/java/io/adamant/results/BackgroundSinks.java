package io.adamant.results;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Sinks on a thread of their own, so that training does not wait for their files. One batch of
 * lines is under way at most; an error of it is thrown at the next call.
 */
final class BackgroundSinks implements MetricsSink {

  private final List<MetricsSink> sinks;
  private final ExecutorService thread;
  private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

  BackgroundSinks(List<MetricsSink> sinks) {
    this.sinks = List.copyOf(sinks);
    thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread daemon = new Thread(task, "adamant-sinks");
              daemon.setDaemon(true);
              return daemon;
            });
  }

  @Override
  public void begin(long stepsDone) {
    sinks.forEach(sink -> sink.begin(stepsDone));
  }

  @Override
  public void append(List<StepMetrics> lines) {
    finish();
    List<StepMetrics> kept = List.copyOf(lines); // the caller goes on with its list
    written = CompletableFuture.runAsync(() -> sinks.forEach(sink -> sink.append(kept)), thread);
  }

  /** Waits until all lines are written, as a checkpoint must that counts on them. */
  void finish() {
    try {
      written.join();
    } catch (CompletionException e) {
      written = CompletableFuture.completedFuture(null); // it is told once
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  @Override
  public void close() {
    try {
      finish();
    } finally {
      thread.shutdown();
      sinks.forEach(MetricsSink::close);
    }
  }
}
