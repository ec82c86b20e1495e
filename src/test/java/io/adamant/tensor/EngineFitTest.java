package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children that crash, hang or compute wrong are shell scripts; the real one is the last test. */
class EngineFitTest {

  @TempDir Path folder;
  private Path jni;
  private Path torch;
  private Path runs;

  @BeforeEach
  void files() throws IOException {
    jni = Files.writeString(folder.resolve("libdjl_torch.so"), "bridge");
    torch = Files.writeString(folder.resolve("libtorch_cpu.so"), "torch");
    runs = folder.resolve("runs");
  }

  /** A child that counts its starts, names the pair and then does as told. */
  private EngineFit child(String request, String... lines) {
    String script =
        "echo x >> '%s'; echo 'file %s'; echo 'file %s'\n".formatted(runs, jni, torch)
            + String.join("\n", lines);
    return child(request, new LibtorchDownload(folder.resolve("djl"), false), script);
  }

  private EngineFit child(String request, LibtorchDownload download, String script) {
    return new EngineFit(
        folder.resolve("cache"),
        request,
        List.of("/bin/sh", "-c", script),
        Duration.ofSeconds(2),
        download,
        Duration.ofMillis(300));
  }

  private long starts() throws IOException {
    return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
  }

  @Test
  void aPairThatFitsIsTriedOnceAndRemembered() throws IOException {
    EngineFit.Proof first = child("a", "echo fits").prove(line -> {});
    EngineFit.Proof second = child("a", "exit 134").prove(line -> {});

    assertThat(first.outcome()).isEqualTo(EngineFit.Outcome.FITS);
    assertThat(first.remembered()).isFalse();
    assertThat(second.outcome()).isEqualTo(EngineFit.Outcome.FITS);
    assertThat(second.remembered()).isTrue();
    assertThat(second.files()).containsExactly(jni, torch);
    assertThat(starts()).isEqualTo(1);
  }

  @Test
  void anotherRequestIsTriedAnewAndBothAreRemembered() throws IOException {
    child("a", "echo fits").prove(line -> {});
    child("b", "echo fits").prove(line -> {});

    assertThat(child("a", "exit 1").prove(line -> {}).remembered()).isTrue();
    assertThat(child("b", "exit 1").prove(line -> {}).remembered()).isTrue();
    assertThat(starts()).isEqualTo(2);
  }

  @Test
  void aFileThatChangedIsTriedAgain() throws IOException {
    child("a", "echo fits").prove(line -> {});
    Files.writeString(jni, "another bridge");
    assertThat(child("a", "echo fits").prove(line -> {}).remembered()).as("size").isFalse();

    Files.setLastModifiedTime(torch, FileTime.fromMillis(1_000_000));
    assertThat(child("a", "echo fits").prove(line -> {}).remembered()).as("time").isFalse();

    Files.delete(torch);
    assertThat(child("a", "exit 134").prove(line -> {}).outcome())
        .as("gone")
        .isEqualTo(EngineFit.Outcome.MISFIT);
    assertThat(starts()).isEqualTo(4);
  }

  @Test
  void aChildThatCrashesIsAMisfitThatIsNotRemembered() throws IOException {
    EngineFit.Proof proof = child("a", "exit 134").prove(line -> {});

    assertThat(proof.outcome()).isEqualTo(EngineFit.Outcome.MISFIT);
    assertThat(proof.detail()).contains("crashed, exit code 134 (abort)");
    assertThat(child("a", "echo fits", "exit 139").prove(line -> {}).detail())
        .as("it crashes at its end")
        .contains("segmentation fault");
    assertThat(child("a", "echo fits").prove(line -> {}).outcome())
        .as("repaired")
        .isEqualTo(EngineFit.Outcome.FITS);
    assertThat(starts()).isEqualTo(3);
  }

  @Test
  void aSilentEndIsAMisfit() {
    assertThat(child("a", "exit 0").prove(line -> {}).outcome())
        .isEqualTo(EngineFit.Outcome.MISFIT);
  }

  @Test
  void aChildThatComputesWrongIsRefusedWithItsReason() {
    EngineFit wrong = child("a", "echo 'wrong the shape of x is (3, 2); it should be (2, 3)'");

    assertThat(wrong.prove(line -> {}).detail()).startsWith("the shape of x is (3, 2)");
    assertThatThrownBy(() -> wrong.require(line -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("do not fit: the shape of x")
        .hasMessageContaining("doctor");
  }

  @Test
  void whatCannotBeLoadedIsRefusedWithItsReasonAlone() {
    EngineFit forbidden = child("a", "echo 'unloadable no program may be loaded from /x'");

    assertThatThrownBy(() -> forbidden.require(line -> {}))
        .isInstanceOf(InputException.class)
        .hasMessage("libtorch cannot be loaded: no program may be loaded from /x");
  }

  /** However it fails there: with an error, with a crash, or without a JVM to try it. */
  @Test
  void aSystemThatLibtorchIsNotMadeForIsTheReason() {
    String architecture = System.getProperty("os.arch");
    System.setProperty("os.arch", "riscv64");
    try {
      assertThatThrownBy(() -> child("a", "exit 139").require(line -> {}))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "libtorch cannot be loaded: this is Java for Linux riscv64; Adamant runs on Linux"
                  + " x86_64 and Linux aarch64");
      assertThatNoException()
          .as("what works is not refused")
          .isThrownBy(() -> child("a", "echo fits").require(line -> {}));
    } finally {
      System.setProperty("os.arch", architecture);
    }
  }

  @Test
  void aChildThatHangsIsAMisfitAndIsEnded() {
    long start = System.nanoTime();
    EngineFit.Proof proof = child("a", "exec sleep 60").prove(line -> {});

    assertThat(proof.outcome()).isEqualTo(EngineFit.Outcome.MISFIT);
    assertThat(proof.detail()).isEqualTo("no answer within 2 s");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void withoutAJvmNothingIsKnownAndTrainingMayTry() {
    EngineFit none =
        new EngineFit(
            folder,
            "a",
            List.of(folder.resolve("no-java").toString()),
            Duration.ofSeconds(2),
            new LibtorchDownload(folder, false),
            Duration.ofSeconds(2));

    assertThat(none.prove(line -> {}).outcome()).isEqualTo(EngineFit.Outcome.UNKNOWN);
    assertThatNoException().isThrownBy(() -> none.require(line -> {}));
  }

  @Test
  void aTrialIsToldOfBeforehandAndARememberedPairIsNot() throws IOException {
    List<String> first = new ArrayList<>();
    child("a", "echo fits")
        .require(
            line -> {
              assertThat(runs).doesNotExist();
              first.add(line);
            });
    List<String> second = new ArrayList<>();
    child("a", "echo fits").require(second::add);
    List<String> download = new ArrayList<>();
    child("b", new LibtorchDownload(folder.resolve("djl"), true), "echo fits").prove(download::add);

    assertThat(first)
        .containsExactly(
            "trying libtorch with DJL's library once, in a separate process (2 to 3 s)");
    assertThat(second).isEmpty();
    assertThat(download)
        .containsExactly(
            "trying libtorch with DJL's library once, in a separate process; libtorch is"
                + " downloaded first (minutes)");
  }

  @Test
  void whileATrialTakesLongItSaysHowFarItIs() throws IOException {
    Path djl = Files.createDirectories(folder.resolve("djl"));
    Files.write(djl.resolve("before"), new byte[1 << 20]);
    Path end = folder.resolve("end");
    List<String> said = new ArrayList<>();
    EngineFit slow =
        child(
            "a",
            new LibtorchDownload(djl, true),
            "until [ -e '%s' ]; do sleep 0.05; done; echo fits".formatted(end));
    EngineFit.Proof proof =
        slow.prove(
            line -> {
              said.add(line);
              if (said.size() == 2) {
                write(djl.resolve("more"), 3_200_000);
              } else if (said.size() == 3) {
                write(end, 0);
              }
            });

    assertThat(proof.outcome()).isEqualTo(EngineFit.Outcome.FITS);
    assertThat(said.subList(1, 3))
        .containsExactly(
            "libtorch is still being tried after 0 s",
            "downloading libtorch: 3 MiB in 0 s, to " + djl);
  }

  private static void write(Path file, int bytes) {
    try {
      Files.write(file, new byte[bytes]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDownloadIsExpectedWhereNoLibtorchIsAtHand() throws IOException {
    String file = System.mapLibraryName("torch");
    Path djl = folder.resolve("djl");
    Map<String, String> variables = new HashMap<>();
    assertThat(expected(djl, variables)).as("nothing is there").isTrue();
    assertThat(LibtorchDownload.of(djl, true, false, name -> "").expected()).isFalse();
    assertThat(LibtorchDownload.of(djl, false, true, name -> "").expected()).isFalse();

    variables.put("PYTORCH_LIBRARY_PATH", folder.resolve("own").toString());
    assertThat(expected(djl, variables)).as("DJL ignores an empty folder").isTrue();
    Files.createFile(Files.createDirectories(folder.resolve("own")).resolve(file));
    assertThat(expected(djl, variables)).isFalse();
    variables.clear();

    Path kept = Files.createDirectories(djl.resolve("2.7.1-cpu-linux-x86_64"));
    assertThat(expected(djl, variables)).as("a folder without libtorch").isTrue();
    Files.createFile(kept.resolve(file));
    assertThat(expected(djl, variables)).isFalse();
    variables.put("PYTORCH_FLAVOR", "cu128");
    assertThat(expected(djl, variables)).as("another flavor").isTrue();
    variables.put("PYTORCH_FLAVOR", "cpu");
    variables.put("PYTORCH_VERSION", "2.5.1");
    assertThat(expected(djl, variables)).as("another version").isTrue();
  }

  private static boolean expected(Path djl, Map<String, String> variables) {
    return LibtorchDownload.of(djl, false, false, name -> variables.getOrDefault(name, ""))
        .expected();
  }

  @Test
  void aDamagedMemoryIsNoObstacle() throws IOException {
    Path cache = Files.createDirectories(folder.resolve("cache"));
    Files.writeString(cache.resolve("engine-fit.json"), "{\"a\": [{");

    assertThat(child("a", "echo fits").prove(line -> {}).outcome())
        .isEqualTo(EngineFit.Outcome.FITS);
    assertThat(child("a", "exit 1").prove(line -> {}).remembered()).isTrue();
  }

  @Test
  void thisProcessesOwnPairFits() {
    EngineFit.Proof proof = EngineFit.ofThisProcess(folder.resolve("cache")).prove(line -> {});

    assertThat(proof.detail()).isEmpty();
    assertThat(proof.outcome()).isEqualTo(EngineFit.Outcome.FITS);
    assertThat(proof.files())
        .extracting(file -> file.getFileName().toString())
        .anyMatch(name -> name.endsWith("libdjl_torch.so"))
        .contains("libtorch_cpu.so");
    assertThat(EngineFit.ofThisProcess(folder.resolve("cache")).prove(line -> {}).remembered())
        .isTrue();
  }
}
