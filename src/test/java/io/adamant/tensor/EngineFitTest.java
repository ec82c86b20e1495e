package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
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
    return new EngineFit(
        folder.resolve("cache"), request, List.of("/bin/sh", "-c", script), Duration.ofSeconds(2));
  }

  private long starts() throws IOException {
    return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
  }

  @Test
  void aPairThatFitsIsTriedOnceAndRemembered() throws IOException {
    EngineFit.Proof first = child("a", "echo fits").prove();
    EngineFit.Proof second = child("a", "exit 134").prove();

    assertThat(first.outcome()).isEqualTo(EngineFit.Outcome.FITS);
    assertThat(first.remembered()).isFalse();
    assertThat(second.outcome()).isEqualTo(EngineFit.Outcome.FITS);
    assertThat(second.remembered()).isTrue();
    assertThat(second.files()).containsExactly(jni, torch);
    assertThat(starts()).isEqualTo(1);
  }

  @Test
  void anotherRequestIsTriedAnewAndBothAreRemembered() throws IOException {
    child("a", "echo fits").prove();
    child("b", "echo fits").prove();

    assertThat(child("a", "exit 1").prove().remembered()).isTrue();
    assertThat(child("b", "exit 1").prove().remembered()).isTrue();
    assertThat(starts()).isEqualTo(2);
  }

  @Test
  void aFileThatChangedIsTriedAgain() throws IOException {
    child("a", "echo fits").prove();
    Files.writeString(jni, "another bridge");
    assertThat(child("a", "echo fits").prove().remembered()).as("size").isFalse();

    Files.setLastModifiedTime(torch, FileTime.fromMillis(1_000_000));
    assertThat(child("a", "echo fits").prove().remembered()).as("time").isFalse();

    Files.delete(torch);
    assertThat(child("a", "exit 134").prove().outcome())
        .as("gone")
        .isEqualTo(EngineFit.Outcome.MISFIT);
    assertThat(starts()).isEqualTo(4);
  }

  @Test
  void aChildThatCrashesIsAMisfitThatIsNotRemembered() throws IOException {
    EngineFit.Proof proof = child("a", "exit 134").prove();

    assertThat(proof.outcome()).isEqualTo(EngineFit.Outcome.MISFIT);
    assertThat(proof.detail()).contains("crashed, exit code 134 (abort)");
    assertThat(child("a", "echo fits", "exit 139").prove().detail())
        .as("it crashes at its end")
        .contains("segmentation fault");
    assertThat(child("a", "echo fits").prove().outcome())
        .as("repaired")
        .isEqualTo(EngineFit.Outcome.FITS);
    assertThat(starts()).isEqualTo(3);
  }

  @Test
  void aSilentEndIsAMisfit() {
    assertThat(child("a", "exit 0").prove().outcome()).isEqualTo(EngineFit.Outcome.MISFIT);
  }

  @Test
  void aChildThatComputesWrongIsRefusedWithItsReason() {
    EngineFit wrong = child("a", "echo 'wrong the shape of x is (3, 2); it should be (2, 3)'");

    assertThat(wrong.prove().detail()).startsWith("the shape of x is (3, 2)");
    assertThatThrownBy(wrong::require)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("do not fit: the shape of x")
        .hasMessageContaining("doctor");
  }

  @Test
  void aChildThatHangsIsAMisfitAndIsEnded() {
    long start = System.nanoTime();
    EngineFit.Proof proof = child("a", "exec sleep 60").prove();

    assertThat(proof.outcome()).isEqualTo(EngineFit.Outcome.MISFIT);
    assertThat(proof.detail()).isEqualTo("no answer within 2 s");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void withoutAJvmNothingIsKnownAndTrainingMayTry() {
    EngineFit none =
        new EngineFit(
            folder, "a", List.of(folder.resolve("no-java").toString()), Duration.ofSeconds(2));

    assertThat(none.prove().outcome()).isEqualTo(EngineFit.Outcome.UNKNOWN);
    assertThatNoException().isThrownBy(none::require);
  }

  @Test
  void aDamagedMemoryIsNoObstacle() throws IOException {
    Path cache = Files.createDirectories(folder.resolve("cache"));
    Files.writeString(cache.resolve("engine-fit.json"), "{\"a\": [{");

    assertThat(child("a", "echo fits").prove().outcome()).isEqualTo(EngineFit.Outcome.FITS);
    assertThat(child("a", "exit 1").prove().remembered()).isTrue();
  }

  @Test
  void thisProcessesOwnPairFits() {
    EngineFit.Proof proof = EngineFit.ofThisProcess(folder.resolve("cache")).prove();

    assertThat(proof.detail()).isEmpty();
    assertThat(proof.outcome()).isEqualTo(EngineFit.Outcome.FITS);
    assertThat(proof.files())
        .extracting(file -> file.getFileName().toString())
        .anyMatch(name -> name.endsWith("libdjl_torch.so"))
        .contains("libtorch_cpu.so");
    assertThat(EngineFit.ofThisProcess(folder.resolve("cache")).prove().remembered()).isTrue();
  }
}
