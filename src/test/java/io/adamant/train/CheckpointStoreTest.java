package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {

  @TempDir Path temp;

  private final NDManager manager = NDManager.newBaseManager();
  private final List<String> messages = new ArrayList<>();

  @AfterEach
  void close() {
    manager.close();
  }

  private CheckpointStore store() {
    return new CheckpointStore(temp.resolve("checkpoint"));
  }

  private Map<String, NDArray> weights(float first) {
    Map<String, NDArray> weights = new TreeMap<>();
    weights.put("a", manager.create(new float[] {first, 2, 3, 4, 5, 6}, new Shape(2, 3)));
    weights.put("b", manager.create(new float[] {7}));
    return weights;
  }

  private static TrainState state(long step) {
    return new TrainState(
        step,
        "0123456789ab",
        "torch+sdpa",
        new TrainState.Recorded(100 * step, 1.5, 2, 1, 3L, List.of(0.1, 1.0 / 3)),
        new TrainState.Validation(5.5, 4.5, 4.75, step, 2, 4.5, null),
        Map.of("hook", Map.of("x", 0.1)),
        List.of(new TrainState.Part(0, 2, "a machine", null)),
        null);
  }

  private void save(long step) {
    store()
        .save(
            state(step),
            weights((float) step),
            Map.of("steps", manager.create((double) step)),
            Map.of());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whatWasSavedComesBack() throws IOException {
    save(3);
    Checkpoint checkpoint = store().newest(messages::add).orElseThrow();

    assertThat(checkpoint.state()).isEqualTo(state(3));
    assertThat(names(checkpoint.folder()))
        .containsExactly(
            "SHA256SUMS", "checkpoint.json", "optimizer.safetensors", "weights.safetensors");
    Map<String, NDArray> live = weights(0);
    checkpoint.restoreWeights(live);
    assertThat(live.get("a").toFloatArray()).containsExactly(3, 2, 3, 4, 5, 6);
    Map<String, NDArray> optimizer = Map.of("steps", manager.create(0d));
    checkpoint.restoreOptimizer(optimizer);
    assertThat(optimizer.get("steps").getDouble()).isEqualTo(3);
    assertThat(messages).isEmpty();
  }

  @Test
  void theChecksumsAreThoseOfSha256sum() throws Exception {
    save(1);
    Path folder = temp.resolve("checkpoint").resolve("step-00000001");
    Process check =
        new ProcessBuilder("sha256sum", "--check", "--strict", "SHA256SUMS")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(output).isZero();
    assertThat(output.lines().filter(line -> line.endsWith(": OK"))).hasSize(3);
  }

  @Test
  void aFlippedBitAnywhereIsFound() throws IOException {
    save(1);
    Path folder = temp.resolve("checkpoint").resolve("step-00000001");
    int flips = 0;
    for (String name : names(folder)) {
      byte[] whole = Files.readAllBytes(folder.resolve(name));
      for (int i = 0; i < whole.length; i++) {
        byte[] flipped = whole.clone();
        flipped[i] ^= (byte) (1 << i % 8);
        Files.write(folder.resolve(name), flipped);
        assertThatThrownBy(() -> Checkpoint.open(folder))
            .as("%s, byte %d", name, i)
            .isInstanceOf(Checkpoint.DamagedException.class);
        flips++;
      }
      Files.write(folder.resolve(name), whole);
    }
    assertThat(flips).isGreaterThan(1000);
    assertThat(Checkpoint.open(folder).state().step()).isEqualTo(1);
  }

  @Test
  void aTruncatedOrMissingFileIsFound() throws IOException {
    save(1);
    Path folder = temp.resolve("checkpoint").resolve("step-00000001");
    for (String name : names(folder)) {
      byte[] whole = Files.readAllBytes(folder.resolve(name));
      for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
        Files.write(folder.resolve(name), Arrays.copyOf(whole, length));
        assertThatThrownBy(() -> Checkpoint.open(folder))
            .as("%s cut to %d", name, length)
            .isInstanceOf(Checkpoint.DamagedException.class);
      }
      Files.delete(folder.resolve(name));
      assertThatThrownBy(() -> Checkpoint.open(folder))
          .isInstanceOf(Checkpoint.DamagedException.class)
          .hasMessage(name + " is missing");
      Files.write(folder.resolve(name), whole);
    }
  }

  @Test
  void damagedOnesAreSetAsideAndTheOneBeforeIsUsed() throws IOException {
    for (long step : new long[] {1, 2, 3}) {
      save(step);
    }
    Path root = temp.resolve("checkpoint");
    Files.write(root.resolve("step-00000003/weights.safetensors"), new byte[5]);
    Files.delete(root.resolve("step-00000002/checkpoint.json"));

    assertThat(store().newest(messages::add).orElseThrow().state().step()).isEqualTo(1);
    assertThat(messages).hasSize(2);
    assertThat(messages.get(0))
        .contains(
            "step-00000003 is damaged", "weights.safetensors", "renamed damaged-step-00000003");
    assertThat(messages.get(1)).contains("step-00000002", "checkpoint.json is missing");
    assertThat(names(root))
        .containsExactly("damaged-step-00000002", "damaged-step-00000003", "step-00000001");
    // A damaged one does not count among the newest that are kept.
    save(2);
    store().prune(1, -1);
    assertThat(names(root))
        .containsExactly("damaged-step-00000002", "damaged-step-00000003", "step-00000002");
  }

  @Test
  void withoutAWholeOneTrainingStartsOver() throws IOException {
    assertThat(store().newest(messages::add)).isEmpty();
    assertThat(messages).isEmpty();
    save(1);
    Files.delete(temp.resolve("checkpoint/step-00000001/SHA256SUMS"));
    assertThat(store().newest(messages::add)).isEqualTo(Optional.empty());
    assertThat(messages).hasSize(2);
    assertThat(messages.get(1)).contains("no intact checkpoint is left", "starts over");
  }

  @Test
  void aWriteThatFailsHalfwayLeavesNothingWithACheckpointsName() throws IOException {
    save(1);
    Map<String, NDArray> weights = weights(2);
    weights.get("b").close(); // the second of the two: the first is in the file by then
    assertThatThrownBy(() -> store().save(state(2), weights, Map.of(), Map.of()))
        .isInstanceOf(RuntimeException.class);
    assertThat(store().newestFirst())
        .extracting(folder -> folder.getFileName().toString())
        .containsExactly("step-00000001");
    save(2);
    assertThat(store().newest(messages::add).orElseThrow().state()).isEqualTo(state(2));
    assertThat(messages).isEmpty();
  }

  @Test
  void whatAKilledProcessLeftGoes() throws IOException {
    save(1);
    Path root = temp.resolve("checkpoint");
    Files.createDirectory(root.resolve(".writing-step-00000002"));
    Files.write(root.resolve(".writing-step-00000002/weights.safetensors"), new byte[5]);
    Files.createDirectory(root.resolve(".deleting-step-00000000"));
    assertThat(store().newest(messages::add)).isPresent();
    assertThat(names(root)).containsExactly("step-00000001");
    assertThat(messages).isEmpty();
  }

  @Test
  void theNewestAndTheBestAreKept() throws IOException {
    for (long step = 1; step <= 5; step++) {
      save(step);
    }
    store().prune(2, 2);
    assertThat(names(temp.resolve("checkpoint")))
        .containsExactly("step-00000002", "step-00000004", "step-00000005");
  }

  @Test
  void tensorsOfAnotherModelAreRefusedBeforeAnyIsCopied() throws IOException {
    save(1);
    Checkpoint checkpoint = store().newest(messages::add).orElseThrow();
    Map<String, NDArray> wider = weights(0);
    wider.put("b", manager.create(new float[] {7, 8}));
    assertThatThrownBy(() -> checkpoint.restoreWeights(wider))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("does not fit this run: b is float32 (1), the model has float32 (2)");
    assertThat(wider.get("a").toFloatArray()[0]).isZero();
  }
}
