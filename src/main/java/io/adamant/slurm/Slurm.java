package io.adamant.slurm;

import io.adamant.base.InputException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Slurm's commands. {@code sacct} is not among them: many sites keep no accounts. */
public final class Slurm {

  /**
   * A task of an array as {@code squeue} shows it.
   *
   * @param id such as {@code 812_3}
   * @param state such as {@code RUNNING}
   * @param reason why it waits, such as {@code Priority}
   */
  record Task(String id, String state, String reason) {

    boolean waits() {
      return state.equals("PENDING") || state.startsWith("REQUEUE");
    }
  }

  /**
   * What a command said.
   *
   * @param exitCode its exit code; {@link #TIMED_OUT} if it was given up
   * @param out standard output
   * @param err standard error
   */
  record Answer(int exitCode, String out, String err) {

    boolean isDone() {
      return exitCode == 0;
    }

    /** Slurm's own words in one line, without the command's name before each. */
    String words() {
      String words =
          Stream.concat(err.lines(), out.lines())
              .map(line -> line.replaceFirst("^\\w+: (error: )?", "").strip())
              .filter(line -> !line.isEmpty())
              .reduce((a, b) -> a + "; " + b)
              .orElse("it said nothing");
      return exitCode == TIMED_OUT ? "no answer within a minute" : words;
    }
  }

  static final int TIMED_OUT = -1;

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Pattern MAX_ARRAY = Pattern.compile("(?m)^MaxArraySize\\s*=\\s*(\\d+)$");

  private final String path;

  /** The commands on this process's PATH. */
  public Slurm() {
    this(System.getenv().getOrDefault("PATH", ""));
  }

  /** The commands on another one, for tests. */
  Slurm(String path) {
    this.path = path;
  }

  /**
   * Whether a command is on the PATH.
   *
   * @param command such as {@code squeue}
   * @return whether it can be started
   */
  public boolean has(String command) {
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
  }

  /** Runs a command, for a minute at most. */
  Answer ask(String... command) {
    if (!has(command[0])) {
      throw new InputException("no " + command[0] + " on the PATH; expected: Slurm's commands");
    }
    Path out = null;
    Path err = null;
    try {
      out = Files.createTempFile("adamant-slurm-", ".out");
      err = Files.createTempFile("adamant-slurm-", ".err");
      List<String> words = new ArrayList<>(List.of("env", "PATH=" + path));
      words.addAll(Arrays.asList(command));
      Process process =
          new ProcessBuilder(words)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      process.getOutputStream().close();
      boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      return new Answer(
          ended ? process.exitValue() : TIMED_OUT,
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(command[0], e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(TIMED_OUT, "", "");
    } finally {
      delete(out);
      delete(err);
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      return; // in the system's folder for temporary files
    }
  }

  /**
   * The tasks of the jobs of these names that have not ended.
   *
   * @throws IllegalStateException if Slurm does not answer
   */
  List<Task> tasks(List<String> names) {
    if (names.isEmpty()) {
      return List.of();
    }
    Answer answer =
        ask("squeue", "-h", "-r", "-o", "%F|%K|%T|%r", "--name=" + String.join(",", names));
    if (!answer.isDone()) {
      throw new IllegalStateException("squeue: " + answer.words());
    }
    return answer
        .out()
        .lines()
        .map(line -> line.split("\\|", -1))
        .filter(part -> part.length == 4 && !part[2].equals("COMPLETING"))
        .map(part -> new Task(part[0] + "_" + part[1], part[2], part[3]))
        .toList();
  }

  /** Tasks that an array may have here; as many as one likes where Slurm does not say. */
  int maxArraySize() {
    Matcher line = MAX_ARRAY.matcher(ask("scontrol", "show", "config").out());
    return line.find() ? Integer.parseInt(line.group(1)) : Integer.MAX_VALUE;
  }
}
