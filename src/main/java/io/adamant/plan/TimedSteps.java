package io.adamant.plan;

import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.train.Rehearsal;
import io.adamant.train.TrainingHook;
import io.adamant.train.TrainingStep.Phase;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Steps of a run with a clock between their phases. On a GPU the phases only tell when work was
 * queued, unless it is waited for.
 */
final class TimedSteps implements AutoCloseable {

  private final Rehearsal run;
  private final Map<Phase, Double> seconds = new EnumMap<>(Phase.class);
  private boolean waits;
  private long clock;

  /** Builds model, optimizer and batches; hooks are timed as well. */
  TimedSteps(RunConfig config, TokenDataset data, List<TrainingHook> hooks) {
    run = new Rehearsal(config, data, hooks, this::finished);
  }

  /** What is timed. */
  Rehearsal run() {
    return run;
  }

  /** Takes a step and returns the seconds of each phase. */
  Map<Phase, Double> next() {
    seconds.clear();
    clock = System.nanoTime();
    run.step();
    return new EnumMap<>(seconds);
  }

  private void finished(Phase phase) {
    if (waits) {
      run.await();
    }
    long now = System.nanoTime();
    seconds.merge(phase, (now - clock) / 1e9, Double::sum);
    clock = now;
  }

  /**
   * Waits for the device after each phase from now on, so that they tell when work was done; the
   * whole step then takes longer.
   */
  void waitAfterPhases() {
    waits = true;
  }

  /** Loss of the last step in nats a token; waits for the device. */
  double loss() {
    return run.outcome().loss();
  }

  @Override
  public void close() {
    run.close();
  }
}
