package io.adamant.study;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A worker JVM as its study process sees it. */
final class WorkerProcess {

  private static final int SIGHUP = 129; // 128 + number of the signal that ended a process
  private static final int SIGINT = 130;
  private static final int SIGKILL = 137;
  private static final int SIGTERM = 143;

  private final int number;
  private final Process process;
  private final Thread reader;
  private volatile WorkerEvent training; // the run being trained, or null
  private volatile boolean heard;

  WorkerProcess(
      int number, List<String> command, File log, BiConsumer<WorkerProcess, WorkerEvent> events) {
    this.number = number;
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log));
      shareCores(builder.environment());
      this.process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("starting worker " + number + " failed", e);
    }
    this.reader = new Thread(() -> read(events), "worker " + number);
    reader.setDaemon(true);
    reader.start();
  }

  /** OpenMP's threads wait by computing, unless told otherwise, on cores that others need. */
  static void shareCores(Map<String, String> environment) {
    environment.putIfAbsent("OMP_WAIT_POLICY", "passive");
  }

  private void read(BiConsumer<WorkerProcess, WorkerEvent> events) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Optional<WorkerEvent> event = WorkerEvent.parse(line);
        if (event.isPresent()) {
          heard = true;
          follow(event.get());
          events.accept(this, event.get());
        }
      }
    } catch (IOException e) {
      return; // it was killed
    }
  }

  private void follow(WorkerEvent event) {
    switch (event.kind()) {
      case STARTED -> training = event;
      case ENDED, CRASHED -> training = null;
      default -> {
        return;
      }
    }
  }

  int number() {
    return number;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether it ever told anything: one that did not never came to work. */
  boolean wasHeard() {
    return heard;
  }

  /** What it was training when it ended; call after its end. */
  Optional<WorkerEvent> unfinished() {
    try {
      reader.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.ofNullable(training);
  }

  int exitCode() {
    return process.exitValue();
  }

  /** Whether it was ended from outside, which is no fault of the run that it was training. */
  boolean wasKilled() {
    int code = process.exitValue();
    return code == SIGKILL || code == SIGTERM || code == SIGINT || code == SIGHUP;
  }

  /** Asks it to save a checkpoint and end. */
  void stop() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      return; // it has ended
    }
  }

  void kill() {
    process.destroyForcibly();
  }
}
