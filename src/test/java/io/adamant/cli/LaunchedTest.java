package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.ChildJvm;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that are started as launchers start them, with nothing but an environment in common. */
class LaunchedTest {

  @TempDir Path temp;
  private Path run;

  @BeforeEach
  void write() throws IOException {
    run = temp.resolve("tiny.yaml");
    Files.writeString(
        run,
        """
        model: {layers: 2, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes}
        training: {steps: 6, batch: 8, micro_batch: 2, threads: 1, eval_every: 3, eval_tokens: 512,
                   checkpoint_every: 3, reduction: tree, leaves: 4, device: cpu}
        """
            .formatted(TestRuns.corpus(temp)));
  }

  private Process start(String results, int rank, Map<String, String> variables)
      throws IOException {
    ProcessBuilder builder =
        ChildJvm.of(
            Main.class, "train", run.toString(), "--results", temp.resolve(results).toString());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("(OMPI|PMI|PMIX|SLURM|MASTER|TORCH).*"));
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    builder.environment().putAll(variables);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(temp.resolve(results + rank).toFile())
        .start();
  }

  private String said(String results, int rank) throws IOException {
    return Files.readString(temp.resolve(results + rank));
  }

  private String weights(String results, List<Process> processes) throws Exception {
    try {
      for (int rank = 0; rank < processes.size(); rank++) {
        boolean ended = processes.get(rank).waitFor(100, TimeUnit.SECONDS);
        assertThat(ended).as(said(results, rank)).isTrue();
        assertThat(processes.get(rank).exitValue()).as(said(results, rank)).isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    try (Stream<Path> runs = Files.list(temp.resolve(results).resolve("tiny/runs"))) {
      Path summary = runs.toList().get(0).resolve("summary.json");
      return Json.object(summary).path("weights_sha256").asText();
    }
  }

  private String alone() throws IOException {
    RunConfig config = Training.resolve(Configs.readRun(run, List.of()));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("other-cache"))) {
      TestRuns.train(config, data, temp.resolve("alone"));
    }
    return Json.object(temp.resolve("alone/summary.json")).path("weights_sha256").asText();
  }

  private static Map<String, String> torchrun(int rank, int size, int port) {
    return Map.of(
        "RANK", Integer.toString(rank),
        "WORLD_SIZE", Integer.toString(size),
        "LOCAL_RANK", Integer.toString(rank),
        "LOCAL_WORLD_SIZE", Integer.toString(size),
        "MASTER_ADDR", "127.0.0.1",
        "MASTER_PORT", Integer.toString(port),
        "TORCHELASTIC_RUN_ID", "none");
  }

  /** With a free one behind it. */
  private static int port() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort() - 1;
    }
  }

  @Test
  void twoRanksOfTorchrunTrainToTheWeightsOfOneWithoutMpi() throws Exception {
    int port = port();
    List<Process> processes = new ArrayList<>();
    for (int rank = 1; rank >= 0; rank--) { // in no order
      processes.add(0, start("two", rank, torchrun(rank, 2, port)));
    }
    String two = weights("two", processes);
    assertThat(said("two", 1).lines())
        .as("what rank 1 says, and not the JVM since Java 24 of libraries that JNA loads")
        .allMatch(line -> line.startsWith("WARNING: ") || line.isBlank());
    assertThat(two).hasSize(64).isEqualTo(alone());
  }

  @Tag("slow")
  @Test
  void fourTasksOfAStepOfSlurmTrainToTheWeightsOfOneWithoutMpi() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < 4; rank++) {
      Map<String, String> variables = new HashMap<>();
      variables.put("SLURM_PROCID", Integer.toString(rank));
      variables.put("SLURM_STEP_NUM_TASKS", "4");
      variables.put("SLURM_LOCALID", Integer.toString(rank));
      variables.put("SLURM_STEP_NODELIST", "localhost");
      variables.put("SLURM_JOB_ID", Long.toString(ProcessHandle.current().pid()));
      variables.put("SLURM_STEP_ID", "0");
      processes.add(start("four", rank, variables));
    }
    String four = weights("four", processes);
    assertThat(four).hasSize(64).isEqualTo(alone());
  }

  @Tag("slow")
  @Test
  void aRankThatIsKilledEndsTheOther() throws Exception {
    Files.writeString(run, Files.readString(run).replace("steps: 6", "steps: 100000"));
    int port = port();
    Process zero = start("killed", 0, torchrun(0, 2, port));
    Process one = start("killed", 1, torchrun(1, 2, port));
    try {
      for (int i = 0; i < 1000 && !said("killed", 0).contains("step"); i++) {
        Thread.sleep(50);
      }
      one.destroyForcibly();
      assertThat(zero.waitFor(30, TimeUnit.SECONDS)).as(said("killed", 0)).isTrue();
      assertThat(zero.exitValue()).isEqualTo(1);
      assertThat(said("killed", 0)).contains("rank 1 (").contains("has ended without a word");
    } finally {
      zero.destroyForcibly();
      one.destroyForcibly();
    }
  }
}
