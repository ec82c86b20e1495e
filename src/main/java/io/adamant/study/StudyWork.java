package io.adamant.study;

import io.adamant.results.Ladder;
import io.adamant.train.TrainingHook;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * A worker's way through a whole study, or its shard of one: the grids, and when they are done
 * everywhere what {@link Confirmation} makes of them. Any number of them may be on their way.
 *
 * @param plan of the study
 * @param shard part that this worker is for
 * @param directory of the study, its record written
 * @param hooks makes the observers of a run
 * @param listener hears about progress
 * @param worker name of this worker, for people
 * @param lease how long a worker's heartbeat may stand still until others take its run over
 */
public record StudyWork(
    StudyPlan plan,
    Shard shard,
    StudyDirectory directory,
    Function<StudyPlan.Item, List<TrainingHook>> hooks,
    StudyRunner.Listener listener,
    String worker,
    Duration lease) {

  /**
   * Works until every run is settled or it is told to stop. A shard whose grids are not done
   * elsewhere confirms nothing: the same command does, once it sees all results.
   *
   * @param stop asked after each step
   */
  public void run(BooleanSupplier stop) {
    train(plan.items(), plan.ladder(directory), stop);
    Optional<Confirmation> confirmation =
        stop.getAsBoolean() ? Optional.empty() : Confirmation.of(plan, directory);
    if (confirmation.isPresent()) {
      directory.writeConfirmation(plan, confirmation.get());
      train(confirmation.get().items(), Optional.empty(), stop);
    }
  }

  private void train(List<StudyPlan.Item> items, Optional<Ladder> ladder, BooleanSupplier stop) {
    new StudyRunner(shard.of(items), directory, hooks, listener, worker, lease, ladder).run(stop);
  }
}
