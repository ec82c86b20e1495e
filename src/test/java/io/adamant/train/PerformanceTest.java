package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.plan.RunPlan;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.results.RunSummary.Performance;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.TorchRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerformanceTest {

  @TempDir Path temp;

  @Test
  void ratesAreRelatedAndUnknownsStayUnknown() {
    OptionalLong unknown = OptionalLong.empty();
    assertThat(new Performance(8, 300, 600, OptionalLong.of(1L << 30), "device").utilisation())
        .isEqualTo(0.5);
    assertThat(new Performance(8, 300, Double.NaN, unknown, "process").utilisation()).isNaN();
    assertThat(new Performance(8, Double.NaN, 600, unknown, "process").utilisation()).isNaN();
  }

  /** Plan and manifest count the rows that padding adds, as the model has them. */
  @Test
  void aPaddedVocabularyIsCounted() throws Exception {
    RunConfig config =
        TestRuns.config(TestRuns.corpus(temp), "model.vocab_multiple=128", "training.steps=2");
    long padded = new ModelSize(config.model(), 384).parameters();
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      assertThat(RunPlan.of(config, data, List.of()).size().parameters()).isEqualTo(padded);
      TestRuns.train(config, data, temp.resolve("run"));
    }
    assertThat(Files.readString(temp.resolve("run/manifest.json")))
        .contains("\"parameters\" : " + padded);
  }

  @Test
  void theBestPeakIsRemembered() {
    KernelPath path = KernelPath.choose(CpuFeatures.detect(), Device.cpu(), Precision.FP32, 64);
    TorchRuntime.prepareThread(1);
    PeakOfDevice peak = new PeakOfDevice(temp, Device.cpu(), path, 1);
    assertThat(peak.known()).isEmpty();
    double measured = peak.measure();
    assertThat(measured).isGreaterThan(1e9);
    assertThat(peak.known()).contains(measured);
    assertThat(new PeakOfDevice(temp, Device.cpu(), path, 2).known()).as("other threads").isEmpty();
  }

  @Test
  void aSummaryTellsWhatTheRunMadeOfTheMachine() throws Exception {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary summary = TestRuns.train(config, data, temp.resolve("run"));
      Performance performance = summary.performance().orElseThrow();
      double flops = new ModelSize(config.model(), 257).flopsPerToken() * summary.tokensPerSecond();
      assertThat(performance.tflops()).isCloseTo(flops / 1e12, within(flops / 1e18));
      assertThat(performance.microBatch()).isEqualTo(2);
      assertThat(performance.peakMemoryBytes().getAsLong()).isGreaterThan(50L << 20);
      assertThat(performance.memoryOf()).isEqualTo("process");
      assertThat(RunDirectory.summary(temp.resolve("run"))).contains(summary);
      assertThat(Files.readString(temp.resolve("run/summary.json"))).contains("\"performance\"");
    }
  }
}
