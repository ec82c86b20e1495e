package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.train.TestRuns;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same bits in another process, and after a kill -9. */
class KillTest {

  @TempDir Path temp;

  private Process train(Path results, List<String> more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-Dai.djl.offline=true", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Main.class.getName(), "train", temp.resolve("tiny.yaml").toString()));
    command.addAll(List.of("--results", results.toString()));
    command.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    File log = temp.resolve("log-" + results.getFileName()).toFile();
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
        .start();
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

  private static String weights(Path results) throws IOException {
    Path summary = only(results.resolve("tiny").resolve("runs")).resolve("summary.json");
    JsonNode json = new ObjectMapper().readTree(summary.toFile());
    assertThat(json.get("status").asText()).isEqualTo("finished");
    return json.get("weights_sha256").asText();
  }

  /** Waits until a file of a certain beginning lies in a checkpoint folder that may not exist. */
  private static void awaitCheckpoint(Path results, Process process) throws Exception {
    for (int i = 0; i < 1200 && process.isAlive(); i++) {
      Path work = results.resolve("tiny").resolve("work");
      if (Files.isDirectory(work)) {
        Path checkpoints = only(work).resolve("attempt-0001").resolve("checkpoint");
        if (Files.isDirectory(checkpoints)) {
          try (Stream<Path> folders = Files.list(checkpoints)) {
            if (folders.anyMatch(f -> f.getFileName().toString().startsWith("step-"))) {
              return;
            }
          }
        }
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no checkpoint appeared");
  }

  @Test
  void anotherProcessAndAKilledOneGiveTheSameWeights() throws Exception {
    Path corpus = TestRuns.corpus(temp);
    Files.writeString(
        temp.resolve("tiny.yaml"),
        """
        model: {layers: 2, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: sgdm, lr: 0.5, weight_decay: 0}
        training: {steps: 1200, batch: 4, threads: 1, eval_every: 0, eval_tokens: 512,
                   checkpoint_every: 20}
        """
            .formatted(corpus));
    Path whole = temp.resolve("whole");
    Path again = temp.resolve("again");
    Path killed = temp.resolve("killed");
    finish(train(whole, List.of()));
    finish(train(again, List.of()));
    Process victim = train(killed, List.of());
    awaitCheckpoint(killed, victim);
    victim.destroyForcibly().waitFor();
    assertThat(killed.resolve("tiny").resolve("runs")).as("killed before the end").doesNotExist();
    finish(train(killed, List.of()));

    assertThat(weights(again)).isEqualTo(weights(whole));
    assertThat(weights(killed)).isEqualTo(weights(whole));
    assertThat(Files.readString(temp.resolve("log-killed"))).contains("resuming after step");
  }
}
