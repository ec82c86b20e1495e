package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device that runs out of memory is a trial that says so. */
class MicroBatchTest {

  @TempDir Path temp;

  private final List<Integer> tried = new ArrayList<>();

  /** Room for so many sequences. */
  private MicroBatch.Trial roomFor(int sequences) {
    return new MicroBatch.Trial() {
      @Override
      public void accept(int size) {
        tried.add(size);
        if (size > sequences) {
          throw new EngineException("CUDA out of memory. Tried to allocate 3.07 GiB.");
        }
      }

      @Override
      public void close() {}
    };
  }

  private MicroBatch choose(int batch, int configured, int room) {
    TrainConfig training = training(batch, configured);
    return MicroBatch.choose(training, memory(), "device and model", () -> roomFor(room));
  }

  private MachineCache memory() {
    return new MachineCache(temp.resolve("cache/micro-batch.json"));
  }

  @Test
  void backsOffToTheLargestDivisorThatFits() {
    assertThat(choose(12, 0, 5)).isEqualTo(new MicroBatch(4, "the largest that fits"));
    assertThat(tried).containsExactly(12, 6, 4);
  }

  @Test
  void isRememberedForItsDeviceAndModel() {
    choose(12, 0, 5);
    tried.clear();

    MicroBatch again = choose(12, 0, 1);

    assertThat(again).isEqualTo(new MicroBatch(4, "found before on this device"));
    assertThat(tried).isEmpty();
    TrainConfig training = training(12, 0);
    assertThat(MicroBatch.choose(training, memory(), "another", () -> roomFor(1)).size())
        .isEqualTo(1);
  }

  @Test
  void whatIsConfiguredIsNeitherTriedNorRemembered() {
    assertThat(choose(12, 6, 1)).isEqualTo(new MicroBatch(6, "configured"));
    assertThat(choose(12, 12, 1)).isEqualTo(new MicroBatch(12, "the whole batch"));
    assertThat(tried).isEmpty();
    assertThat(temp.resolve("cache")).doesNotExist();
  }

  @Test
  void aFindingThatDoesNotDivideTheBatchIsNotTaken() {
    memory().put("device and model", 5);

    assertThat(choose(12, 0, 12).size()).isEqualTo(12);
  }

  @Test
  void withoutRoomForOneSequenceTheRunIsRefused() {
    assertThatThrownBy(() -> choose(4, 0, 0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not even one sequence")
        .hasMessageContaining("checkpoint_activations");
    assertThat(tried).containsExactly(4, 2, 1);
  }

  @Test
  void anotherFailureIsNoLackOfMemory() {
    TrainConfig training = training(4, 0);
    MicroBatch.Trial broken =
        new MicroBatch.Trial() {
          @Override
          public void accept(int size) {
            throw new EngineException("shapes differ");
          }

          @Override
          public void close() {}
        };
    assertThatThrownBy(() -> MicroBatch.choose(training, memory(), "k", () -> broken))
        .isInstanceOf(EngineException.class)
        .hasMessage("shapes differ");
  }

  @Test
  void theKeyNamesWhateverDecidesMemory() {
    RunConfig run = RunConfig.defaults();
    String key = key(run, 0);
    assertThat(key(run.with("training.seed", 2), 0)).isEqualTo(key);
    assertThat(key(run.with("optimizer.lr", 1), 0)).isEqualTo(key);
    for (String change :
        List.of(
            "model.context=64",
            "model.width=64",
            "training.precision=bf16",
            "training.batch=32",
            "training.checkpoint_activations=true",
            "optimizer.type=muon")) {
      String[] parts = change.split("=", -1);
      assertThat(key(run.with(parts[0], parts[1]), 0)).as(change).isNotEqualTo(key);
    }
    assertThat(key(run, 1)).isNotEqualTo(key);
  }

  private static String key(RunConfig run, int copies) {
    return MicroBatch.key(run, Device.cpu(), 4096, "torch+sdpa", copies);
  }

  /** A run on a CPU that is treated as a GPU with room for so many sequences. */
  private Training trainer(RunConfig config, TokenDataset data, int room) {
    RunConfig auto = config.with("training.micro_batch", 0);
    return new Training(
        auto,
        data,
        List.of(),
        ProgressListener.NONE,
        (c, d, device, path, copies) -> roomFor(room),
        temp.resolve("cache"));
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(Files.readString(file));
  }

  @Test
  void aRunTrainsWithWhatFitsAndGoesOnWithWhatItBeganWith() throws IOException {
    Path corpus = TestRuns.corpus(temp);
    RunConfig two = TestRuns.config(corpus, "training.micro_batch=2");
    try (TokenDataset data = TestRuns.data(two, temp.resolve("cache"))) {
      RunSummary expected = TestRuns.train(two, data, temp.resolve("two"));

      RunSummary auto = trainer(two, data, 3).train(temp.resolve("auto"), () -> false);
      assertThat(tried).containsExactly(4, 2);
      assertThat(auto.weightsSha256()).isEqualTo(expected.weightsSha256());
      assertThat(auto.performance().orElseThrow().microBatch()).isEqualTo(2);
      JsonNode manifest = json(temp.resolve("auto/manifest.json"));
      assertThat(manifest.path("micro_batch").intValue()).isEqualTo(2);
      assertThat(manifest.path("micro_batch_source").asText()).isEqualTo("the largest that fits");
      assertThat(Files.readString(temp.resolve("auto/run.yaml"))).contains("micro_batch: auto");

      AtomicInteger asked = new AtomicInteger();
      Path parts = temp.resolve("parts");
      trainer(two, data, 3).train(parts, () -> asked.incrementAndGet() == 15);
      Files.delete(temp.resolve("cache/micro-batch.json"));
      RunSummary resumed = trainer(two, data, 4).train(parts, () -> false);
      assertThat(resumed.weightsSha256()).isEqualTo(expected.weightsSha256());
      assertThat(json(parts.resolve("manifest.json")).path("micro_batch_source").asText())
          .isEqualTo("begun with");

      assertThat(
              TestRuns.train(
                      TestRuns.config(corpus, "training.micro_batch=4"), data, temp.resolve("four"))
                  .weightsSha256())
          .as("another micro-batch rounds otherwise")
          .isNotEqualTo(expected.weightsSha256());
    }
  }

  @Test
  void memoryThatRunsOutWhileTrainingMakesAFreshStartTakeLess() throws IOException {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunConfig auto = config.with("training.micro_batch", 0);
      TrainingHook greedy =
          new TrainingHook() {
            @Override
            public boolean wants(long step) {
              return step == 3;
            }

            @Override
            public java.util.Map<String, Object> observe(StepView view) {
              throw new EngineException("CUDA out of memory.");
            }
          };
      Training trainer =
          new Training(
              auto,
              data,
              List.of(greedy),
              ProgressListener.NONE,
              (c, d, device, path, copies) -> roomFor(4),
              temp.resolve("cache"));
      assertThatThrownBy(() -> trainer.train(temp.resolve("run"), () -> false))
          .isInstanceOf(EngineException.class);
      assertThatThrownBy(() -> trainer.train(temp.resolve("run"), () -> false))
          .isInstanceOf(EngineException.class);
      assertThat(json(temp.resolve("run/manifest.json")).path("micro_batch").intValue())
          .isEqualTo(2);
    }
  }

  @Test
  void aRealTrialLeavesNothingBehind() {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        MicroBatchTrial trial =
            new MicroBatchTrial(
                config, data, Device.cpu(), KernelPath.of(config.training().kernels()), 1)) {
      trial.accept(4);
      trial.accept(1);
    }
  }

  @Test
  void onACpuAutoIsTheWholeBatch() {
    RunConfig run =
        Training.resolve(
            RunConfig.defaults().with("training.device", "cpu").with("training.batch", 24));
    assertThat(run.training().microBatch()).isEqualTo(24);
    assertThatThrownBy(
            () ->
                Training.resolve(
                    RunConfig.defaults()
                        .with("training.device", "cpu")
                        .with("training.tf32", true)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training.tf32 is true; allowed: false on a CPU");
  }

  private static TrainConfig training(int batch, int microBatch) {
    return RunConfig.defaults()
        .with(Map.of("training.batch", batch, "training.micro_batch", microBatch))
        .training();
  }
}
