package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.optim.Schedules;
import io.adamant.results.RunSummary;
import io.adamant.train.ProgressListener;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hook in real training: it changes nothing, and goes on where a run stopped. */
class GroupStatisticsRunTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;

  private static TrainingHook hook(RunConfig run, int every) {
    return hook(run, every, 0);
  }

  private static TrainingHook hook(RunConfig run, int every, int probeEvery) {
    long steps = run.training().steps();
    return new GroupStatistics(
        new MeasurePlan(steps, run.training().batch(), every, probeEvery > 0, probeEvery, 4),
        Gpt::group,
        Schedules.of(run.schedule(), run.optimizer().lr(), steps));
  }

  private static RunSummary train(
      RunConfig config,
      TokenDataset data,
      List<TrainingHook> hooks,
      Path root,
      BooleanSupplier stop) {
    return new Training(config, data, hooks, ProgressListener.NONE).train(root, stop);
  }

  private static List<JsonNode> measured(Path root) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(root.resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      if (node.has("groups")) {
        lines.add(node.get("groups"));
      }
    }
    return lines;
  }

  @Test
  void watchingChangesNoBit() throws IOException {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary off = TestRuns.train(config, data, temp.resolve("off"));
      Path root = temp.resolve("on");
      RunSummary on = train(config, data, List.of(hook(config, 1)), root, () -> false);
      assertThat(on.weightsSha256()).isEqualTo(off.weightsSha256());
      assertThat(on.valLoss()).isEqualTo(off.valLoss());
      assertThat(measured(root)).hasSize(40);
    }
  }

  /**
   * Micro-batches gathered, fresh batches probed, every tensor measured: still the same bits, with
   * a padded vocabulary too.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 64})
  void probingChangesNoBit(int vocabMultiple) throws IOException {
    RunConfig config =
        TestRuns.config(
            TestRuns.corpus(temp),
            "training.micro_batch=1",
            "model.vocab_multiple=" + vocabMultiple);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary off = TestRuns.train(config, data, temp.resolve("off"));
      Path root = temp.resolve("on");
      RunSummary on = train(config, data, List.of(hook(config, 2, 7)), root, () -> false);
      assertThat(on.weightsSha256()).isEqualTo(off.weightsSha256());
      assertThat(on.valLoss()).isEqualTo(off.valLoss());
      List<JsonNode> lines = new ArrayList<>();
      for (String line : Files.readAllLines(root.resolve("metrics.jsonl"))) {
        lines.add(JSON.readTree(line));
      }
      JsonNode probed = lines.get(34);
      for (String key :
          new String[] {
            "snr", "snr_micro", "snr_probe", "snr_independent", "update_rms_independent_low",
            "weight_rms_signal", "factor_time", "factor_coordinates", "factor_eps", "persistence"
          }) {
        assertThat(probed.at("/groups/all").path(key).isNumber()).as(key).isTrue();
      }
      assertThat(probed.at("/groups/all/snr_independent"))
          .isEqualTo(probed.at("/groups/all/snr_probe"));
      assertThat(probed.at("/probe/sharpness").isNumber()).isTrue();
      assertThat(probed.get("tensors").size()).isGreaterThan(10);
      double product =
          probed.at("/groups/all/factor_time").asDouble()
              * probed.at("/groups/all/factor_coordinates").asDouble()
              * probed.at("/groups/all/factor_eps").asDouble();
      assertThat(product - 1)
          .isCloseTo(probed.at("/groups/all/update_rms_residual").asDouble(), within(1e-9));
      assertThat(lines.get(33).at("/groups/all/snr_micro").isNumber()).isTrue();
      assertThat(lines.get(33).has("probe")).isFalse();
      assertThat(lines.get(32).has("groups")).isFalse();
    }
  }

  @Test
  void everyGroupHasItsNumbers() throws IOException {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp), "training.steps=33");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      Path root = temp.resolve("run");
      train(config, data, List.of(hook(config, 10)), root, () -> false);
      List<JsonNode> lines = measured(root);
      assertThat(lines).hasSize(4); // 10, 20, 30 and the last
      for (JsonNode line : lines) {
        List<String> groups = new ArrayList<>();
        line.fieldNames().forEachRemaining(groups::add);
        assertThat(groups)
            .startsWith("all")
            .containsExactlyInAnyOrder("all", "embedding", "attention", "mlp", "norm", "head");
        line.forEach(GroupStatisticsRunTest::assertComplete);
      }
      assertThat(lines).anyMatch(line -> line.at("/all/noise_scale").isNumber());
      // Gains start at 1 and do not decay.
      JsonNode norm = lines.get(0).get("norm");
      assertThat(norm.get("weight_rms").asDouble()).isBetween(0.9, 1.1);
      assertThat(norm.get("weight_rms_predicted").asDouble()).isBetween(0.99, 1.1);
    }
  }

  private static void assertComplete(JsonNode group) {
    for (String key :
        new String[] {"update_rms", "update_rms_free", "weight_rms", "weight_rms_predicted"}) {
      assertThat(group.path(key).isNumber()).as(key).isTrue();
    }
    // A gradient that shrinks makes m larger than g; then there is no snr and nothing built on it.
    assertThat(group.has("snr")).isTrue();
    assertThat(group.path("update_rms_predicted").isNumber())
        .isEqualTo(group.path("snr").isNumber());
    assertThat(group.path("noise_scale").isNumber()).isEqualTo(group.path("snr").asDouble() > 0);
  }

  @Test
  void aRunThatWasStoppedMeasuresAndPredictsTheSame() throws IOException {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp), "training.steps=30");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      Path whole = temp.resolve("whole");
      Path parts = temp.resolve("parts");
      train(config, data, List.of(hook(config, 3)), whole, () -> false);
      for (int steps : new int[] {7, 13, 30}) {
        AtomicInteger left = new AtomicInteger(steps);
        train(config, data, List.of(hook(config, 3)), parts, () -> left.decrementAndGet() == 0);
      }
      assertThat(measured(parts)).isEqualTo(measured(whole)).hasSize(10);
      assertThat(measured(whole).get(9).at("/all/weight_rms_predicted").isNumber()).isTrue();
    }
  }
}
