package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.optim.ParameterGroup;
import io.adamant.optim.Schedules;
import io.adamant.train.Rehearsal;
import io.adamant.train.StepView;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the hooks cost by default, in processor time, which a busy machine does not change much. */
class HookCostTest {

  private static final int STEPS = 10;

  /** The mean is over so many times as many steps. */
  private static final int ROUNDS = 4;

  @TempDir Path temp;

  private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

  /** Measures a hook while it observes. */
  private static final class Timed implements TrainingHook {
    private final TrainingHook hook;
    private long nanos;
    private long followNanos;
    private int calls;

    Timed(TrainingHook hook) {
      this.hook = hook;
    }

    @Override
    public String name() {
      return hook.name();
    }

    @Override
    public boolean wants(long step) {
      return hook.wants(step);
    }

    @Override
    public void begin(List<ParameterGroup> groups) {
      hook.begin(groups);
    }

    @Override
    public boolean follows() {
      return hook.follows();
    }

    @Override
    public void follow(long step, List<ParameterGroup> groups) {
      long start = CLOCK.getCurrentThreadCpuTime();
      hook.follow(step, groups);
      followNanos += CLOCK.getCurrentThreadCpuTime() - start;
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      long start = CLOCK.getCurrentThreadCpuTime();
      Map<String, Object> fields = hook.observe(view);
      nanos += CLOCK.getCurrentThreadCpuTime() - start;
      calls++;
      return fields;
    }
  }

  /**
   * At most 2 % of training at the default interval, for the quickstart's model with equal betas,
   * which measure most.
   */
  @Test
  void theDefaultHooksTakeTwoPercent() {
    RunConfig config = config(TestRuns.corpus(temp));
    double share =
        share(
            config,
            new GroupStatistics(
                // More often here, so that the mean is one over several measurements.
                MeasurePlan.of(1000, config.training().batch(), 2),
                Gpt::group,
                Schedules.of(config.schedule(), config.optimizer().lr(), 1000)));
    assertThat(share).isBetween(1e-4, 0.02);
  }

  /** The hook that is off by default; measuring.md has its share. */
  @Test
  void theMemoryOfGradientsTakesAFewPercent() {
    RunConfig config = config(TestRuns.corpus(temp));
    MeasurePlan plan = MeasurePlan.of(1000, config.training().batch(), 2);
    double share = share(config, new GradientMemory(plan, Gpt::group, 90, 4096));
    assertThat(share).isBetween(1e-3, 0.06);
  }

  /** Of the processor time of training, at the default interval. */
  private double share(RunConfig config, TrainingHook observer) {
    int every = config.measure().every();
    assertThat(every).isEqualTo(10);
    Timed hook = new Timed(observer);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        Rehearsal steps = new Rehearsal(config, data, List.of(hook), phase -> {})) {
      for (int i = 0; i < 4; i++) {
        steps.step(); // compiles, and makes memory known
      }
      for (int i = 0; i < STEPS; i++) {
        steps.step(); // optimized only after some calls, and a run has hundreds
      }
      hook.nanos = 0;
      hook.followNanos = 0;
      hook.calls = 0;
      long start = CLOCK.getCurrentThreadCpuTime();
      for (int i = 0; i < ROUNDS * STEPS; i++) {
        steps.step();
      }
      long all = CLOCK.getCurrentThreadCpuTime() - start;
      assertThat(hook.calls).isEqualTo(ROUNDS * STEPS / 2);
      double training = (all - hook.nanos - hook.followNanos) / (double) (ROUNDS * STEPS);
      double hookCost =
          (double) hook.nanos / hook.calls / every + (double) hook.followNanos / (ROUNDS * STEPS);
      return hookCost / training;
    }
  }

  private static RunConfig config(Path corpus) {
    String yaml =
        """
        model: {layers: 4, width: 128, heads: 4, context: 128}
        data: {corpus: '%s', tokenizer: gpt2, vocab: 4096}
        optimizer: {type: adamw, lr: 1.0e-3, beta1: 0.9, beta2: 0.9}
        training: {steps: 1000, batch: 16, threads: 1}
        """;
    return Training.resolve(Configs.parseRun(yaml.formatted(corpus), List.of()));
  }
}
