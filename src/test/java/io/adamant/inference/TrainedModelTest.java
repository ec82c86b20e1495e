package io.adamant.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.train.StoredModel;
import io.adamant.train.TestRuns;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trained model as one of DJL's, against the model that was trained. */
class TrainedModelTest {

  @TempDir static Path temp;
  private static Path run;

  @BeforeAll
  static void train() {
    run = temp.resolve("run");
    RunConfig config = TestRuns.config(TestRuns.corpus(temp));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      TestRuns.train(config, data, run);
    }
  }

  @Test
  void itsLogitsAreThoseOfTheModelThatWasTrained() throws TranslateException {
    long[] ids = {97, 100, 97, 32, 98, 111, 32, 99, 108, 101};
    StoredModel stored = StoredModel.open(run, StoredModel.Choice.LAST);
    try (Model model = TrainedModel.open(run);
        NDManager manager = NDManager.newBaseManager(Device.cpu());
        Gpt gpt = new Gpt(manager, stored.config(), 257, KernelPath.of("torch+explicit"), 99);
        Predictor<NDList, NDList> logits = model.newPredictor(new NoopTranslator(null))) {
      Map<String, NDArray> live = new LinkedHashMap<>();
      gpt.named().forEach((name, parameter) -> live.put(name, parameter.getArray()));
      stored.restore(live);
      NDArray tokens = manager.create(ids, new Shape(2, 5));
      float[] expected = gpt.logits(manager, tokens).toFloatArray();
      float[] found = logits.predict(new NDList(tokens)).singletonOrThrow().toFloatArray();
      assertThat(found).containsExactly(expected, within(2e-4f));
    }
  }

  @Test
  void itsContinuationIsTheOneOfSample() throws TranslateException {
    StoredModel stored = StoredModel.open(run, StoredModel.Choice.LAST);
    String expected;
    try (var tokenizer = stored.tokenizer();
        LanguageModel model = new LanguageModel(stored, tokenizer, Device.cpu(), 1)) {
      expected =
          new Sampling(12, TokenSampler.UNMODIFIED, 5)
              .draw(
                  model.decoder(),
                  tokenizer,
                  Sampling.prompt(tokenizer, new int[0], "ada b"),
                  0,
                  piece -> {})
              .text();
    }
    try (Model model = TrainedModel.open(run);
        Predictor<String, String> continued =
            model.newPredictor(TrainedModel.continuation(12, TokenSampler.UNMODIFIED, 5))) {
      assertThat(continued.predict("ada b")).isEqualTo(expected).isNotEmpty();
    }
  }

  @Test
  void aFolderWithoutAModelIsRefused() {
    assertThatThrownBy(() -> TrainedModel.open(temp.resolve("cache")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("holds no model");
  }
}
