package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.ChildJvm;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Output that cannot be written costs one line and no work. */
class OutputTest {

  @TempDir Path temp;

  @BeforeEach
  void configuration() throws IOException {
    Files.writeString(
        temp.resolve("tiny.yaml"),
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes}
        training: {steps: 150, batch: 4, threads: 1, eval_every: 0, eval_tokens: 512, log_every: 1,
                   checkpoint_every: 20}
        measure: {every: 1}
        """
            .formatted(TestRuns.corpus(temp)));
    Files.writeString(
        temp.resolve("study.yaml"),
        """
        name: two
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes}
          training: {steps: 150, batch: 4, threads: 1, eval_every: 0, eval_tokens: 512,
                     log_every: 1, checkpoint_every: 20}
          measure: {every: 1}
        arms:
          adamw: {optimizer: {type: adamw, lr: 0.003}}
          signum: {optimizer: {type: signum, lr: 0.001}}
        """
            .formatted(temp.resolve("corpus.txt")));
  }

  /** Runs a shell's line in which {@code $ADAMANT} is the program; files out and err are left. */
  private int shell(String line) throws Exception {
    ProcessBuilder program =
        ChildJvm.of(
            List.of("-XX:-UsePerfData"),
            System.getProperty("java.class.path"),
            Main.class,
            List.of());
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", line).directory(temp.toFile());
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    builder.environment().put("ADAMANT", String.join(" ", program.command()));
    builder.redirectOutput(temp.resolve("out").toFile());
    builder.redirectError(temp.resolve("err").toFile());
    Process process = builder.start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String err() throws IOException {
    return Files.readString(temp.resolve("err"));
  }

  private List<String> files(String folder, String name) throws IOException {
    try (Stream<Path> files = Files.walk(temp.resolve(folder))) {
      return files
          .filter(file -> file.getFileName().toString().matches(name))
          .map(file -> temp.relativize(file).toString())
          .toList();
    }
  }

  private List<String> metrics(String results) throws IOException {
    return Files.readAllLines(temp.resolve(files(results, "metrics.jsonl").get(0))).stream()
        .map(line -> line.replaceAll("\"tokens_per_s\":[^,}]*", ""))
        .toList();
  }

  /** A limit on the size of files stands for a full disk, which takes rights to make. */
  @Test
  void whatCannotBeWrittenIsOneLineAndTheSameCommandGoesOn() throws Exception {
    assertThat(shell("$ADAMANT train tiny.yaml --results whole")).isZero();
    assertThat(shell("ulimit -f 140; $ADAMANT train tiny.yaml --results r")).isEqualTo(1);
    String last = err().lines().reduce((a, b) -> b).orElseThrow();
    assertThat(last)
        .startsWith("adamant: cannot write " + temp.toRealPath().resolve("r/tiny/work"))
        .endsWith("/metrics.jsonl: File too large");
    assertThat(err()).doesNotContain("trying again");
    assertThat(files("r", "step-\\d+|crash-\\d+")).isNotEmpty().allMatch(f -> f.contains("/step-"));
    assertThat(files("r", ".*writing.*|.*\\.tmp")).isEmpty();

    assertThat(shell("$ADAMANT train tiny.yaml --results r")).isZero();
    assertThat(err()).contains("resuming after step");
    assertThat(metrics("r")).hasSize(150).isEqualTo(metrics("whole"));
  }

  @Test
  void workersThatCannotWriteEndTheStudyWithTheirReason() throws Exception {
    assertThat(shell("$ADAMANT study study.yaml --plan")).isZero();
    assertThat(shell("ulimit -f 100; $ADAMANT study study.yaml --jobs 1 --results r")).isEqualTo(1);
    assertThat(err()).contains("/metrics.jsonl: File too large").doesNotContain("takes over");
    assertThat(files("r", "crash-\\d+")).isEmpty();
  }

  @Test
  void aFolderThatCannotBeMadeIsSaidWithItsReason() throws Exception {
    assertThat(shell("$ADAMANT train tiny.yaml --results /proc/r")).isEqualTo(1);
    assertThat(err())
        .isEqualTo(
            "adamant: cannot write to the folder /proc: no such file; --results DIR names another one\n");
    assertThat(shell("$ADAMANT train tiny.yaml --results tiny.yaml")).isEqualTo(2);
    assertThat(err()).contains(": " + temp.resolve("tiny.yaml") + " is a file; expected: a folder");
  }

  @Test
  void aReaderThatHasSeenEnoughIsFine() throws Exception {
    assertThat(shell("set -o pipefail; $ADAMANT theory | true")).isZero();
    assertThat(err()).isEmpty();
    assertThat(shell("set -o pipefail; $ADAMANT train tiny.yaml --results r | true")).isZero();
    assertThat(metrics("r")).hasSize(150);
    assertThat(files("r", "report.html")).hasSize(1);
  }

  @Test
  void aFullDiskBehindStandardOutputIsSaid() throws Exception {
    assertThat(shell("$ADAMANT optimizers >/dev/full")).isEqualTo(1);
    assertThat(err()).isEqualTo("adamant: cannot write standard output: No space left on device\n");
  }

  @Test
  void aGroupsRightsAreThoseOfTheUmask() throws Exception {
    assertThat(shell("umask 002; $ADAMANT train tiny.yaml --set training.steps=2 --results r"))
        .isZero();
    for (String file : files(".", ".*")) {
      if (file.matches("\\./(r|cache)(/.*)?")) {
        assertThat(Files.getPosixFilePermissions(temp.resolve(file)))
            .as(file)
            .contains(PosixFilePermission.GROUP_WRITE);
      }
    }
    assertThat(files("r", "report.html")).hasSize(1);
  }
}
