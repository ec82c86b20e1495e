package io.adamant.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.data.IdTokenizer;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.results.SampledText;
import io.adamant.train.ProgressListener;
import io.adamant.train.StoredModel;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleHookTest {

  @TempDir Path temp;
  private RunConfig config;

  @BeforeEach
  void configure() {
    config =
        TestRuns.config(
            TestRuns.corpus(temp),
            "measure.sample_every=6",
            "measure.sample_prompt=ada b",
            "measure.sample_tokens=20");
  }

  private RunSummary train(RunConfig run, Path root, BooleanSupplier stop) {
    try (TokenDataset data = TestRuns.data(run, temp.resolve("cache"))) {
      List<TrainingHook> hooks =
          run.measure().sampleEvery() == 0
              ? List.of()
              : List.of(new SampleHook(run, data.tokenizer()));
      return new Training(run, data, hooks, ProgressListener.NONE).train(root, stop);
    }
  }

  private static BooleanSupplier after(int steps) {
    AtomicInteger asked = new AtomicInteger();
    return () -> asked.incrementAndGet() >= steps;
  }

  @Test
  void aSampledRunIsTheSameRun() throws IOException {
    Path with = temp.resolve("with");
    RunSummary sampled = train(config, with, () -> false);
    RunSummary plain =
        train(config.with("measure.sample_every", 0), temp.resolve("without"), () -> false);
    assertThat(sampled.weightsSha256()).isEqualTo(plain.weightsSha256());
    assertThat(temp.resolve("without").resolve(RunDirectory.SAMPLES)).doesNotExist();
    assertThat(Files.readString(with.resolve(RunDirectory.METRICS))).doesNotContain("sample");

    List<SampledText> samples = RunDirectory.samples(with);
    assertThat(samples)
        .extracting(SampledText::step)
        .containsExactly(6L, 12L, 18L, 24L, 30L, 36L, 40L);
    assertThat(samples).allMatch(sample -> sample.prompt().equals("ada b"));
    assertThat(samples.get(0).text()).isNotEqualTo(samples.get(6).text());
    SampledText last = samples.get(6);
    assertThat(last.ids()).hasSize(20);

    // The last text is what the last checkpoint says with the same seed.
    StoredModel stored = StoredModel.open(with, StoredModel.Choice.LAST);
    try (var tokenizer = stored.tokenizer();
        LanguageModel model = new LanguageModel(stored, tokenizer, Device.cpu(), 1)) {
      Sampling.Sample sample =
          new Sampling(20, TokenSampler.UNMODIFIED, config.training().seed())
              .draw(
                  model.decoder(),
                  tokenizer,
                  Sampling.prompt(tokenizer, new int[0], "ada b"),
                  40,
                  piece -> {});
      assertThat(sample.ids()).isEqualTo(last.ids());
      assertThat(sample.text()).isEqualTo(last.text());
    }
  }

  @Test
  void aResumedRunRepeatsAndLosesNone() throws IOException {
    train(config, temp.resolve("whole"), () -> false);
    Path cut = temp.resolve("cut");
    train(config, cut, after(27));
    // As if it had been killed there: the checkpoint of step 20 is the last.
    DurableFiles.deleteFolder(cut.resolve("checkpoint/step-00000027"));
    Path file = cut.resolve(RunDirectory.SAMPLES);
    assertThat(RunDirectory.samples(cut)).hasSize(4);
    Files.writeString(file, Files.readString(file) + "{\"step\": 26, \"pro");
    assertThat(RunDirectory.samples(cut)).hasSize(4);
    train(config, cut, () -> false);
    assertThat(file).hasSameTextualContentAs(temp.resolve("whole").resolve(RunDirectory.SAMPLES));
  }

  @Test
  void aVocabularyWithoutTextIsRefused() {
    assertThatThrownBy(() -> new SampleHook(config, new IdTokenizer(300)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("measure.sample_every");
  }
}
