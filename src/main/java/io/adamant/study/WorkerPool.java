package io.adamant.study;

import io.adamant.base.Host;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.slurm.SlurmJob;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * Worker JVMs of one study process: started once, reused from run to run, replaced when they die.
 * The pool decides nothing about runs; its workers claim them, as those of any other process do.
 */
public final class WorkerPool {

  /** Hears what the workers do; calls come from several threads. */
  public interface Listener {

    /**
     * A worker begins to train a run.
     *
     * @param worker its number, 1 for the first
     * @param id of the run
     * @param fromStep steps done before
     */
    void started(int worker, String id, long fromStep);

    /**
     * Steps were done.
     *
     * @param id of the run
     * @param step steps done so far
     * @param loss training loss, NaN where it is not finite
     * @param tokensPerSecond speed
     */
    void progressed(String id, long step, double loss, double tokensPerSecond);

    /**
     * A run has a result that was there before.
     *
     * @param id of the run
     */
    void found(String id);

    /**
     * A run ended.
     *
     * @param worker number of its worker
     * @param id of the run
     * @param status finished, diverged or interrupted
     * @param valLoss validation loss, NaN without one
     * @param seconds of training
     */
    void ended(int worker, String id, String status, double valLoss, double seconds);

    /**
     * Something that a person should know.
     *
     * @param worker number of the worker
     * @param id of the run, may be empty
     * @param text one line
     */
    void message(int worker, String id, String text);
  }

  private static final int POLL_MILLIS = 100;
  private static final int BAD_INPUT = 2;
  private static final int MAX_BAD_STARTS = 3;

  /** Exit code of a worker that cannot write its results: what sysexits.h calls EX_IOERR. */
  public static final int STORAGE = 74;

  private static final long PATIENCE_MILLIS = 120_000;

  private final StudyDirectory directory;
  private final IntFunction<List<String>> command;
  private final int jobs;
  private final Listener listener;
  private final Map<String, String> givenUp = new ConcurrentHashMap<>();
  private final Set<String> names = ConcurrentHashMap.newKeySet(); // of the workers, as owners
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private final Path logs;
  private int badStarts;

  /**
   * Prepares a pool.
   *
   * @param directory of the study, its record written
   * @param command makes the command line of a worker from its number, 1 for the first
   * @param jobs number of workers
   * @param listener hears what they do
   */
  public WorkerPool(
      StudyDirectory directory, IntFunction<List<String>> command, int jobs, Listener listener) {
    this.directory = directory;
    this.command = command;
    this.jobs = jobs;
    this.listener = listener;
    try {
      this.logs = Files.createTempDirectory("adamant-workers-");
    } catch (IOException e) {
      throw new StorageException(
          "make a folder for the workers' logs in",
          Path.of(System.getProperty("java.io.tmpdir")),
          e);
    }
  }

  /**
   * Runs the workers until they have nothing to do or are told to stop.
   *
   * @param stop true lets each save a checkpoint and end
   * @return run identity to reason, for the runs that were given up
   * @throws InputException if a worker refuses its input
   * @throws StorageException if a worker cannot write its results
   * @throws IllegalStateException if workers end again and again before they come to work
   */
  public Map<String, String> run(BooleanSupplier stop) {
    List<WorkerProcess> workers = new ArrayList<>();
    try {
      for (int i = 1; i <= jobs; i++) {
        workers.add(start(i));
      }
      while (!workers.isEmpty() && !stop.getAsBoolean()) {
        sleep();
        for (WorkerProcess worker : List.copyOf(workers)) {
          if (!worker.isAlive()) {
            workers.remove(worker);
            if (died(worker)) {
              workers.add(start(worker.number()));
            }
          }
        }
      }
    } finally {
      end(workers);
    }
    Folders.deleteContent(logs); // kept where an exception leaves this method
    directory.sweep();
    return Map.copyOf(givenUp);
  }

  private WorkerProcess start(int number) {
    WorkerProcess worker =
        new WorkerProcess(number, command.apply(number), log(number), this::heard);
    names.add(Owner.words(name(number), worker.pid(), Host.name()));
    return worker;
  }

  /**
   * What a worker of this process is called where others see it.
   *
   * @param number 1 for the first
   * @return such as {@code worker 2}, with its job of Slurm if there is one
   */
  public static String name(int number) {
    return "worker " + number + SlurmJob.here().map(job -> " of " + job.words()).orElse("");
  }

  /**
   * Tells of a run that a process of another study trains.
   *
   * @param owner who, and since when
   * @return what to say after the run's name
   */
  public static String elsewhere(String owner) {
    return "is being trained by %s; this process waits for its result, and goes on from its last checkpoint if that one stops"
        .formatted(owner);
  }

  private File log(int number) {
    return logs.resolve("worker-%s.log".formatted(number)).toFile();
  }

  private void heard(WorkerProcess worker, WorkerEvent event) {
    switch (event.kind()) {
      case STARTED -> listener.started(worker.number(), event.id(), event.step());
      case STEP ->
          listener.progressed(
              event.id(), event.step(), number(event.loss()), number(event.tokensPerSecond()));
      case FOUND -> listener.found(event.id());
      case ENDED ->
          listener.ended(
              worker.number(),
              event.id(),
              event.text(),
              number(event.loss()),
              number(event.seconds()));
      case CRASHED -> listener.message(worker.number(), event.id(), "failed: " + event.text());
      case ELSEWHERE -> {
        boolean ours = names.stream().anyMatch(event.text()::startsWith);
        if (!ours && told.add(event.id() + event.text())) {
          listener.message(worker.number(), event.id(), elsewhere(event.text()));
        }
      }
      case GIVEN_UP -> givenUp.put(event.id(), event.text());
      case MESSAGE -> listener.message(worker.number(), event.id(), event.text());
    }
  }

  private static double number(Double value) {
    return value == null ? Double.NaN : value;
  }

  /** Draws the consequences of a worker's end; true if another one should take its place. */
  private boolean died(WorkerProcess worker) {
    Optional<WorkerEvent> run = worker.unfinished();
    if (worker.exitCode() == 0) {
      return false;
    }
    if (worker.exitCode() == BAD_INPUT) {
      throw new InputException(lastLine(worker.number()));
    }
    if (worker.exitCode() == STORAGE) {
      throw new StorageException(lastLine(worker.number()));
    }
    String end = "worker process " + worker.pid() + " ended with exit code " + worker.exitCode();
    badStarts = worker.wasHeard() ? 0 : badStarts + 1;
    if (badStarts >= MAX_BAD_STARTS && !worker.wasKilled()) {
      throw new IllegalStateException(end + ": " + lastLine(worker.number()));
    }
    if (run.isPresent() && !worker.wasKilled()) {
      new Attempts(directory.work(run.get().id())).crashed(run.get().epoch(), end);
    }
    listener.message(
        worker.number(), run.map(WorkerEvent::id).orElse(""), end + "; another one takes over");
    return true;
  }

  /** What a worker said last on standard error, without the program's name. */
  private String lastLine(int number) {
    try {
      List<String> lines = Files.readAllLines(log(number).toPath());
      return lines.isEmpty()
          ? "it said nothing"
          : lines.get(lines.size() - 1).replaceFirst("^adamant: ", "");
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }

  private static void end(List<WorkerProcess> workers) {
    workers.forEach(WorkerProcess::stop);
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    while (workers.stream().anyMatch(WorkerProcess::isAlive) && System.nanoTime() < deadline) {
      sleep();
    }
    workers.forEach(WorkerProcess::kill);
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The command line of a JVM like this one.
   *
   * @param mainClass to run
   * @param arguments for it
   * @return the words
   */
  public static List<String> jvm(String mainClass, List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-agentlib") && !option.startsWith("-javaagent"))
        .forEach(words::add);
    words.add("-cp");
    words.add(System.getProperty("java.class.path"));
    words.add(mainClass);
    words.addAll(arguments);
    return words;
  }
}
