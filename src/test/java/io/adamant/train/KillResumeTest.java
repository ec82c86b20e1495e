package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at random moments, each time resumed in a new process: weights, optimizer state and
 * metrics are those of the run that nobody disturbed, bit for bit.
 */
class KillResumeTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;
  private Path yaml;

  /** What a run left, without what depends on time. */
  private record Outcome(String weights, String optimizer, String metrics) {}

  /** When to kill. */
  private enum Moment {
    START, // while the process begins or loads
    ANY,
    WRITING // while a checkpoint is being written
  }

  @BeforeEach
  void write() throws IOException {
    yaml = temp.resolve("tiny.yaml");
    Files.writeString(
        yaml,
        """
        model: {layers: 2, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: adamw, lr: 1.0e-2, beta1: 0.9, beta2: 0.95}
        training: {steps: 400, batch: 4, micro_batch: 2, threads: 1, eval_every: 50,
                   eval_tokens: 256, checkpoint_every: 2, keep_checkpoints: 1, log_every: 5}
        measure: {every: 10}
        """
            .formatted(TestRuns.corpus(temp)));
  }

  private Process start(String name, List<String> overrides) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add(yaml.toString());
    arguments.add(temp.resolve(name).toString());
    arguments.add(temp.resolve("cache").toString());
    arguments.addAll(overrides);
    return TrainingProcess.start(List.of(), arguments)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(temp.resolve(name + ".log").toFile()))
        .start();
  }

  private void finish(String name, List<String> overrides) throws Exception {
    Process process = start(name, overrides);
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(log(name)).isZero();
    assertThat(log(name)).endsWith("FINISHED\n");
  }

  private String log(String name) throws IOException {
    return Files.readString(temp.resolve(name + ".log"));
  }

  private Outcome outcome(String name, boolean hooks) throws Exception {
    Path run = temp.resolve(name);
    Path last = new CheckpointStore(run.resolve("checkpoint")).newestFirst().get(0);
    StringBuilder metrics = new StringBuilder();
    int step = 0;
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      ObjectNode node = (ObjectNode) JSON.readTree(line);
      assertThat(node.get("step").asInt()).isEqualTo(++step);
      node.remove("tokens_per_s");
      if (!hooks) {
        node.remove("groups");
      }
      metrics.append(node).append('\n');
    }
    assertThat(step).isEqualTo(400);
    assertThat(metrics.indexOf("\"groups\"") >= 0).isEqualTo(hooks);
    return new Outcome(
        sha256(Files.readAllBytes(last.resolve("weights.safetensors"))),
        sha256(Files.readAllBytes(last.resolve("optimizer.safetensors"))),
        sha256(metrics.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void aRunKilledFourTimesEndsTheSame() throws Exception {
    killedEndsTheSame(4, 1);
  }

  @Test
  @Tag("slow")
  void aRunKilledThirtyTimesEndsTheSame() throws Exception {
    killedEndsTheSame(30, 10);
  }

  private void killedEndsTheSame(int kills, int killsOfOther) throws Exception {
    finish("whole", List.of());
    int inside = 0;
    Random random = new Random(4);
    for (int i = 0; i < kills; i++) {
      inside += kill("killed", List.of(), i, kills, random);
    }
    finish("killed", List.of());
    assertThat(outcome("killed", true)).isEqualTo(outcome("whole", true));
    assertThat(inside).as("kills inside a checkpoint write").isPositive();

    List<String> other = List.of("training.log_every=7", "measure.every=0");
    for (int i = 0; i < killsOfOther; i++) {
      kill("other", other, i, killsOfOther, random);
    }
    finish("other", other);
    assertThat(outcome("other", false)).isEqualTo(outcome("whole", false));
  }

  /** Starts a process, kills it, tells where; returns 1 if that was inside a checkpoint write. */
  private int kill(String name, List<String> overrides, int index, int kills, Random random)
      throws Exception {
    Moment moment = index % 10 == 1 ? Moment.START : index % 2 == 0 ? Moment.WRITING : Moment.ANY;
    Path checkpoints = temp.resolve(name).resolve("checkpoint");
    Set<Object> before = writing(checkpoints); // left by the process killed before
    long target = 400L * index / kills + random.nextInt(Math.max(2, 300 / kills));
    target = Math.max(target, newest(checkpoints) + 2);
    long started = System.nanoTime();
    Process process = start(name, overrides);
    if (moment == Moment.START) {
      Thread.sleep(random.nextInt(1200));
    } else {
      while (newest(checkpoints) < target && process.isAlive()) {
        Thread.sleep(2);
      }
      if (moment == Moment.WRITING) {
        while (before.containsAll(writing(checkpoints)) && process.isAlive()) {
          Thread.onSpinWait();
        }
      } else {
        Thread.sleep(random.nextInt(40));
      }
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    process.destroyForcibly().waitFor();
    assertThat(process.exitValue()).as("killed before its end: %s", log(name)).isEqualTo(128 + 9);
    boolean inside = !before.containsAll(writing(checkpoints));
    System.out.printf(
        Locale.ROOT,
        "kill %d of %s: %s, after %.2f s, newest checkpoint of step %d%s%n",
        index + 1,
        name,
        moment,
        seconds,
        newest(checkpoints),
        inside ? ", inside a checkpoint write" : "");
    return inside ? 1 : 0;
  }

  /** Which folders of half-written checkpoints there are. */
  private static Set<Object> writing(Path checkpoints) throws IOException {
    Set<Object> folders = new HashSet<>();
    if (Files.isDirectory(checkpoints)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(checkpoints, ".writing-*")) {
        for (Path entry : entries) {
          folders.add(Files.readAttributes(entry, BasicFileAttributes.class).fileKey());
        }
      } catch (NoSuchFileException e) {
        return writing(checkpoints); // it was finished while we looked
      }
    }
    return folders;
  }

  /** The step of the newest checkpoint; -1 without one. */
  private static long newest(Path checkpoints) {
    List<Path> folders = new CheckpointStore(checkpoints).newestFirst();
    return folders.isEmpty()
        ? -1
        : Long.parseLong(folders.get(0).getFileName().toString().substring(5));
  }
}
