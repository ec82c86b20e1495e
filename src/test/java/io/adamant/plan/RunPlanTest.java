package io.adamant.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.measure.GradientMemory;
import io.adamant.measure.MeasurePlan;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.train.ParameterGroups;
import io.adamant.train.StepView;
import io.adamant.train.TestRuns;
import io.adamant.train.TrainingHook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunPlanTest {

  @TempDir Path temp;

  @Test
  void aPlanCountsWhatTheRunWillDoAndLeavesNothing() throws IOException {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp), "training.keep_checkpoints=3");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunPlan plan = RunPlan.of(config, data, List.of());
      assertThat(plan.tokens()).isEqualTo(40 * 4 * 16);
      assertThat(plan.checkpoints()).isEqualTo(5);
      assertThat(plan.measuredSteps()).isPositive();
      assertThat(plan.time().keySet())
          .containsExactly("training", "validation", "measurements", "checkpoints");
      assertThat(plan.seconds()).isPositive();
      assertThat(plan.peakBytes()).isGreaterThan(100L << 20);

      RunSummary summary = TestRuns.train(config, data, temp.resolve("run"));
      assertThat(summary.status()).isEqualTo(RunStatus.FINISHED);
      Path last = temp.resolve("run/checkpoint/step-00000040");
      double written =
          Files.size(last.resolve("weights.safetensors"))
              + Files.size(last.resolve("optimizer.safetensors"));
      assertThat((double) plan.checkpointBytes()).isCloseTo(written, within(0.05 * written));
    }
  }

  @Test
  void whatARunReadsOutIsCounted() throws IOException {
    RunConfig plain = TestRuns.config(TestRuns.corpus(temp), "training.eval_every=9");
    RunConfig config = plain.with("training.readout", "tail"); // steps 33 to 40
    ModelSize size = new ModelSize(config.model(), 257);
    GpuMemoryModel memory = new GpuMemoryModel(config, size, 0, 0);
    assertThat(memory.terms().get("readout")).isEqualTo(4 * size.parameters());
    assertThat(memory.peak() - new GpuMemoryModel(plain, size, 0, 0).peak())
        .isEqualTo(4 * size.parameters());
    // Evaluated after 9, 18, 27, 36 and 40, what is read out after 36 and 40.
    assertThat(RunPlan.evaluatedTokens(plain.training(), 100, 7000)).isEqualTo(5 * 100 + 7000);
    assertThat(RunPlan.evaluatedTokens(config.training(), 100, 7000)).isEqualTo(6 * 100 + 2 * 7000);
    assertThat(
            RunPlan.evaluatedTokens(config.with("training.readout", "ema").training(), 100, 7000))
        .isEqualTo(9 * 100 + 2 * 7000);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      TestRuns.train(config, data, temp.resolve("run"));
    }
    double written = 0;
    for (String name : List.of("weights", "optimizer", "readout")) {
      written += Files.size(temp.resolve("run/checkpoint/step-00000040/" + name + ".safetensors"));
    }
    assertThat((double) RunPlan.checkpointBytes(config, size, 2 * size.parameters()))
        .isCloseTo(written, within(0.05 * written));
  }

  @Test
  void memoryIsOfTheDevice() {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp));
    ModelSize size = new ModelSize(config.model(), 257);
    KernelPath fused = KernelPath.of("torch+sdpa");
    Map<String, Long> gpu =
        MemoryModel.of(config, size, fused, Device.gpu(0), 0, List.of()).terms();
    assertThat(gpu).isEqualTo(new GpuMemoryModel(config, size, 0, 0).terms());
    assertThat(MemoryModel.of(config, size, fused, Device.cpu(), 0, List.of()).terms())
        .containsKey("JVM and libtorch")
        .doesNotContainKey("CUDA and libraries");
  }

  @Test
  void frozenParametersTakeNeitherGradientNorStateNorActivationsBelowAllTrainedOnes() {
    Path corpus = TestRuns.corpus(temp);
    RunConfig whole = TestRuns.config(corpus);
    RunConfig part =
        TestRuns.config(
            corpus, "groups.still.match=(?!layers[.]1|final|head).*", "groups.still.lr_scale=0");
    for (Device device : new Device[] {Device.cpu(), Device.gpu(0)}) {
      Map<String, Long> all = terms(whole, device);
      Map<String, Long> some = terms(part, device);
      ModelSize size = ParameterGroups.size(part, 257);
      assertThat(some.get("weights")).isEqualTo(all.get("weights"));
      assertThat(some.get("gradients")).isEqualTo(4 * size.trained());
      assertThat(some.get("optimizer state")).isEqualTo(8 * size.trained());
      assertThat(some.get("activations")).isLessThan(all.get("activations") * 6 / 10);
      assertThat(some.get("largest temporary")).isEqualTo(all.get("largest temporary"));
    }
  }

  /** What a hook holds beside copies counts, of the parameters that are trained. */
  @Test
  void theRingOfGradientsIsCounted() {
    RunConfig run = TestRuns.config(TestRuns.corpus(temp));
    ModelSize size = ParameterGroups.size(run, 257);
    TrainingHook memory = new GradientMemory(MeasurePlan.of(100, 8, 10), Gpt::group, 50, 64);
    long numbers = memory.numbers(size.shapes());
    long groups = size.shapes().keySet().stream().map(Gpt::group).distinct().count();
    // Every group has 64 coordinates or more: two rings each, four more while one is read.
    assertThat(numbers).isEqualTo(50 * 64 * (2 * groups + 4) + 4 * 16 * 50 * 50);
    assertThat(
            MemoryModel.of(run, size, KernelPath.of("torch+sdpa"), Device.cpu(), 0, List.of(memory))
                .terms()
                .get("measurements"))
        .isEqualTo(4 * numbers);
  }

  private static Map<String, Long> terms(RunConfig run, Device device) {
    ModelSize size = ParameterGroups.size(run, 257);
    long state = ParameterGroups.stateSize(run, size.shapes());
    return MemoryModel.of(run, size, KernelPath.of("torch+sdpa"), device, state, List.of()).terms();
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
    Calibration cost = new Calibration(5, 2, 0.001, 0.5, 0, 0.25, 1e-6);
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
    assertThat(TrainingHook.Cost.ofRun(config.training(), List.of(hook)).copies()).isEqualTo(2);
    assertThat(times.get("checkpoints")).isCloseTo(4.0, within(1e-9));
  }
}
