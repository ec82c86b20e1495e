package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.data.Tokenizer;
import io.adamant.tensor.SafeTensors;
import io.adamant.train.StoredModel.Choice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredModelTest {

  @TempDir static Path temp;

  private static Path run;

  @BeforeAll
  static void train() {
    run = temp.resolve("results/tiny/runs/0123456789ab");
    RunConfig config =
        TestRuns.config(TestRuns.corpus(temp), "model.vocab_multiple=64", "training.steps=20");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      TestRuns.train(config, data, run);
    }
  }

  private static Path step(int step) {
    return run.resolve("checkpoint/step-000000" + step);
  }

  private static String sha256(StoredModel model) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return SafeTensors.sha256(new TreeMap<>(model.read(manager)));
    }
  }

  private static String sha256(Path checkpoint) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> weights = Checkpoint.open(checkpoint).weights(manager);
      return SafeTensors.sha256(weights);
    }
  }

  private static String refusal(Path path) {
    return refusal(path, Choice.LAST);
  }

  private static String refusal(Path path, Choice choice) {
    try {
      StoredModel.open(path, choice);
    } catch (InputException e) {
      return e.getMessage();
    }
    throw new AssertionError("not refused: " + path);
  }

  @Test
  void aCheckpointItsFolderARunAndAStudyOfOneRunAreTheSameModel() throws IOException {
    String last = sha256(step(20));
    for (Path path :
        new Path[] {
          step(20), run.resolve("checkpoint"), run, temp.resolve("results/tiny"),
        }) {
      StoredModel model = StoredModel.open(path, Choice.LAST);
      assertThat(model.description()).isEqualTo("step 20 of run 0123456789ab");
      assertThat(model.vocabulary()).isEqualTo(320); // padded
      assertThat(sha256(model)).as("%s", path).isEqualTo(last);
    }
    assertThat(sha256(StoredModel.open(step(10), Choice.LAST)))
        .isEqualTo(sha256(step(10)))
        .isNotEqualTo(last);
  }

  @Test
  void theBestCheckpointIsTheOneThatTheRunFoundBest() throws IOException {
    Path copy = copy("best");
    Path newest = copy.resolve("checkpoint/step-00000020");
    assertThat(StoredModel.open(copy, Choice.BEST).description()).startsWith("step 20 ");
    rewrite(newest, "\"best_checkpoint\" : 20", "\"best_checkpoint\" : 10");
    assertThat(StoredModel.open(copy, Choice.BEST).description()).startsWith("step 10 ");
    assertThat(StoredModel.open(copy, Choice.LAST).description()).startsWith("step 20 ");
    rewrite(newest, "\"best_checkpoint\" : 10", "\"best_checkpoint\" : -1");
    assertThat(refusal(copy, Choice.BEST)).contains("no checkpoint that was evaluated", "step-");
  }

  @Test
  void theTokenizerIsTheOneOfTheRun() throws IOException {
    try (Tokenizer tokenizer = StoredModel.open(run, Choice.LAST).tokenizer()) {
      assertThat(tokenizer.decode(tokenizer.encode("ada"))).isEqualTo("ada");
    }
    Path copy = copy("tokenizer");
    replace(copy.resolve("manifest.json"), "bytes 257", "huggingface 0000");
    assertThatThrownBy(() -> StoredModel.open(copy, Choice.LAST).tokenizer())
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("run.yaml", "found bytes 257", "expected: huggingface 0000");
    replace(copy.resolve("run.yaml"), "tokenizer: bytes", "tokenizer: /gone/tokenizer.json");
    replace(copy.resolve("run.yaml"), "tokenizer: \"bytes\"", "tokenizer: /gone/tokenizer.json");
    assertThatThrownBy(() -> StoredModel.open(copy, Choice.LAST).tokenizer())
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("run.yaml", "/gone/tokenizer.json");
  }

  @Test
  void whatIsNoModelIsRefusedInOneLine() throws IOException {
    assertThat(refusal(temp.resolve("nowhere"))).contains("nowhere is not there", "expected: ");
    Path file = Files.createFile(temp.resolve("file"));
    assertThat(refusal(file)).contains("is a file");
    Path empty = Files.createDirectory(temp.resolve("empty"));
    assertThat(refusal(empty)).contains("holds no model");
    Path begun = copy("begun");
    for (int step : new int[] {10, 20}) {
      Files.move(begun.resolve("checkpoint/step-000000" + step), temp.resolve("moved-" + step));
    }
    assertThat(refusal(begun)).contains("has no checkpoint yet");
    assertThat(refusal(temp.resolve("moved-20"))).contains("outside of its run", "run.yaml");
    assertThat(refusal(Files.createDirectories(temp.resolve("results/tiny/runs/ffff"))))
        .contains("holds no model");
    copy("two/runs/a");
    copy("two/runs/b");
    assertThat(refusal(temp.resolve("two"))).contains("a study of 2 runs", "runs/a");
  }

  @Test
  void damageIsSeen() throws IOException {
    Path copy = copy("damaged");
    Path weights = copy.resolve("checkpoint/step-00000020/weights.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 3] ^= 1;
    Files.write(weights, bytes);
    assertThat(refusal(copy)).contains("is damaged", "weights.safetensors");
  }

  private static Path copy(String name) throws IOException {
    Path to = temp.resolve(name);
    try (var files = Files.walk(run)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(run.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return to;
  }

  private static void replace(Path file, String from, String to) throws IOException {
    Files.writeString(file, Files.readString(file).replace(from, to));
  }

  /** Changes a checkpoint's state and its checksum. */
  private static void rewrite(Path checkpoint, String from, String to) throws IOException {
    Path about = checkpoint.resolve("checkpoint.json");
    String before = new Sha256().add(Files.readString(about)).hex();
    assertThat(Files.readString(about)).contains(from);
    replace(about, from, to);
    String after = new Sha256().add(Files.readString(about)).hex();
    replace(checkpoint.resolve("SHA256SUMS"), before, after);
    assertThat(Files.readString(checkpoint.resolve("SHA256SUMS"), StandardCharsets.UTF_8))
        .contains(after);
  }
}
