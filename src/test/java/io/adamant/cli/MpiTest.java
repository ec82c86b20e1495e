package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.ChildJvm;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real ranks: processes that mpirun starts, of OpenMPI and of MPICH. */
class MpiTest {

  private static final int STEPS = 60;
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Pattern RANK = Pattern.compile("(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\\d+)");

  /** What one rank leaves, by file: the same whoever asks. */
  private static final Map<String, List<String>> ALONE = new HashMap<>();

  @TempDir Path temp;
  private String file = "tiny";

  /** Implementations of MPI, by the program that starts ranks. */
  enum Mpi {
    OPEN("mpirun.openmpi --allow-run-as-root --oversubscribe --bind-to none"),
    MPICH("mpirun.mpich");

    private final String command;

    Mpi(String command) {
      this.command = command;
    }

    private List<String> command() {
      return List.of(command.split(" ", -1));
    }

    private void require() {
      boolean found =
          Stream.of(System.getenv("PATH").split(":", -1))
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, command().get(0))));
      assumeTrue(found, command().get(0) + " is not installed");
    }
  }

  @BeforeEach
  void write() throws IOException {
    String base =
        """
        model: {layers: 2, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: muon, lr: 1.0e-2}
        training: {steps: %s, batch: 16, micro_batch: 1, threads: 1, eval_every: 20,
                   eval_tokens: 1024, checkpoint_every: 7, reduction: tree, rank_timeout: 6}
        clip: {global_norm: 0.5}
        measure: {every: 10}
        """
            .formatted(TestRuns.corpus(temp), STEPS);
    Files.writeString(temp.resolve("tiny.yaml"), base);
    Files.writeString(
        temp.resolve("arms.yaml"),
        """
        name: arms
        seeds: [1]
        base:
        %s
        arms:
          adamw: {optimizer: {type: adamw, lr: 1.0e-2, weight_decay: 0.1}}
          muon_bf16: {training: {precision: bf16}}
          signum: {optimizer: {type: signum, lr: 1.0e-3}}
          skipped: {optimizer: {type: sgd, lr: 1.0e+30}, training: {max_skipped: 3}}
        """
            .formatted(base.indent(2).stripTrailing()));
  }

  private List<String> program(String results, List<String> options, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                file.equals("arms") ? "study" : "train",
                temp.resolve(file + ".yaml").toString(),
                "--results",
                results));
    arguments.addAll(List.of(more));
    return ChildJvm.of(options, System.getProperty("java.class.path"), Main.class, arguments)
        .command();
  }

  /** Ranks that run, and what they have printed. */
  private record Job(Process process, Path log) {

    int end() throws Exception {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(said()).isTrue();
      return process.exitValue();
    }

    String said() throws IOException {
      return Files.readString(log);
    }

    /** Processes that are ranks, by their number. */
    Map<Integer, ProcessHandle> ranks() {
      Map<Integer, ProcessHandle> ranks = new LinkedHashMap<>();
      process
          .descendants()
          .filter(each -> each.info().command().filter(c -> c.endsWith("/java")).isPresent())
          .forEach(each -> rank(each).ifPresent(rank -> ranks.put(rank, each)));
      return ranks;
    }

    private static Optional<Integer> rank(ProcessHandle process) {
      try {
        byte[] environment = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/environ"));
        Matcher found = RANK.matcher(new String(environment, StandardCharsets.UTF_8));
        return found.find() ? Optional.of(Integer.valueOf(found.group(1))) : Optional.empty();
      } catch (IOException e) {
        return Optional.empty(); // it has ended
      }
    }
  }

  private Job start(String name, List<String> command) throws IOException {
    Path log = temp.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    return new Job(builder.redirectOutput(log.toFile()).start(), log);
  }

  private Job start(Mpi mpi, int ranks, String results, String... more) throws IOException {
    List<String> command = new ArrayList<>(mpi.command());
    command.addAll(List.of("-np", Integer.toString(ranks)));
    command.addAll(program(temp.resolve(results).toString(), List.of(), more));
    return start(results + "-" + ranks, command);
  }

  private void finish(Mpi mpi, int ranks, String results) throws Exception {
    Job job = start(mpi, ranks, results);
    assertThat(job.end()).as(job.said()).isZero();
  }

  /** The same on one rank, without MPI. */
  private List<String> alone() throws Exception {
    if (!ALONE.containsKey(file)) {
      Job job = start("alone", program(temp.resolve("alone").toString(), List.of()));
      assertThat(job.end()).as(job.said()).isZero();
      ALONE.put(file, left("alone"));
    }
    return ALONE.get(file);
  }

  /** Hashes of weights and optimizer state, and the metrics without what depends on time. */
  private List<String> left(String results) throws IOException {
    Path runs = temp.resolve(results).resolve(file).resolve("runs");
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(runs)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        String run = runs.relativize(each).getName(0) + " ";
        if (each.toString().contains("step-000000" + STEPS + "/")
            && each.toString().endsWith(".safetensors")) {
          byte[] bytes = Files.readAllBytes(each);
          String hash = new Sha256().add(ByteBuffer.wrap(bytes)).hex();
          found.add(run + each.getFileName() + " " + hash);
        } else if (each.endsWith("metrics.jsonl")) {
          for (String line : Files.readAllLines(each)) {
            ObjectNode node = (ObjectNode) Json.MAPPER.readTree(line);
            node.remove("tokens_per_s");
            found.add(run + node);
          }
        }
      }
    }
    assertThat(found).hasSizeGreaterThanOrEqualTo(STEPS + 2);
    return found.stream().sorted().toList();
  }

  @ParameterizedTest
  @EnumSource(Mpi.class)
  @Tag("slow")
  void ranksGiveTheBitsOfOne(Mpi mpi) throws Exception {
    mpi.require();
    file = "arms";
    List<String> alone = alone();
    assertThat(alone)
        .hasSizeGreaterThan(3 * (STEPS + 2))
        .anyMatch(line -> line.contains("skipped"));
    for (int ranks : mpi == Mpi.OPEN ? new int[] {1, 2, 4} : new int[] {4}) {
      finish(mpi, ranks, "ranks" + ranks);
      assertThat(left("ranks" + ranks)).isEqualTo(alone);
    }
  }

  @ParameterizedTest
  @EnumSource(Mpi.class)
  @Tag("slow")
  void aNumberThatDoesNotFitIsRefusedInOneLine(Mpi mpi) throws Exception {
    mpi.require();
    Job three = start(mpi, 3, "three");
    assertThat(three.end()).isEqualTo(2);
    assertThat(three.said().lines().filter(line -> line.startsWith("adamant: ")))
        .containsExactly(
            "adamant: 3 ranks were started; with training.leaves: 8 a run can be trained on 1, 2, 4, 8");
    assertThat(temp.resolve("three")).doesNotExist();
  }

  /** Each process would be rank 0 of 1, and all would write the same run. */
  @Test
  @Tag("slow")
  void theLibraryOfAnotherMpiIsRefused() throws Exception {
    Mpi.OPEN.require();
    Mpi.MPICH.require();
    List<String> command = new ArrayList<>(List.of("mpirun.mpich", "-np", "2"));
    command.addAll(List.of("env", "ADAMANT_MPI=libmpi.so.40"));
    command.addAll(program(temp.resolve("mixed").toString(), List.of()));
    Job mixed = start("mixed", command);
    assertThat(mixed.end()).as(mixed.said()).isNotZero();
    assertThat(mixed.said()).contains("it is the library of another MPI");
    assertThat(temp.resolve("mixed")).doesNotExist();
  }

  /** What can happen to a rank. */
  enum Harm {
    KILL("has ended without a word"),
    STOP("has given no sign of life for 6 s"),
    MEMORY("OutOfMemoryError");

    private final String words;

    Harm(String words) {
      this.words = words;
    }
  }

  @Test
  @Tag("slow")
  void aRankThatIsLostEndsAllAndTheRestIsExact() throws Exception {
    Mpi.OPEN.require();
    List<String> alone = alone();
    harm("killed", Harm.KILL, 2, 1, new Random(1));
    finish(Mpi.OPEN, 4, "killed");
    assertThat(left("killed")).isEqualTo(alone);
    harm("frozen", Harm.STOP, 4, 0, new Random(2));
    finish(Mpi.OPEN, 2, "frozen");
    assertThat(left("frozen")).isEqualTo(alone);
    harm("poor", Harm.MEMORY, 2, 1, new Random(3));
    finish(Mpi.OPEN, 2, "poor");
    assertThat(left("poor")).isEqualTo(alone);
  }

  /** Too long for the build server: {@code -Dtests.groups=cluster -Dtests.excluded=none}. */
  @Test
  @Tag("cluster")
  void twentyHarmedRunsEndLikeTheUndisturbedOne() throws Exception {
    Mpi.OPEN.require();
    List<String> alone = alone();
    Random random = new Random(5);
    for (int i = 0; i < 20; i++) {
      int ranks = 2 << random.nextInt(2);
      Harm harm = Harm.values()[i % 3];
      int victim = harm == Harm.MEMORY ? 1 : random.nextInt(ranks);
      harm("chaos" + i, harm, ranks, victim, random);
      finish(Mpi.OPEN, 1 << random.nextInt(3), "chaos" + i);
      assertThat(left("chaos" + i)).as("%s of rank %s of %s", harm, victim, ranks).isEqualTo(alone);
    }
  }

  private void harm(String results, Harm harm, int ranks, int victim, Random random)
      throws Exception {
    Job job;
    if (harm == Harm.MEMORY) {
      List<String> command = new ArrayList<>(Mpi.OPEN.command());
      String folder = temp.resolve(results).toString();
      command.addAll(List.of("-np", "1"));
      command.addAll(program(folder, List.of()));
      command.addAll(List.of(":", "-np", "1"));
      command.addAll(program(folder, List.of("-Xms8m", "-Xmn2m", "-Xmx12m")));
      if (ranks > 2) {
        command.addAll(List.of(":", "-np", Integer.toString(ranks - 2)));
        command.addAll(program(folder, List.of()));
      }
      job = start(results, command);
    } else {
      job = start(Mpi.OPEN, ranks, results);
      awaitSteps(job, results, random.nextInt(STEPS / 2));
      long pid = job.ranks().get(victim).pid();
      String signal = harm == Harm.KILL ? "-KILL" : "-STOP";
      new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor();
    }
    List<ProcessHandle> all = new ArrayList<>(job.ranks().values());
    assertThat(job.end()).as(job.said()).isNotZero();
    assertThat(job.said())
        .containsOnlyOnce("; all ranks end")
        .contains("rank " + victim + " ", harm.words);
    for (ProcessHandle each : all) {
      each.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  private void awaitSteps(Job job, String results, int steps) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (steps(results) <= steps) {
      assertThat(job.process().isAlive() && System.nanoTime() < end).as(job.said()).isTrue();
      Thread.sleep(20);
    }
  }

  /** Lines of metrics so far. */
  private long steps(String results) throws IOException {
    if (!Files.isDirectory(temp.resolve(results))) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(temp.resolve(results))) {
      Optional<Path> metrics = files.filter(f -> f.endsWith("metrics.jsonl")).findFirst();
      return metrics.isEmpty() ? 0 : Files.readAllLines(metrics.get()).size();
    } catch (java.io.UncheckedIOException e) {
      return 0; // a folder was moved meanwhile
    }
  }

  @Test
  @Tag("slow")
  void aSignalToOneRankSavesOnAllAndEndsWith75() throws Exception {
    Mpi.OPEN.require();
    List<String> alone = alone();
    Job job = start(Mpi.OPEN, 2, "told");
    awaitSteps(job, "told", 10);
    job.ranks().get(1).destroy();
    assertThat(job.end()).as(job.said()).isEqualTo(75);
    assertThat(job.said()).contains("stopping after this step", "checkpoint saved");
    finish(Mpi.OPEN, 4, "told");
    assertThat(left("told")).isEqualTo(alone);
  }
}
