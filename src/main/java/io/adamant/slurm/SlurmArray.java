package io.adamant.slurm;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Arrays of workers of one study, in its folder {@code slurm/}: {@code worker.sbatch}, the logs and
 * for each array a file with its name, which no other job has. Written before the array is
 * submitted, it finds the job whose sbatch never answered.
 */
public final class SlurmArray {

  /** The folder in a study's folder. */
  public static final String FOLDER = "slurm";

  /**
   * What a user asks for.
   *
   * @param study its name
   * @param left runs without a result
   * @param workers as many at most; empty for one a run
   * @param cpus of each
   * @param here the folder that the command is relative to
   * @param command what a worker is
   * @param options for sbatch
   */
  public record Request(
      String study,
      int left,
      OptionalInt workers,
      int cpus,
      Path here,
      List<String> command,
      List<String> options) {

    /** Refuses options that would hide the array from Adamant; takes copies. */
    public Request {
      command = List.copyOf(command);
      options = List.copyOf(options);
      for (String option : options) {
        if (OURS.matcher(option).matches()) {
          throw new InputException(
              option
                  + " after -- is Adamant's own; expected: other options of sbatch, and --workers N for the size of the array");
        }
      }
    }
  }

  /**
   * What became of it.
   *
   * @param exitCode 0 done, 1 not known
   * @param text for the user
   */
  public record Outcome(int exitCode, String text) {}

  private static final Pattern OURS =
      Pattern.compile("(-a|-J)\\d*.*|--(array|job-name|parsable|wait)(=.*)?|-W");
  private static final Pattern UNSURE =
      Pattern.compile("(?i).*(timed out|unable to contact|no answer|try again).*");
  private static final int LOOKS = 5;
  private static final long LOOK_EVERY_MILLIS = 2000;

  private final Path folder;
  private final Slurm slurm;

  /**
   * The arrays of a study.
   *
   * @param study its folder
   * @param slurm the commands
   */
  public SlurmArray(Path study, Slurm slurm) {
    this.folder = study.toAbsolutePath().normalize().resolve(FOLDER);
    this.slurm = slurm;
  }

  /**
   * The batch script, for a person or another batch system; writes nothing.
   *
   * @param request what is asked for
   * @return its text
   */
  public String script(Request request) {
    int workers = Math.max(1, Math.min(request.left(), request.workers().orElse(request.left())));
    return script(request, request.study(), "", workers).text();
  }

  private WorkerScript script(Request request, String name, String token, int workers) {
    return new WorkerScript(
        name,
        folder,
        token,
        workers,
        request.cpus(),
        request.here(),
        request.command(),
        request.options());
  }

  /**
   * The workers in Slurm's hands.
   *
   * @return such as {@code workers: 6 run, 10 wait in Slurm's queue (Priority)}; empty where this
   *     study has none or Slurm cannot be asked
   */
  public Optional<String> queue() {
    try {
      return slurm.has("squeue") ? words(living()) : Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.empty(); // the files tell enough
    }
  }

  private static Optional<String> words(List<Slurm.Task> tasks) {
    if (tasks.isEmpty()) {
      return Optional.empty();
    }
    long waiting = tasks.stream().filter(Slurm.Task::waits).count();
    String reasons =
        tasks.stream()
            .filter(Slurm.Task::waits)
            .map(Slurm.Task::reason)
            .distinct()
            .collect(Collectors.joining(", "));
    return Optional.of(
        "workers: %s run%s"
            .formatted(
                tasks.size() - waiting,
                waiting == 0 ? "" : ", %s wait in Slurm's queue (%s)".formatted(waiting, reasons)));
  }

  private List<Slurm.Task> living() {
    try (Stream<Path> files = Files.list(folder.resolve("arrays"))) {
      return slurm.tasks(files.map(file -> file.getFileName().toString()).sorted().toList());
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // none was ever submitted
    }
  }

  /**
   * Submits one array, unless one lives and nobody asked for more workers.
   *
   * @param request what is asked for
   * @return what became of it
   * @throws InputException if Slurm refuses it, in its own words; nothing is submitted then
   */
  public Outcome submit(Request request) {
    if (!slurm.has("sbatch")) {
      throw new InputException(
          "--slurm: no sbatch on the PATH; expected: Slurm's commands; --slurm=print shows what to adapt for another batch system");
    }
    if (request.left() == 0) {
      return new Outcome(0, "nothing is left to train; nothing was submitted");
    }
    List<Slurm.Task> living;
    try {
      living = living();
    } catch (IllegalStateException e) {
      return new Outcome(
          1, "nothing was submitted, since Slurm does not answer: " + e.getMessage());
    }
    if (!living.isEmpty() && (request.workers().isEmpty() || living.size() >= request.left())) {
      return new Outcome(
          0,
          "nothing was submitted, since job %s is at work on this study; %s%s"
              .formatted(
                  ids(living),
                  words(living).orElseThrow(),
                  living.size() >= request.left()
                      ? ", for %s runs".formatted(request.left())
                      : "; --workers N adds N more"));
    }
    int most = slurm.maxArraySize();
    if (request.workers().orElse(1) > most) {
      throw InputException.badValue(
          "--workers",
          request.workers().getAsInt(),
          "1 to %s, the MaxArraySize of this Slurm".formatted(most));
    }
    int free = request.left() - living.size();
    return submit(request, Math.min(most, Math.min(free, request.workers().orElse(free))));
  }

  private Outcome submit(Request request, int workers) {
    String name =
        request.study().replaceAll("[^A-Za-z0-9_.-]", "-")
            + "-"
            + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    Path script = folder.resolve(WorkerScript.FILE);
    Path record = folder.resolve("arrays").resolve(name);
    try {
      Files.createDirectories(folder.resolve(WorkerScript.LOGS)); // Slurm makes none
    } catch (IOException e) {
      throw new StorageException("make the folder", folder.resolve(WorkerScript.LOGS), e);
    }
    DurableFiles.write(script, script(request, name, token(), workers).text());
    DurableFiles.write(record, Json.line(Map.of("workers", workers)) + "\n");
    String[] command =
        Stream.of(
                Stream.of("sbatch", "--parsable"),
                request.options().stream(),
                Stream.of(script.toString()))
            .flatMap(words -> words)
            .toArray(String[]::new);
    Slurm.Answer answer = slurm.ask(command);
    if (answer.isDone()) {
      return submitted(answer.out().strip().replaceFirst(";.*", ""), workers, request);
    }
    if (!UNSURE.matcher(answer.words()).matches()) {
      delete(record);
      throw new InputException("Slurm refuses the job: " + answer.words());
    }
    return find(name)
        .map(id -> submitted(id, workers, request))
        .orElse(
            new Outcome(
                1,
                "sbatch: %s; no job of the name %s is in Slurm's queue, the same command looks again before it submits"
                    .formatted(answer.words(), name)));
  }

  /** An sbatch that did not answer may have submitted. */
  private Optional<String> find(String name) {
    for (int look = 0; look < LOOKS; look++) {
      List<Slurm.Task> tasks = orNone(name);
      if (!tasks.isEmpty()) {
        return Optional.of(ids(tasks));
      }
      try {
        Thread.sleep(LOOK_EVERY_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private List<Slurm.Task> orNone(String name) {
    try {
      return slurm.tasks(List.of(name));
    } catch (IllegalStateException e) {
      return List.of(); // squeue does not answer either
    }
  }

  private static String ids(List<Slurm.Task> tasks) {
    return tasks.stream()
        .map(task -> task.id().replaceFirst("_.*", ""))
        .distinct()
        .collect(Collectors.joining(" and "));
  }

  private Outcome submitted(String id, int workers, Request request) {
    return new Outcome(
        0,
        """
        job %1$s: %2$s %3$s for %4$s runs
        logs:   %5$s
        see:    the same command with --status instead of --slurm
        stop:   scancel %1$s (workers save checkpoints and leave)
        resume: the same command"""
            .formatted(
                id,
                workers,
                workers == 1 ? "worker" : "workers",
                request.left(),
                folder.resolve(WorkerScript.LOGS).resolve(id + "_*.log")));
  }

  /** What all nodes must see in the folder; the same for all arrays, the waiting ones too. */
  private String token() {
    Path file = folder.resolve(WorkerScript.TOKEN);
    try {
      if (!Files.exists(file)) {
        DurableFiles.write(
            file, HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()) + "\n");
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new StorageException("read", file, e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new StorageException("delete", file, e);
    }
  }
}
