package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.base.InputException;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of models that are not of the default family, and of documents that are borders. */
class FamilyTrainingTest {

  @TempDir Path temp;
  private Path corpus;

  @BeforeEach
  void writeDocuments() throws IOException {
    corpus = TestRuns.corpus(temp);
    Files.writeString(
        corpus, Files.readString(corpus).replace("hal ada", "hal\n<|endoftext|>\nada"));
  }

  private RunConfig config(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "model.preset=gpt2",
                "model.layers=2",
                "model.width=16",
                "model.heads=2",
                "model.context=16",
                "model.mlp_hidden=64",
                "training.steps=20"));
    all.addAll(List.of(more));
    return TestRuns.config(corpus, all.toArray(String[]::new));
  }

  private RunSummary train(TokenDataset data, String name, String... more) {
    return TestRuns.train(config(more), data, temp.resolve(name));
  }

  @Test
  void aGpt2LearnsAndIsResumedAndRecomputedWithTheSameBits() {
    try (TokenDataset data = TestRuns.data(config(), temp.resolve("cache"))) {
      RunSummary whole = train(data, "whole");
      assertThat(whole.valLoss()).isLessThan(whole.initValLoss() - 1);
      AtomicInteger left = new AtomicInteger(7);
      TestRuns.train(config(), data, temp.resolve("parts"), () -> left.decrementAndGet() == 0);
      assertThat(train(data, "parts").weightsSha256()).isEqualTo(whole.weightsSha256());
      assertThat(train(data, "again", "training.checkpoint_activations=true").weightsSha256())
          .isEqualTo(whole.weightsSha256());
    }
  }

  @Test
  void documentsAreBordersInTrainingValidationAndMeasurements() {
    List<Double> norms = new ArrayList<>();
    List<RunSummary> summaries = new ArrayList<>();
    try (TokenDataset data = TestRuns.data(config(), temp.resolve("cache"))) {
      for (String packing : new String[] {"documents", "stream"}) {
        RunConfig run = config("data.packing=" + packing, "training.steps=1", "model.init_std=0.5");
        new Training(run, data, List.of(new ProbeNorm(norms)), ProgressListener.NONE)
            .train(temp.resolve(packing), () -> false);
        summaries.add(TestRuns.train(run, data, temp.resolve(packing + "-alone")));
      }
    }
    // The same passes: without borders, both would be equal to the last bit.
    assertThat(norms).hasSize(2);
    assertThat(norms.get(0)).isNotCloseTo(norms.get(1), within(2e-6 * norms.get(1)));
    double stream = summaries.get(1).initValLoss();
    assertThat(summaries.get(0).initValLoss()).isNotCloseTo(stream, within(2e-6 * stream));
    assertThat(summaries.get(0).weightsSha256()).isNotEqualTo(summaries.get(1).weightsSha256());
  }

  /** Norm of a probe's gradient after the first step. */
  private record ProbeNorm(List<Double> norms) implements TrainingHook {
    @Override
    public boolean wants(long step) {
      return step == 1;
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      NDManager manager = view.groups().get(0).state().parameters().head().getManager();
      try (NDManager scope = manager.newSubManager()) {
        double squares = 0;
        for (NDArray gradient : view.probe().orElseThrow().gradient(scope, 0, 0, new NDList())) {
          squares += gradient.square().sum().getFloat();
        }
        norms.add(Math.sqrt(squares));
      }
      return Map.of();
    }
  }

  @Test
  void borderlessIdsAreRefusedInOneLine() {
    assertThatThrownBy(
            () ->
                Configs.parseRun(
                    "data: {tokenizer: none, vocab: 300, packing: documents}", List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "configuration:1: data.packing is documents; allowed: stream with tokenizer none, whose"
                + " end of text is unknown");
  }
}
