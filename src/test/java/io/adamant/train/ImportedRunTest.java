package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.adamant.base.InputException;
import io.adamant.config.Arm;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.config.StudyConfig;
import io.adamant.data.TokenDataset;
import io.adamant.data.Tokenizer;
import io.adamant.huggingface.HuggingFaceExport;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.study.StudyPlan;
import io.adamant.tensor.SafeTensors;
import io.adamant.train.StoredModel.Choice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trained run is exported, and runs start from the folder that this gives. */
class ImportedRunTest {

  private static final String SHAPE = "model.kv_heads=1 model.vocab_multiple=64";

  @TempDir static Path temp;

  private static Path run;
  private static Path folder;
  private static RunSummary before;

  @BeforeAll
  static void trainAndExport() {
    run = temp.resolve("results/tiny/runs/0123456789ab");
    RunConfig config = TestRuns.config(TestRuns.corpus(temp), SHAPE.split(" ", -1));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      before = TestRuns.train(config, data, run);
    }
    folder = temp.resolve("exported");
    StoredModel stored = StoredModel.open(run, Choice.LAST);
    try (Tokenizer tokenizer = stored.tokenizer()) {
      new HuggingFaceExport(
              stored.config(), stored.vocabulary(), stored.weights()::read, stored.provenance())
          .write(folder, Optional.of(tokenizer), HuggingFaceExport.Format.FP32, 1L << 40);
    }
  }

  private static String yaml(String... lines) {
    return """
        training: {init_from: %s, steps: 4, batch: 4, threads: 1, eval_every: 2, eval_tokens: 1024}
        data: {corpus: corpus.txt}
        optimizer: {type: adamw, lr: 1.0e-3}
        %s
        """
        .formatted(folder, String.join("\n", lines));
  }

  private static RunConfig read(Path home, String... lines) {
    try {
      Files.createDirectories(home);
      Files.copy(
          temp.resolve("corpus.txt"),
          home.resolve("corpus.txt"),
          StandardCopyOption.REPLACE_EXISTING);
      return Configs.readRun(Files.writeString(home.resolve("run.yaml"), yaml(lines)), List.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String sha256(Path model) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> weights = StoredModel.open(model, Choice.LAST).read(manager);
      return SafeTensors.sha256(new TreeMap<>(weights));
    }
  }

  @Test
  void weightsThatAreNotFiniteAreFoundBeforeTheRunHasAFolder() throws IOException {
    Path broken = temp.resolve("broken");
    Files.createDirectories(broken);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, broken.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path weights = broken.resolve("model.safetensors");
    String last = "model.norm.weight";
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> tensors = new TreeMap<>(SafeTensors.read(weights, manager));
      assertThat(tensors).containsKey(last);
      NDArray values = tensors.get(last);
      values.set(new NDIndex("5"), values.get(0).div(0));
      Files.delete(weights);
      SafeTensors.write(weights, tensors, Map.of("format", "pt"));
    }
    RunConfig run = read(temp.resolve("home")).with("training.init_from", broken.toString());
    Path root = temp.resolve("never");
    assertThatThrownBy(() -> Training.train(run, root))
        .isInstanceOf(InputException.class)
        .hasMessage(weights + ": tensor " + last + " has values that are NaN or infinite");
    assertThat(root).doesNotExist();
    assertThatThrownBy(() -> StudyPlan.ofRun("x", run, temp.resolve("cache"), line -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(last);
    assertThatCode(() -> Training.checkWeights(read(temp.resolve("home"))))
        .doesNotThrowAnyException();
  }

  @Test
  void theFolderHasTheBitsOfTheRunAndSaysWhoseTheyAre() throws IOException {
    assertThat(sha256(folder)).isEqualTo(sha256(run)).isEqualTo(before.weightsSha256());
    assertThat(Files.readString(folder.resolve("adamant.json")))
        .contains("\"step\" : \"40\"", "data.sha256", "weights.sha256", "run_id");
    try (Tokenizer tokenizer = StoredModel.open(folder, Choice.LAST).tokenizer()) {
      assertThat(tokenizer.encode("ada")).containsExactly('a', 'd', 'a');
    }
  }

  @Test
  void aRunThatNamesTheFolderAloneTrainsItsModelFromWhereItWas() {
    RunConfig config = Training.resolve(read(temp.resolve("home")));
    assertThat(config.model().kvHeads()).isEqualTo(1);
    assertThat(config.model().context()).isEqualTo(16);
    Path root = temp.resolve("imported");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunConfig whole = Training.withVocabulary(config, data);
      assertThat(whole.model().paddedVocabulary(whole.data().vocab())).isEqualTo(320);
      RunSummary summary = TestRuns.train(whole, data, root);
      assertThat(summary.initValLoss()).isCloseTo(before.valLoss(), within(0.02));
      assertThat(summary.weightsSha256()).isNotEqualTo(before.weightsSha256());
      Manifest manifest = RunDirectory.manifest(root);
      assertThat(manifest.text(Manifest.Key.INIT_ARCHITECTURE)).isEqualTo("LlamaForCausalLM");
      assertThat(manifest.text(Manifest.Key.INIT_SHA256)).hasSize(64);
      // All is written out, so the folder may be gone when the run is read again.
      assertThat(RunDirectory.config(root).model()).isEqualTo(whole.model());
      assertThat(RunDirectory.config(root).data()).isEqualTo(whole.data());
    }
  }

  @Test
  void aRunIsKnownByTheWeightsAndNotByTheirPlace() throws IOException {
    Path moved = temp.resolve("moved");
    Files.createDirectories(moved);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, moved.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    RunConfig here = Training.resolve(read(temp.resolve("home2")));
    RunConfig there = Training.resolve(here.with("training.init_from", moved.toString()));
    try (TokenDataset data = TestRuns.data(here, temp.resolve("cache"))) {
      assertThat(RunIdentity.of(there, data)).isEqualTo(RunIdentity.of(here, data));
      byte[] bytes = Files.readAllBytes(moved.resolve("model.safetensors"));
      bytes[bytes.length - 1] ^= 1;
      Files.write(moved.resolve("model.safetensors"), bytes);
      assertThat(RunIdentity.of(there, data)).isNotEqualTo(RunIdentity.of(here, data));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model: {width: 64}|run.yaml:4: model.width is 64; |has 16",
        "model: {heads: 5}|model.heads is 5; |has 2",
        "model: {mlp: gelu}|model.mlp is gelu; |has swiglu",
        "model: {kv_heads: auto}|model.kv_heads is auto; |has 1",
        "model: {context: 17}|model.context is 17; allowed: at most 16, the context of |exported",
        "model: {context: many}|model.context is many; |has 16",
        "model: {tied: true}|model.tied is true; |has false",
        "model: {preset: gpt2}|preset gpt2:1: model.layers is 12; |has 2",
        "data.tokenizer: gpt2|data.tokenizer is gpt2; |tokenizer.json",
      })
  void aKeyThatContradictsTheFolderIsRefusedByName(String line, String message, String end) {
    assertThatThrownBy(() -> read(temp.resolve("home3"), line))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(message, end)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void aKeyThatAgreesWithTheFolderAndAShorterContextAreAllowed() {
    RunConfig config =
        read(temp.resolve("home4"), "model: {width: 16, mlp_hidden: auto, context: 8}");
    assertThat(config.model().context()).isEqualTo(8);
    assertThat(Training.resolve(config).model().heads()).isEqualTo(2);
  }

  /** Built from Java, where nobody knows which keys were meant. */
  @Test
  void aModelThatIsNotTheFoldersIsRefusedByTheTrainerToo() {
    RunConfig config = read(temp.resolve("home5"));
    assertThatThrownBy(() -> Training.check(config.with("model.layers", 3)))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("model.layers is 3", "has 2");
    assertThatThrownBy(() -> Training.check(config.with("model.context", 32)))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("model.context is 32", "at most 16");
  }

  @Test
  void aStudyStartsFromItInItsBaseOrInAnArm() {
    String base =
        """
        name: both
        base:
          training: {steps: 4}
          data: {corpus: wordnet}
        arms:
          fresh: {optimizer.lr: 1e-3}
          imported: {training.init_from: %s}
        """
            .formatted(folder);
    StudyConfig study = Configs.parseStudy(base, List.of());
    assertThat(widths(study)).containsExactly(128, 16);
    assertThat(widths(Configs.parseStudy(base, List.of("training.init_from=" + folder))))
        .containsExactly(16, 16);
    assertThatThrownBy(() -> Configs.parseStudy(base, List.of("model.width=64")))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("model.width is 64", "has 16");
  }

  private static List<Integer> widths(StudyConfig study) {
    return study.arms().stream()
        .map(Arm::points)
        .map(points -> points.get(0).config().model().width())
        .toList();
  }

  @Test
  void aFolderWithoutATokenizerWantsOneNamed() throws IOException {
    Path bare = temp.resolve("bare");
    Files.createDirectories(bare);
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(folder.resolve(file), bare.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    String from = "training.init_from: " + bare;
    assertThatThrownBy(() -> Configs.parseRun(from, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("has no tokenizer.json", "data.tokenizer");
    RunConfig config = Configs.parseRun(from, List.of("data.tokenizer=gpt2", "data.vocab=4096"));
    assertThat(config.model().width()).isEqualTo(16);
    RunConfig large =
        Training.resolve(config.with(Map.of("data.corpus", temp.resolve("corpus.txt").toString())));
    try (TokenDataset data = TestRuns.data(large, temp.resolve("cache"))) {
      assertThatThrownBy(() -> Training.withVocabulary(large, data))
          .isInstanceOf(InputException.class)
          .hasMessageContainingAll("4096 entries", "320 rows");
    }
  }
}
