package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.data.Batches;
import io.adamant.data.TokenDataset;
import io.adamant.measure.GroupStatistics;
import io.adamant.measure.MeasurePlan;
import io.adamant.optim.LearningRate;
import io.adamant.plan.RunPlan;
import io.adamant.results.RunStatus;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batches that grow from one micro-batch to their size. */
class BatchWarmupTest {
  private static final int CONTEXT = 16;

  @TempDir Path temp;

  /** Ten steps of 1, 1, 1, 2, 2, 3, 3, 3, 4, 4 micro-batches, then whole batches of five. */
  private RunConfig growing(String... more) {
    List<String> overrides =
        new ArrayList<>(
            List.of(
                "training.steps=20",
                "training.batch=10",
                "training.micro_batch=2",
                "training.batch_warmup=0.5"));
    overrides.addAll(List.of(more));
    return TestRuns.config(TestRuns.corpus(temp), overrides.toArray(new String[0]));
  }

  @Test
  void theBatchGrowsByMicroBatches() {
    TrainConfig training = growing().training();
    List<Integer> sizes = new ArrayList<>();
    for (int step = 0; step < 12; step++) {
      sizes.add(training.accumulation(step));
    }
    assertThat(sizes).containsExactly(1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5);
  }

  @ParameterizedTest
  @CsvSource({
    "20, 10, 2, 0.5",
    "20, 10, 2, 0",
    "7, 64, 1, 0.9",
    "300, 16, 4, 0.1",
    "1000, 6, 3, 0.333",
    "3, 4, 2, 0.1",
    "50, 12, 1, 0.999"
  })
  void sequencesAreTheSumOfTheBatches(int steps, int batch, int micro, double warmup) {
    TrainConfig training =
        RunConfig.defaults()
            .with(
                Map.of(
                    "training.steps", steps,
                    "training.batch", batch,
                    "training.micro_batch", micro,
                    "training.batch_warmup", warmup))
            .training();
    long sum = 0;
    int before = 1;
    for (long step = 0; step <= steps; step++) {
      assertThat(training.sequences(step)).as("step %s", step).isEqualTo(sum);
      int count = training.accumulation(step);
      assertThat(count).isBetween(before, batch / micro);
      sum += (long) count * micro;
      before = count;
    }
    assertThat(training.accumulation(Math.round(warmup * steps))).isEqualTo(batch / micro);
    assertThat(training.accumulation(0)).isEqualTo(warmup * steps < 0.5 ? batch / micro : 1);
  }

  /** Sequence by sequence the order of batches of any size, wherever it begins. */
  @ParameterizedTest
  @CsvSource({"0, shuffled", "4, shuffled", "11, shuffled", "0, file", "7, file"})
  void noSequenceIsLeftOutOrReadTwice(long firstStep, String order) {
    RunConfig config = growing("data.order=" + order);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        NDManager manager = NDManager.newBaseManager();
        BatchPrefetcher prefetcher =
            new BatchPrefetcher(Training.checkData(config, data), config, firstStep)) {
      Batches one =
          order.equals("file")
              ? Batches.inFileOrder(data.train(), 10, CONTEXT)
              : new Batches(data.train(), 1, CONTEXT, config.training().seed());
      long next = config.training().sequences(firstStep);
      long[] tokens = new long[CONTEXT];
      for (long step = firstStep; step < 20; step++) {
        for (int micro = 0; micro < config.training().accumulation(step); micro++) {
          NDManager scope = manager.newSubManager();
          try (BatchPrefetcher.Batch batch = prefetcher.next(scope, step, micro);
              scope) {
            for (int row = 0; row < 2; row++) {
              one.read(next++, 1, tokens, new long[CONTEXT]);
              assertThat(batch.tokens().get(row).toLongArray()).isEqualTo(tokens);
            }
          }
        }
      }
    }
  }

  private List<JsonNode> metrics(String name) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(temp.resolve(name).resolve("metrics.jsonl"))) {
      JsonNode node = Json.MAPPER.readTree(line);
      ((ObjectNode) node).remove("tokens_per_s");
      lines.add(node);
    }
    return lines;
  }

  @Test
  void aResumedRunIsTheSameAndTokensAreCounted() throws IOException {
    RunConfig config = growing("training.checkpoint_every=3");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary whole = TestRuns.train(config, data, temp.resolve("whole"));
      for (int steps : new int[] {5, 6}) { // both ends within the warm-up and behind it
        AtomicInteger left = new AtomicInteger(steps);
        RunSummary part =
            TestRuns.train(config, data, temp.resolve("parts"), () -> left.decrementAndGet() == 0);
        assertThat(part.status()).isEqualTo(RunStatus.INTERRUPTED);
      }
      RunSummary parts = TestRuns.train(config, data, temp.resolve("parts"));
      assertThat(parts.weightsSha256()).isEqualTo(whole.weightsSha256());
      assertThat(metrics("parts")).isEqualTo(metrics("whole"));
      long tokens = 0;
      for (JsonNode line : metrics("whole")) {
        int step = line.path("step").asInt();
        tokens += 2L * CONTEXT * config.training().accumulation(step - 1);
        assertThat(line.path("tokens").asLong()).isEqualTo(tokens);
      }
      assertThat(whole.tokens()).isEqualTo(tokens).isEqualTo(config.tokens());
      JsonNode manifest = Json.object(temp.resolve("whole").resolve("manifest.json"));
      Batches batches = Training.checkData(config, data);
      assertThat(manifest.path("data").path("epochs").asDouble())
          .isEqualTo(batches.epochs(tokens / CONTEXT));
      RunPlan plan = RunPlan.of(config, data, List.of());
      assertThat(plan.tokens()).isEqualTo(tokens);
      assertThat(plan.epochs()).hasValue(batches.epochs(tokens / CONTEXT));
    }
  }

  @Test
  void itIsAnotherRunAndWithoutItTheSame() {
    RunConfig config = growing();
    RunConfig off = config.with("training.batch_warmup", 0);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      assertThat(RunIdentity.of(config, data)).isNotEqualTo(RunIdentity.of(off, data));
      RunSummary grown = TestRuns.train(config, data, temp.resolve("grown"));
      RunSummary plain = TestRuns.train(off, data, temp.resolve("plain"));
      assertThat(grown.weightsSha256()).isNotEqualTo(plain.weightsSha256());
      assertThat(plain.tokens()).isEqualTo(20 * 10 * CONTEXT);
    }
  }

  /** Two or three micro-batches say little of a batch that still grows. */
  @Test
  void microBatchesMeasureTheSignalFromFourOn() throws IOException {
    RunConfig config = growing();
    TrainConfig training = config.training();
    MeasurePlan plan =
        new MeasurePlan(
            20,
            10,
            1,
            false,
            0,
            8,
            step -> (int) (training.sequences(step) - training.sequences(step - 1)),
            false);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      GroupStatistics hook =
          new GroupStatistics(plan, name -> "weights", LearningRate.constant(0.01));
      new Training(config, data, List.of(hook), ProgressListener.NONE)
          .train(temp.resolve("measured"), () -> false);
    }
    int present = 0;
    for (JsonNode line : metrics("measured")) {
      int count = training.accumulation(line.path("step").asInt() - 1);
      JsonNode all = line.path("groups").path("all");
      assertThat(all.has("snr_micro")).as("%s", line).isEqualTo(count >= 4);
      if (count >= 4) {
        present++;
        assertThat(all.path("noise_scale_independent").asDouble())
            .isCloseTo(2 * count / all.path("snr_micro").asDouble(), withinPercentage(1e-9));
      }
    }
    assertThat(present).isEqualTo(12);
  }

  @ParameterizedTest
  @CsvSource({"auto, auto", "0, auto", "10, 10"})
  void withoutASmallerMicroBatchItIsRefused(String micro, String shown) {
    assertThatThrownBy(() -> growing("training.micro_batch=" + micro))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "training.batch_warmup is 0.5; allowed: 0, or a training.micro_batch to grow by,"
                + " a divisor of training.batch, 10, below it, not "
                + shown);
  }

  @ParameterizedTest
  @CsvSource({"-0.1", "1", "1.5"})
  void itIsAFraction(String warmup) {
    assertThatThrownBy(() -> growing("training.batch_warmup=" + warmup))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training.batch_warmup is " + warmup);
  }
}
