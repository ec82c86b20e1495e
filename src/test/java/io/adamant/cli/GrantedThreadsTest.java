package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.ChildJvm;
import io.adamant.base.Json;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code threads: auto} in a process of its own, as a scheduler starts it. */
class GrantedThreadsTest {

  @TempDir Path temp;

  @Test
  void autoIsWhatASchedulerGrants() throws IOException, InterruptedException {
    Path run = temp.resolve("tiny.yaml");
    Files.writeString(
        run,
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        training: {steps: 1, batch: 2, threads: auto, eval_tokens: 256}
        """
            .formatted(TestRuns.corpus(temp)));
    ProcessBuilder builder =
        ChildJvm.of(
            List.of("-XX:ActiveProcessorCount=8"),
            System.getProperty("java.class.path"),
            Main.class,
            List.of("train", run.toString(), "--results", temp.resolve("results").toString()));
    builder.environment().put("SLURM_CPUS_PER_TASK", "1");
    builder.redirectErrorStream(true);
    Process child = builder.start();
    String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(out).isZero();

    try (Stream<Path> runs = Files.list(temp.resolve("results/tiny/runs"))) {
      Path manifest = runs.findFirst().orElseThrow().resolve("manifest.json");
      assertThat(Json.object(manifest).path("threads").asInt()).isEqualTo(1);
    }
  }
}
