package io.adamant.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.optim.ParameterGroup;
import io.adamant.train.StepView;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import io.adamant.train.TrainingStep.Phase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepBenchmarkTest {

  @TempDir Path directory;

  @Test
  void partsAddUpToTheStepAndTheNumbersToEachOther() {
    RunConfig config = TestRuns.config(TestRuns.corpus(directory), "training.device=cpu");
    try (TokenDataset data = TestRuns.data(config, directory.resolve("cache"))) {
      BenchResult result = StepBenchmark.measure(config, data, List.of(), 10, 41);
      double parts = result.parts().values().stream().mapToDouble(Double::doubleValue).sum();

      assertThat(parts / result.secondsPerStep()).isBetween(0.5, 1.1);
      assertThat(result.parts().get(Phase.BACKWARD)).isPositive();
      assertThat(result.tokensPerStep()).isEqualTo(4 * 16);
      long embedding = 257 * 16;
      assertThat(result.flopsPerToken())
          .isEqualTo(6 * (result.parameters() - embedding) + 12 * 2 * 16 * 16);
      assertThat(result.tokensPerSecond() * result.secondsPerStep()).isBetween(63.99, 64.01);
      assertThat(result.utilisation()).isBetween(0.0, 1.0);
      assertThat(result.loss()).isBetween(0.1, Math.log(257) + 0.5);
      assertThat(result.microBatch()).isEqualTo(2);
      assertThat(result.bandwidth()).isGreaterThan(1e8);
      assertThat(result.peakMemory().orElseThrow()).isGreaterThan(50L << 20);
      assertThat(result.toMap())
          .containsKeys(
              "memory_bandwidth_gb_per_s",
              "peak_memory_bytes",
              "micro_batch",
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
      sleep(25_000_000); // long beside what a busy machine adds
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      probed = view.probe().isPresent();
      sleep(100_000_000);
      return Map.of();
    }
  }

  /** Of 4 steps one is watched, of the run's 40 every fifth: 30 ms in 5 steps. */
  @Test
  void hooksCountAsOftenAsTheyRun() {
    RunConfig config = TestRuns.config(TestRuns.corpus(directory), "training.device=cpu");
    Sleeper hook = new Sleeper();
    try (TokenDataset data = TestRuns.data(config, directory.resolve("cache"))) {
      BenchResult result = StepBenchmark.measure(config, data, List.of(hook), 3, 4);
      assertThat(hook.probed).isTrue();
      double seconds = result.parts().get(Phase.HOOKS);
      assertThat(hook.nanos).isGreaterThan(125_000_000);
      assertThat(seconds).isCloseTo(hook.nanos / 5e9, withinPercentage(10));
      assertThat(result.secondsPerStep()).isGreaterThan(seconds);
    }
  }

  /** On a GPU the parts are those of steps that wait; here only that they are taken and replace. */
  @Test
  void partsThatAreWaitedForReplaceTheOthersExceptHooks() {
    RunConfig config = TestRuns.config(TestRuns.corpus(directory), "training.device=cpu");
    try (TokenDataset data = TestRuns.data(config, directory.resolve("cache"));
        TimedSteps timed = new TimedSteps(config, data, List.of())) {
      Map<Phase, Double> queued = timed.next();
      queued.put(Phase.HOOKS, 7.0);
      queued.put(Phase.OPTIMIZER, -1.0);
      List<Map<Phase, Double>> measured = new ArrayList<>(List.of(queued));

      StepBenchmark.measureWaiting(timed, measured);

      assertThat(measured).hasSize(1);
      assertThat(measured.get(0)).containsEntry(Phase.HOOKS, 7.0);
      assertThat(measured.get(0).get(Phase.OPTIMIZER)).isPositive();
      assertThat(timed.loss()).isPositive();
    }
  }

  /** A bench takes the step that training takes, to the clip that SGDM has of its own. */
  @Test
  void theMomentumsOwnClipIsMeasuredToo() {
    RunConfig config =
        TestRuns.config(TestRuns.corpus(directory), "training.device=cpu")
            .with(new OptimizerConfig("sgdm", 0.1, 0, Map.of("coordinate_clip", 2e-3)));
    RunConfig resolved = Training.resolve(config);
    try (TokenDataset data = TestRuns.data(resolved, directory.resolve("cache"));
        TimedSteps timed = new TimedSteps(resolved, data, List.of())) {
      timed.next();
      assertThat(timed.run().outcome().limitedMomentum()).isBetween(0.001, 0.999);
    }
  }

  /** The clock never stops in a step: what is not in a part is the loop's, and that is little. */
  @Test
  void noTimeOfAStepIsLost() {
    RunConfig config = TestRuns.config(TestRuns.corpus(directory), "training.device=cpu");
    Sleeper hook = new Sleeper();
    try (TokenDataset data = TestRuns.data(config, directory.resolve("cache"));
        TimedSteps timed = new TimedSteps(config, data, List.of(hook))) {
      List<Double> shares = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        long start = System.nanoTime();
        Map<Phase, Double> parts = timed.next();
        double step = (System.nanoTime() - start) / 1e9;
        assertThat(parts).containsOnlyKeys(Phase.values());
        double sum = parts.values().stream().mapToDouble(Double::doubleValue).sum();
        assertThat(sum).isLessThan(step);
        shares.add(sum / step);
      }
      assertThat(shares.stream().sorted().toList().get(10)).as("%s", shares).isGreaterThan(0.8);
    }
  }

  /** A hook that takes 200 ms a step, far above a busy machine's noise, or none. */
  private static List<TrainingHook> slow(boolean slow) {
    return List.of(
        new TrainingHook() {
          @Override
          public boolean wants(long step) {
            return slow;
          }

          @Override
          public Map<String, Object> observe(StepView view) {
            LockSupport.parkNanos(200_000_000);
            return Map.of();
          }
        });
  }

  /** Of the rounds only one is fast; it decides, though it is neither the first nor the last. */
  @Test
  @Tag("slow")
  void theBetterOfTwoRoundsCountsAndTheFastestComesFirst() {
    RunConfig run = TestRuns.config(TestRuns.corpus(directory), "training.device=cpu");
    List<RunConfig> configs =
        Stream.of("torch+sdpa", "torch+explicit")
            .map(kernels -> run.with("training.kernels", kernels))
            .toList();
    try (TokenDataset data = TestRuns.data(run, directory.resolve("cache"))) {
      for (int fast : new int[] {1, 2}) { // rounds: sdpa, explicit, explicit, sdpa
        AtomicInteger round = new AtomicInteger();
        List<BenchResult> results =
            StepBenchmark.compare(configs, data, () -> slow(round.getAndIncrement() != fast), 1, 3);
        assertThat(round).hasValue(4);
        assertThat(results.stream().map(BenchResult::kernels))
            .containsExactly("torch+explicit", "torch+sdpa");
        double slow = results.get(1).secondsPerStep();
        assertThat(slow).isGreaterThan(0.2);
        assertThat(results.get(0).secondsPerStep()).as("the fast round").isLessThan(slow - 0.1);
      }
    }
  }
}
