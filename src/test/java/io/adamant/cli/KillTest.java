package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.base.ChildJvm;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same bits in another process, and after a kill -9. */
class KillTest {

  @TempDir Path temp;

  private Process train(Path results, List<String> more) throws IOException {
    List<String> words =
        List.of("train", temp.resolve("tiny.yaml").toString(), "--results", results.toString());
    return start(
        temp.resolve("log-" + results.getFileName()),
        Stream.concat(words.stream(), more.stream()).toList());
  }

  private Process start(Path log, List<String> words) throws IOException {
    return builder(log, words).start();
  }

  private ProcessBuilder builder(Path log, List<String> words) {
    ProcessBuilder builder = ChildJvm.of(Main.class, words.toArray(new String[0]));
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
  }

  private static void finish(Process process) throws InterruptedException {
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private static Path only(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findFirst().orElseThrow();
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findFirst().isEmpty();
    }
  }

  private static String weights(Path results) throws IOException {
    Path summary = only(results.resolve("tiny").resolve("runs")).resolve("summary.json");
    JsonNode json = new ObjectMapper().readTree(summary.toFile());
    assertThat(json.get("status").asText()).isEqualTo("finished");
    return json.get("weights_sha256").asText();
  }

  /** Waits until a file of a certain beginning lies in a checkpoint folder that may not exist. */
  private static void awaitCheckpoint(Path results, Process process) throws Exception {
    for (int i = 0; i < 6000 && process.isAlive(); i++) {
      Path work = results.resolve("tiny").resolve("work");
      if (Files.isDirectory(work) && !isEmpty(work)) {
        Path checkpoints = only(work).resolve("attempt-0001").resolve("checkpoint");
        if (Files.isDirectory(checkpoints)) {
          try (Stream<Path> folders = Files.list(checkpoints)) {
            if (folders.anyMatch(f -> f.getFileName().toString().startsWith("step-"))) {
              return;
            }
          }
        }
      }
      Thread.sleep(10);
    }
    throw new AssertionError("no checkpoint appeared");
  }

  /** Waits until the log says so many times that the run goes on. */
  private void awaitResumed(Path results, int times, Process process) throws Exception {
    for (int i = 0; i < 6000 && process.isAlive(); i++) {
      String log = Files.readString(temp.resolve("log-" + results.getFileName()));
      if (log.split("resuming after step", -1).length > times) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("the run does not go on");
  }

  private static void signal(String name, Process process) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  private void largeText() throws IOException {
    Path corpus = temp.resolve("large.txt");
    String line = "The quick brown fox jumps over the lazy dog and other animals, number %s.%n";
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 150_000; i++) {
      text.append(line.formatted(i));
    }
    Files.writeString(corpus, text);
    Files.writeString(
        temp.resolve("tiny.yaml"),
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: gpt2, vocab: 4096}
        training: {steps: 10, batch: 4, threads: 1}
        """
            .formatted(corpus));
  }

  /** Waits until so many bytes are in the journal of a store that is being built. */
  private static void awaitPortions(Path cache, long bytes, Process process) throws Exception {
    while (process.isAlive()) {
      if (Files.isDirectory(cache.resolve("tokens"))) {
        try (Stream<Path> files = Files.list(cache.resolve("tokens"))) {
          if (files.anyMatch(
              file -> file.toString().endsWith(".journal") && file.toFile().length() > bytes)) {
            return;
          }
        }
      }
      Thread.sleep(5);
    }
    throw new AssertionError("the text is tokenized already");
  }

  /** Whatever ends it, the next command goes on, and one that waits does so by itself. */
  @Test
  @Tag("slow")
  void textIsTokenizedOnceHoweverOftenThatStops() throws Exception {
    largeText();
    Path cache = temp.resolve("cache");
    Path log = temp.resolve("log-prepare");
    List<String> words = List.of("prepare", temp.resolve("tiny.yaml").toString());
    Process first = start(log, words);
    awaitPortions(cache, 8 * 20, first);
    first.destroyForcibly().waitFor();
    Process second = start(log, words);
    awaitPortions(cache, 8 * 60, second);
    signal("TERM", second);
    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isEqualTo(StopSignal.INTERRUPTED);
    assertThat(unfinished(cache)).isEmpty();
    Process third = start(log, words);
    awaitPortions(cache, 8 * 80, third);
    signal("STOP", third);
    Process waiting = start(log, words);
    while (waiting.isAlive() && !Files.readString(log).contains("waiting for it")) {
      Thread.sleep(5);
    }
    third.destroyForcibly().waitFor();
    finish(waiting);
    Matcher kept =
        Pattern.compile("([0-9,]+) of them by an earlier start").matcher(Files.readString(log));
    assertThat(kept.find()).isTrue();
    assertThat(Long.parseLong(kept.group(1).replace(",", ""))).isGreaterThan(80 * 15_000);
    Path store = only(cache.resolve("tokens"));
    ProcessBuilder whole = builder(log, words);
    whole.environment().put("ADAMANT_CACHE", temp.resolve("other").toString());
    finish(whole.start());
    Path other = only(temp.resolve("other").resolve("tokens"));
    assertThat(store).hasSameBinaryContentAs(other).hasFileName(other.getFileName().toString());
  }

  @Test
  @Tag("slow")
  void aFullDiskKeepsWhatIsDone() throws Exception {
    largeText();
    Path log = temp.resolve("log-full");
    List<String> words = List.of("prepare", temp.resolve("tiny.yaml").toString());
    ProcessBuilder limited = builder(log, words);
    // A file that may not grow beyond 2 MiB, in blocks of 512 bytes.
    limited.command().addAll(0, List.of("sh", "-c", "ulimit -f 4096; exec \"$@\"", "sh"));
    Process full = limited.start();
    assertThat(full.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(full.exitValue()).isEqualTo(1);
    assertThat(Files.readString(log)).contains("File too large; set ADAMANT_CACHE to a folder");
    finish(start(log, words));
    assertThat(Files.readString(log)).contains(" of them by an earlier start");
  }

  /** Evaluations here are long and many: the signal comes in one of them. */
  @Test
  void aSignalWhileLossIsEvaluatedLosesNothing() throws Exception {
    Files.writeString(
        temp.resolve("tiny.yaml"),
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, validation_fraction: 0.5}
        training: {steps: 8, batch: 2, threads: 1, eval_every: 1, eval_tokens: 20000, log_every: 1,
                   checkpoint_every: 100}
        """
            .formatted(TestRuns.corpus(temp)));
    finish(train(temp.resolve("whole"), List.of()));
    Path results = temp.resolve("r");
    Process run = train(results, List.of());
    Path log = temp.resolve("log-r");
    while (run.isAlive() && !Files.readString(log).contains("step 3/8")) {
      Thread.sleep(10);
    }
    signal("TERM", run);
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isEqualTo(StopSignal.INTERRUPTED);
    finish(train(results, List.of()));
    assertThat(Files.readString(log)).contains("resuming after step");
    assertThat(weights(results)).isEqualTo(weights(temp.resolve("whole")));
    assertThat(losses(results)).isEqualTo(losses(temp.resolve("whole"))).hasSize(8);
  }

  private static List<String> losses(Path results) throws IOException {
    Path metrics = only(results.resolve("tiny").resolve("runs")).resolve("metrics.jsonl");
    List<String> losses = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      losses.add(new ObjectMapper().readTree(line).get("val_loss").asText());
    }
    return losses;
  }

  /** Commands that save nothing on the way end so as well, and what they write is there or not. */
  @Test
  void aSignalEndsEveryCommandAsInterrupted() throws Exception {
    Path log = temp.resolve("log");
    Path results = temp.resolve("r");
    Process toy = start(log, List.of("toy", "--draws", "900", "--results", results.toString()));
    while (toy.isAlive() && Files.size(log) == 0) {
      Thread.sleep(20); // until it tells its progress
    }
    signal("HUP", toy);
    assertThat(toy.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(toy.exitValue()).isEqualTo(StopSignal.INTERRUPTED);
    try (Stream<Path> files = Files.walk(results)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  /** A scheduler's warning, twice, and its end of another one. */
  @Test
  void aSchedulersWarningPutsTheTaskBackAndItsEndDoesNot() throws Exception {
    Files.writeString(
        temp.resolve("tiny.yaml"),
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes}
        training: {steps: 100000, batch: 2, threads: 1, eval_every: 0, eval_tokens: 256}
        """
            .formatted(TestRuns.corpus(temp)));
    Path calls = temp.resolve("calls");
    Path scontrol = Files.createDirectories(temp.resolve("bin")).resolve("scontrol");
    Files.writeString(scontrol, "#!/bin/sh\necho \"$*\" >>'" + calls + "'\n");
    assertThat(scontrol.toFile().setExecutable(true)).isTrue();
    Path log = temp.resolve("log");
    List<String> words =
        List.of("train", temp.resolve("tiny.yaml").toString(), "--results", temp + "/r");
    ProcessBuilder task = builder(log, words);
    task.environment().put("PATH", scontrol.getParent() + ":" + System.getenv("PATH"));
    task.environment().put("SLURM_JOB_ID", "14");
    task.environment().put("SLURM_ARRAY_JOB_ID", "12");
    task.environment().put("SLURM_ARRAY_TASK_ID", "1");
    List<String> signals = List.of("TERM", "USR1", "USR2");
    for (int i = 0; i < signals.size(); i++) {
      Process run = task.start();
      while (run.isAlive()
          && Files.readString(log).split("starts, |resuming after", -1).length < i + 2) {
        Thread.sleep(20);
      }
      signal(signals.get(i), run);
      assertThat(run.waitFor(60, TimeUnit.SECONDS)).as(signals.get(i)).isTrue();
      assertThat(run.exitValue()).isEqualTo(StopSignal.INTERRUPTED);
    }
    assertThat(calls).hasContent("requeue 12_1\nrequeue 12_1\n");
    assertThat(log)
        .content()
        .containsPattern(
            "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d adamant: job 12_1, restart 0, node , host")
        .contains("task 12_1 is back in Slurm's queue", "checkpoint saved", "1 of 1 runs left");
  }

  private static List<Path> unfinished(Path cache) throws IOException {
    if (!Files.isDirectory(cache)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(cache)) {
      return files.filter(file -> file.toString().endsWith(".tmp")).toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 1, true, true",
    "2, 1, false, false",
    "2, 11, false, true",
    "15, 9, true, false",
    "15, 11, false, true",
    "1, 11, true, false",
    "10, 11, false, false"
  })
  void onlyASecondCtrlCOrAnImpatientTermEndsAtOnce(
      int number, long seconds, boolean atTerminal, boolean expected) {
    assertThat(StopSignal.endsAtOnce(number, seconds * 1_000_000_000L, atTerminal))
        .isEqualTo(expected);
  }

  @Test
  void aRunThatWasKilledAndStoppedGivesTheSameWeights() throws Exception {
    Path corpus = TestRuns.corpus(temp);
    Files.writeString(
        temp.resolve("tiny.yaml"),
        """
        model: {layers: 2, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: sgdm, lr: 0.5, weight_decay: 0}
        training: {steps: 800, batch: 4, threads: 1, eval_every: 0, eval_tokens: 512,
                   checkpoint_every: 20}
        """
            .formatted(corpus));
    Path whole = temp.resolve("whole");
    Path stopped = temp.resolve("stopped");
    finish(train(whole, List.of()));
    Process victim = train(stopped, List.of());
    awaitCheckpoint(stopped, victim);
    victim.destroyForcibly().waitFor();
    assertThat(stopped.resolve("tiny").resolve("runs")).as("killed before the end").doesNotExist();
    List<String> signals = List.of("USR1", "HUP", "USR2", "TERM", "INT");
    for (int i = 0; i < signals.size(); i++) {
      Process run = train(stopped, List.of());
      awaitResumed(stopped, i + 1, run);
      signal(signals.get(i), run);
      assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(run.exitValue()).as(signals.get(i)).isEqualTo(StopSignal.INTERRUPTED);
    }
    finish(train(stopped, List.of()));

    assertThat(weights(stopped)).isEqualTo(weights(whole));
    assertThat(Files.readString(temp.resolve("log-stopped")))
        .contains("resuming after step")
        .as("libtorch warns of calls that Adamant does not make")
        .doesNotContain("AutoNonVariableTypeMode");
  }
}
