package io.adamant.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.adamant.config.RunConfig;
import io.adamant.data.Dataset;
import io.adamant.optim.ParameterGroup;
import io.adamant.train.StepView;
import io.adamant.train.TestRuns;
import io.adamant.train.TimedSteps;
import io.adamant.train.TrainingHook;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
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

  /** A hook that sleeps for 20 ms at every fifth step, and 5 ms at each micro-batch before it. */
  private static final class Sleeper implements TrainingHook {
    private boolean probed;
    private long nanos;

    private void sleep(long length) {
      long start = System.nanoTime();
      LockSupport.parkNanos(length);
      nanos += System.nanoTime() - start;
    }

    @Override
    public String name() {
      return "sleeper";
    }

    @Override
    public boolean wants(long step) {
      return step % 5 == 0;
    }

    @Override
    public void accumulated(long step, int done, int count, List<ParameterGroup> groups) {
      sleep(5_000_000);
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      probed = view.probe().isPresent();
      sleep(20_000_000);
      return Map.of();
    }
  }

  /** Of 4 steps one is watched, of the run's 40 every fifth: 30 ms in 5 steps. */
  @Test
  void hooksCountAsOftenAsTheyRun() {
    RunConfig config = TestRuns.config(TestRuns.corpus(directory), "training.device=cpu");
    Sleeper hook = new Sleeper();
    try (Dataset data = TestRuns.data(config, directory.resolve("cache"))) {
      BenchResult result = StepBenchmark.measure(config, data, List.of(hook), 3, 4);
      assertThat(hook.probed).isTrue();
      double seconds = result.parts().get(TimedSteps.Part.HOOKS);
      assertThat(hook.nanos).isGreaterThan(25_000_000);
      assertThat(seconds).isCloseTo(hook.nanos / 5e9, withinPercentage(10));
      assertThat(result.secondsPerStep()).isGreaterThan(seconds);
    }
  }
}
