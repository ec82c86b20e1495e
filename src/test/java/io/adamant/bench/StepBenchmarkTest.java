package io.adamant.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.config.RunConfig;
import io.adamant.data.Dataset;
import io.adamant.train.TestRuns;
import io.adamant.train.TimedSteps;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepBenchmarkTest {

  @TempDir Path directory;

  @Test
  void partsAddUpToTheStepAndTheNumbersToEachOther() {
    RunConfig config = TestRuns.config(TestRuns.corpus(directory), "training.device=cpu");
    try (Dataset data = TestRuns.data(config, directory.resolve("cache"))) {
      BenchResult result = StepBenchmark.measure(config, data, List.of(), 3, 9);
      double parts = result.parts().values().stream().mapToDouble(Double::doubleValue).sum();

      assertThat(parts / result.secondsPerStep()).isBetween(0.5, 1.1);
      assertThat(result.parts().get(TimedSteps.Part.BACKWARD)).isPositive();
      assertThat(result.tokensPerStep()).isEqualTo(4 * 16);
      long embedding = 257 * 16;
      assertThat(result.flopsPerToken())
          .isEqualTo(6 * (result.parameters() - embedding) + 12 * 2 * 16 * 16);
      assertThat(result.tokensPerSecond() * result.secondsPerStep()).isBetween(63.99, 64.01);
      assertThat(result.utilisation()).isBetween(0.0, 1.0);
      assertThat(result.loss()).isBetween(0.1, Math.log(257) + 0.5);
      assertThat(result.toMap())
          .containsKeys(
              "tokens_per_s",
              "forward_ms",
              "backward_ms",
              "clip_ms",
              "optimizer_ms",
              "hooks_ms",
              "data_ms",
              "gflops",
              "matmul_ceiling_gflops",
              "utilisation");
    }
  }
}
