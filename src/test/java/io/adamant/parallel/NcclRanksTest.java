package io.adamant.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.adamant.base.ChildJvm;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.tensor.TensorMemory;
import io.adamant.train.NcclProcess;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a stand-in for NCCL, {@code src/test/c/nccl_stub.c}, which refuses what is not meant. */
class NcclRanksTest {

  private static final String RUN =
      """
      model: {layers: 2, width: 16, heads: 2, context: 16}
      data: {corpus: '%s', tokenizer: bytes}
      optimizer: {type: adamw, lr: 1.0e-2, beta1: 0.9, beta2: 0.95}
      training: {steps: 6, batch: 8, micro_batch: 2, threads: 1, eval_every: 3, eval_tokens: 512,
                 checkpoint_every: 3, reduction: tree, leaves: 4}
      """;

  @TempDir static Path shared;
  @TempDir Path temp;
  private static Path library;

  @BeforeAll
  static void compile() throws Exception {
    library = shared.resolve("libnccl_stub.so");
    Process gcc;
    try {
      gcc =
          new ProcessBuilder(
                  "gcc",
                  "-Wall",
                  "-Werror",
                  "-O2",
                  "-shared",
                  "-fPIC",
                  "-o",
                  library.toString(),
                  "src/test/c/nccl_stub.c")
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      assumeTrue(false, "no gcc on the PATH");
      throw e;
    }
    String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(gcc.waitFor()).as(said).isZero();
  }

  private List<Process> start(int size, String... run) throws IOException {
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      List<String> words =
          new ArrayList<>(List.of(Integer.toString(rank), Integer.toString(size), temp.toString()));
      words.addAll(List.of(run));
      ProcessBuilder builder =
          ChildJvm.of(NcclProcess.class, words.toArray(String[]::new)).redirectErrorStream(true);
      builder.environment().put(NcclRanks.LIBRARY, library.toString());
      builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
      processes.add(builder.redirectOutput(temp.resolve("out" + rank).toFile()).start());
    }
    return processes;
  }

  /** What each rank has said. */
  private List<String> outcome(List<Process> processes) throws Exception {
    List<String> said = new ArrayList<>();
    try {
      for (int rank = 0; rank < processes.size(); rank++) {
        boolean ended = processes.get(rank).waitFor(100, TimeUnit.SECONDS);
        said.add(Files.readString(temp.resolve("out" + rank)));
        assertThat(ended).as(said.get(rank)).isTrue();
        assertThat(processes.get(rank).exitValue()).as(said.get(rank)).isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    return said;
  }

  private static String inThreads(int size) throws Exception {
    List<Callable<String>> work = new ArrayList<>();
    ThreadRanks.of(size).forEach(ranks -> work.add(() -> WildSums.over(ranks)));
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      String first = "";
      for (Future<String> hash : threads.invokeAll(work)) {
        assertThat(first).isIn("", hash.get());
        first = hash.get();
      }
      return first;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void fourProcessesGetTheSumsOfOneAndOfThreads() throws Exception {
    List<Process> processes = start(4);
    String alone = WildSums.alone(4);
    assertThat(inThreads(4)).isEqualTo(alone);
    assertThat(outcome(processes)).allSatisfy(said -> assertThat(said).contains("sums " + alone));
  }

  @Test
  void aRunOnTwoProcessesEndsWithTheWeightsOfOne() throws Exception {
    Path file = temp.resolve("run.yaml");
    Files.writeString(file, RUN.formatted(TestRuns.corpus(temp)));
    List<Process> processes = start(2, file.toString());
    RunConfig config = Training.resolve(Configs.readRun(file, List.of()));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("other-cache"))) {
      TestRuns.train(config, data, temp.resolve("alone"));
    }
    String alone = Json.object(temp.resolve("alone/summary.json")).path("weights_sha256").asText();
    List<String> said = outcome(processes);
    assertThat(said).allSatisfy(text -> assertThat(text).contains("sums " + WildSums.alone(2)));
    assertThat(alone).hasSize(64);
    assertThat(said.get(0)).contains("weights " + alone);
  }

  /** Two ranks in threads of this process, each with a communicator of its own. */
  private static List<Throwable> both(ThrowingUse first, ThrowingUse second) throws Exception {
    Nccl nccl = Nccl.open(library.toString());
    byte[] id = NcclRanks.uniqueId(nccl);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<Throwable>> futures = new ArrayList<>();
      List<ThrowingUse> uses = List.of(first, second);
      for (int rank = 0; rank < 2; rank++) {
        int number = rank;
        futures.add(
            threads.submit(
                () -> {
                  NcclRanks ranks = new NcclRanks(nccl, number, 2, id, OptionalInt.empty());
                  try (Memory memory = new Memory(1 << 20)) {
                    long address = Pointer.nativeValue(memory);
                    uses.get(number).use(ranks, new TensorMemory(address, 1 << 20));
                    return null;
                  } catch (IllegalStateException e) {
                    return e;
                  } finally {
                    ranks.close();
                  }
                }));
      }
      List<Throwable> thrown = new ArrayList<>();
      for (Future<Throwable> future : futures) {
        thrown.add(future.get(60, TimeUnit.SECONDS));
      }
      return thrown;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Something to do with ranks and room. */
  private interface ThrowingUse {
    void use(NcclRanks ranks, TensorMemory room);
  }

  @Test
  void whatGoesOneWayOnlyArrivesAndNothingIsNotSent() throws Exception {
    List<Throwable> thrown =
        both(
            (ranks, room) -> {
              room.pointer().setLong(0, 42);
              ranks.exchange(room.part(0, 8), room.part(0, 0), 1);
              ranks.exchange(room.part(0, 0), room.part(0, 0), 1);
            },
            (ranks, room) -> {
              ranks.exchange(room.part(0, 0), room.part(8, 8), 0);
              if (room.pointer().getLong(8) != 42) {
                throw new IllegalStateException("another number came");
              }
            });
    assertThat(thrown).containsOnlyNulls();
  }

  @Test
  void aMessageOfAnotherLengthIsAnErrorOnBothSides() throws Exception {
    List<Throwable> thrown =
        both(
            (ranks, room) -> ranks.exchange(room.part(0, 16), room.part(16, 0), 1),
            (ranks, room) -> ranks.exchange(room.part(0, 0), room.part(0, 8), 0));
    assertThat(thrown.get(1))
        .hasMessageContaining("ncclGroupEnd failed: invalid usage (NCCL 2.21.5;");
  }

  @Test
  void anIdIsHandedOverToItsLastByte() throws Exception {
    Nccl nccl = Nccl.open(library.toString());
    byte[] id = NcclRanks.uniqueId(nccl);
    String name = new String(id, 0, 64, StandardCharsets.US_ASCII);
    name = name.substring(0, name.indexOf(0));
    try {
      for (int changed : new int[] {0, 119, 127}) {
        byte[] other = id.clone();
        other[changed] ^= 1;
        assertThatIllegalStateException()
            .isThrownBy(() -> new NcclRanks(nccl, 0, 1, other, OptionalInt.empty()))
            .withMessageStartingWith("ncclCommInitRank failed: invalid argument");
      }
      new NcclRanks(nccl, 0, 1, id, OptionalInt.empty()).close();
    } finally {
      Files.deleteIfExists(Path.of("/dev/shm" + name));
    }
  }

  /** So that the other tests say something: the stand-in takes nothing but bytes. */
  @Test
  void theStandInRefusesOtherTypesAndStreams() throws Exception {
    Nccl nccl = Nccl.open(library.toString());
    Memory room = new Memory(64);
    for (int type : new int[] {-1, 2, 7, 9, 10}) {
      assertThat(refusal(nccl, room, 8L, type, null)).contains("invalid argument");
    }
    assertThat(refusal(nccl, room, 8L, 1, room)).contains("invalid argument");
    assertThat(refusal(nccl, room, 0L, 1, null)).contains("invalid argument");
  }

  private static String refusal(Nccl nccl, Memory room, long count, int type, Pointer stream)
      throws Exception {
    List<Throwable> thrown =
        both(
            (ranks, memory) ->
                nccl.call("ncclSend", room, count, type, 1, ranks.communicator(), stream),
            (ranks, memory) -> {});
    return thrown.get(0) == null ? "" : thrown.get(0).getMessage();
  }

  @Test
  void versionsAreReadInBothOfTheirForms() {
    assertThat(Nccl.version(2708)).isEqualTo("2.7.8");
    assertThat(Nccl.version(22105)).isEqualTo("2.21.5");
  }

  @Test
  void aLibraryIsLookedForBesideLibtorchThenInTheSystemThenInPythonsPackages() throws Exception {
    Path torch = Files.createDirectories(temp.resolve("torch"));
    Path root = temp.resolve("root");
    Path virtual =
        Files.createDirectories(temp.resolve("venv/lib/python3.12/site-packages/nvidia/nccl/lib"));
    Path system =
        Files.createDirectories(
            root.resolve("usr/local/lib/python3.11/dist-packages/nvidia/nccl/lib"));
    List<Path> files =
        List.of(
            torch.resolve("libtorch_cuda.so"),
            torch.resolve("libnccl.so.2"),
            virtual.resolve("libnccl.so.2"),
            system.resolve("libnccl.so.2"));
    for (Path file : files) {
      Files.createFile(file);
    }
    Map<String, String> environment =
        Map.of("VIRTUAL_ENV", temp.resolve("venv").toString(), "HOME", "");
    assertThat(Nccl.candidates(torch, environment, root))
        .containsExactly(
            files.get(0).toString(),
            files.get(1).toString(),
            "libnccl.so.2",
            files.get(2).toString(),
            files.get(3).toString());
  }

  @Test
  void aMissingLibraryIsToldInOneLineWithTheFix() throws Exception {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Nccl.find(Map.of(NcclRanks.LIBRARY, "/no/such/libnccl.so.2")))
        .withMessageStartingWith("the environment's ADAMANT_NCCL is /no/such/libnccl.so.2")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    assumeTrue(Nccl.candidates(Path.of("/"), Map.of(), Path.of("/")).size() == 1);
    assumeTrue(!new ProcessBuilder("true").environment().containsKey(NcclRanks.LIBRARY));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Nccl.find(Map.of()))
        .withMessageStartingWith("no NCCL is found")
        .withMessageEndingWith("or set ADAMANT_NCCL to the file libnccl.so.2");
  }
}
