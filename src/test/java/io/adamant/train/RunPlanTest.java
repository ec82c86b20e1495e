package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.GroupConfig;
import io.adamant.config.ModelConfig;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.config.Shapes;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.tensor.CpuFeatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunPlanTest {

  private static final KernelPath PATH =
      KernelPath.choose(CpuFeatures.detect(), Device.cpu(), Precision.FP32, 64);

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"1,8,2,16,24,100", "3,20,5,7,33,257", "4,64,4,32,176,1000"})
  void everyParameterIsCounted(int layers, int width, int heads, int context, int f, int v) {
    ModelConfig config = Shapes.model(layers, width, heads, context, f, 1.0, 0.02);
    ModelSize size = new ModelSize(config, v);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        Gpt model = new Gpt(manager, config, v, PATH, 1)) {
      Map<String, Shape> shapes = new LinkedHashMap<>();
      model.named().forEach((name, parameter) -> shapes.put(name, parameter.getShape()));
      assertThat(size.shapes()).isEqualTo(shapes);
      assertThat(size.parameters()).isEqualTo(model.parameterCount());
    }
    long products = size.parameters() - (long) v * width;
    assertThat(size.flopsPerToken()).isEqualTo(6 * products + 12L * layers * width * context);
    assertThat(size.byGroup().values().stream().mapToLong(n -> n).sum())
        .isEqualTo(size.parameters());
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "sgd", "sgdm", "muon", "adavar"})
  void theStateOfEveryOptimizerIsCounted(String type) {
    RunConfig config =
        TestRuns.config(TestRuns.corpus(temp)).with(OptimizerConfig.of(type, 0.01, 0));
    RunConfig grouped =
        Training.resolve(config.withGroups(Map.of("head", GroupConfig.scaled("head[.].*", 0.5))));
    try (TokenDataset data = TestRuns.data(grouped, temp.resolve("cache"));
        Session session = new Session(grouped, data, Device.cpu(), PATH)) {
      long live =
          session.optimizerState().entrySet().stream()
              .filter(entry -> !entry.getKey().endsWith(":steps"))
              .map(Map.Entry::getValue)
              .mapToLong(NDArray::size)
              .sum();
      ModelSize size = new ModelSize(grouped.model(), 257);
      assertThat(ParameterGroups.stateSize(grouped, size.shapes())).isEqualTo(live);
    }
  }

  @Test
  void aPlanCountsWhatTheRunWillDoAndLeavesNothing() throws IOException {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp), "training.keep_checkpoints=3");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunPlan plan = new Training(config, data, List.of(), ProgressListener.NONE).plan();
      assertThat(plan.tokens()).isEqualTo(40 * 4 * 16);
      assertThat(plan.checkpoints()).isEqualTo(5);
      assertThat(plan.measuredSteps()).isPositive();
      assertThat(plan.time().orElseThrow().keySet())
          .containsExactly("training", "validation", "measurements", "checkpoints");
      assertThat(plan.seconds().orElseThrow()).isPositive();
      assertThat(plan.peakBytes()).isGreaterThan(100L << 20);

      RunSummary summary = TestRuns.train(config, data, temp.resolve("run"));
      assertThat(summary.status()).isEqualTo(RunStatus.FINISHED);
      Path last = new CheckpointStore(temp.resolve("run/checkpoint")).newestFirst().get(0);
      double written =
          Files.size(last.resolve("weights.safetensors"))
              + Files.size(last.resolve("optimizer.safetensors"));
      assertThat((double) plan.checkpointBytes()).isCloseTo(written, within(0.05 * written));
    }
  }

  @Test
  void memoryIsOfTheDevice() {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp));
    ModelSize size = new ModelSize(config.model(), 257);
    KernelPath fused = KernelPath.of("torch+sdpa");
    Map<String, Long> gpu = RunPlan.memory(config, size, fused, Device.gpu(0), 0, 0);
    assertThat(gpu).isEqualTo(new GpuMemoryModel(config, size, 0, 0).terms());
    assertThat(RunPlan.memory(config, size, fused, Device.cpu(), 0, 0))
        .containsKey("JVM and libtorch")
        .doesNotContainKey("CUDA and libraries");
  }

  @Test
  void partsOfTheTimeAreCountedAsTheLoopDoesThem() {
    RunConfig config =
        TestRuns.config(
            TestRuns.corpus(temp),
            "training.steps=100",
            "training.eval_every=20",
            "training.checkpoint_every=30",
            "training.eval_tokens=1000");
    Calibration cost = new Calibration(5, 2, 0.001, 0.5, 0.25, 1e-6);
    TrainingHook hook =
        new TrainingHook() {
          @Override
          public boolean wants(long step) {
            return step % 25 == 0;
          }

          @Override
          public Cost cost(long step, int accumulation) {
            return new Cost(step == 50 ? 8 : 0, accumulation);
          }

          @Override
          public Map<String, Object> observe(StepView view) {
            return Map.of();
          }
        };
    Map<String, Double> times = RunPlan.times(config, cost, 5000, 1_000_000, List.of(hook));
    assertThat(times.get("training")).isEqualTo(200);
    // Before the first step, after 20, 40, 60 and 80, and everything at the end.
    assertThat(times.get("validation")).isCloseTo(5 * 1.0 + 5.0, within(1e-9));
    assertThat(times.get("measurements")).isEqualTo(4 * 0.5 + 8 * 0.25);
    assertThat(RunPlan.hookCopies(config.training(), List.of(hook))).isEqualTo(2);
    assertThat(times.get("checkpoints")).isCloseTo(4.0, within(1e-9));
  }
}
