package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adamant.base.ChildJvm;
import io.adamant.base.Json;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies on a real Slurm, which {@code src/test/cluster/slurm} starts on this machine. */
class ClusterTest {

  private static final Path SLURM = Path.of("src/test/cluster/slurm").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  @TempDir Path temp;
  private String cluster;
  private String configuration = "";
  private Path study;

  /** What a command said. */
  private record Answer(int exitCode, String out) {}

  private Answer ask(ProcessBuilder builder) throws Exception {
    builder.environment().put("SLURM_CONF", configuration);
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    // Daemons that live on keep the streams of who started them.
    Path said = temp.resolve("said");
    Process process = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    return new Answer(process.waitFor(), Files.readString(said, StandardCharsets.UTF_8));
  }

  private String tool(String... command) throws Exception {
    Answer answer = ask(new ProcessBuilder(command));
    assertThat(answer.exitCode()).as(String.join(" ", command) + ": " + answer.out()).isZero();
    return answer.out().strip();
  }

  private Answer study(String results, String... options) throws Exception {
    List<String> words = new ArrayList<>(List.of("study", study.toString()));
    words.addAll(List.of("--results", temp.resolve(results).toString()));
    words.addAll(List.of(options));
    return ask(ChildJvm.of(Main.class, words.toArray(String[]::new)));
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.sleep(100);
    }
  }

  @BeforeEach
  void startSlurm() throws Exception {
    cluster = temp.resolve("slurm").toString();
    Answer answer = ask(new ProcessBuilder(SLURM.toString(), "start", cluster));
    assumeTrue(answer.exitCode() != 4, answer.out());
    assertThat(answer.exitCode()).as(answer.out()).isZero();
    configuration = answer.out().strip();
  }

  @AfterEach
  void stopSlurm() throws Exception {
    ask(new ProcessBuilder(SLURM.toString(), "stop", cluster));
  }

  private void write(int rates, int seeds, int steps) throws IOException {
    study = temp.resolve("tiny.yaml");
    Files.writeString(
        study,
        """
        name: tiny
        base:
          model: {layers: 2, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes}
          training: {steps: %s, batch: 4, threads: 1, eval_every: 0, eval_tokens: 512,
                     checkpoint_every: 100}
        arms:
          adamw: {optimizer: {type: adamw}, grid: {optimizer.lr: 'log(1e-3, 1e-2, %s)'}}
        seeds: %s
        """
            .formatted(
                TestRuns.corpus(temp),
                steps,
                rates,
                Stream.iterate(1, seed -> seed + 1).limit(seeds).toList()));
  }

  /** The hash of the final weights of each run that has a result. */
  private Map<String, String> hashes(String results) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    Path runs = temp.resolve(results).resolve("tiny/runs");
    if (Files.isDirectory(runs)) {
      try (Stream<Path> folders = Files.list(runs)) {
        for (Path run : folders.toList()) {
          hashes.put(
              run.getFileName().toString(),
              Json.object(run.resolve("summary.json")).path("weights_sha256").asText());
        }
      }
    }
    return hashes;
  }

  private List<String> tasks(String job) throws Exception {
    return tool("squeue", "-h", "-r", "-j", job, "-t", "R", "-o", "%K %N").lines().toList();
  }

  private String log(String job, int task) throws IOException {
    Path log = temp.resolve("array/tiny/slurm/log/" + job + "_" + task + ".log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  private String submit(int workers, String... options) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("--slurm", "--workers", Integer.toString(workers), "--", "-c1"));
    words.addAll(List.of(options));
    Answer submitted = study("array", words.toArray(String[]::new));
    assertThat(submitted.exitCode()).as(submitted.out()).isZero();
    assertThat(submitted.out()).contains("job ", workers + " workers", "scancel ");
    return submitted.out().replaceFirst("(?s).*job (\\d+):.*", "$1");
  }

  private void assertLikeAlone(Map<String, String> alone) throws IOException {
    assertThat(hashes("array")).isEqualTo(alone);
    assertThat(temp.resolve("array/tiny/work")).doesNotExist();
    assertThat(temp.resolve("array/tiny/report.html")).exists();
  }

  private boolean isOver(String job) throws Exception {
    return tool("squeue", "-h", "-j", job, "-t", "R,PD,CG,S,RQ").isEmpty();
  }

  @Test
  @Tag("slow")
  void aCancelledTaskARequeuedOneAndADeadNodeChangeNoResult() throws Exception {
    write(4, 3, 900);
    assertThat(study("alone").exitCode()).isZero();
    Map<String, String> alone = hashes("alone");
    assertThat(alone).hasSize(12);

    String job = submit(3);
    await("three at work", () -> tasks(job).size() == 3);
    for (int task = 0; task < 3; task++) {
      int number = task;
      await("task " + task + " trains", () -> log(job, number).contains("starts, 900 steps"));
    }
    assertThat(study("array", "--status").out())
        .contains("workers: 3 run", "job " + job + "_0 on n")
        .containsPattern("seen \\d+ s ago");
    String node =
        tasks(job).stream().filter(t -> t.startsWith("2 ")).findFirst().orElseThrow().substring(2);
    tool("scancel", job + "_0");
    tool("scancel", "--batch", "--signal=USR1", job + "_1");
    await("task 1 is requeued", () -> log(job, 1).contains("is back in Slurm's queue"));
    tool(SLURM.toString(), "crash", cluster, node);
    assertThat(study("array", "--slurm").out()).contains("nothing was submitted, since job " + job);
    await("the array is over", () -> hashes("array").size() == 12 && isOver(job));

    assertLikeAlone(alone);
    assertThat(log(job, 0)).contains("checkpoint saved", "is released", "stopped with");
    assertThat(log(job, 1)).contains("job " + job + "_1, restart 1, node n");
    assertThat(log(job, 0) + log(job, 1) + log(job, 2)).containsOnlyOnce("runs in ");
  }

  /** Half an hour of a machine's life in some minutes; run by hand. */
  @Test
  @Tag("cluster")
  void aTimeLimitChangesNoResult() throws Exception {
    write(8, 5, 2000);
    assertThat(study("alone").exitCode()).isZero();
    Map<String, String> alone = hashes("alone");
    assertThat(alone).hasSize(40);
    String job = submit(4, "--time=1", "--signal=B:USR1@30");
    await("four at work", () -> tasks(job).size() == 4);
    await("task 3 trains", () -> log(job, 3).contains("starts, 2000 steps"));
    String node =
        tasks(job).stream().filter(t -> t.startsWith("3 ")).findFirst().orElseThrow().substring(2);
    tool("scancel", job + "_0");
    tool(SLURM.toString(), "crash", cluster, node);
    tool(SLURM.toString(), "start", cluster);
    try {
      await("the array is over", () -> hashes("array").size() == 40 && isOver(job));
      assertLikeAlone(alone);
    } finally {
      for (int task = 0; task < 4; task++) {
        System.out.println("== task " + task + "\n" + log(job, task));
      }
    }
    assertThat(log(job, 1)).contains("restart 2").doesNotContain("not requeued");
  }
}
