package io.adamant.study;

import io.adamant.results.Ladder;
import io.adamant.results.RunSummary;
import io.adamant.train.ProgressListener;
import io.adamant.train.TrainingHook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * A worker: goes through the runs of a plan, trains those that nobody else has claimed, and comes
 * back to the others until all have a result. Any number of them, on any number of machines with a
 * shared folder, may work on one study.
 */
public final class StudyRunner {

  /** Hears how a study goes on. */
  public interface Listener {

    /**
     * This worker begins to train a run, or goes on with it.
     *
     * @param item the run
     * @param epoch 1 for the run's first attempt, one more for each later one
     * @param fromStep steps that earlier attempts have done
     * @return hears about the run's progress
     */
    ProgressListener runStarted(StudyPlan.Item item, int epoch, long fromStep);

    /**
     * A run had a result before this worker reached it.
     *
     * @param item the run
     * @param summary how it ended
     */
    default void runFound(StudyPlan.Item item, RunSummary summary) {}

    /**
     * A run has a result, or was interrupted.
     *
     * @param item the run
     * @param summary how it ended
     */
    default void runEnded(StudyPlan.Item item, RunSummary summary) {}

    /**
     * An attempt ended in an error; there will be another one, up to a bound.
     *
     * @param item the run
     * @param reason the error
     */
    default void runCrashed(StudyPlan.Item item, String reason) {}

    /**
     * A run is left to others: it was begun with kernels that this machine lacks.
     *
     * @param item the run
     * @param kernels their name
     */
    default void runSkipped(StudyPlan.Item item, String kernels) {}

    /**
     * A run is trained by another process: said once, when there is nothing else to do but to wait.
     *
     * @param item the run
     * @param owner who, and since when by that machine's clock, such as {@code main (pid 4711 on
     *     node7) since 2026-11-28T10:00:00Z}
     */
    default void runElsewhere(StudyPlan.Item item, String owner) {}

    /**
     * Others train all runs that are left.
     *
     * @param idle for how long by now
     * @return whether this worker should leave rather than wait for one that stops
     */
    default boolean leaves(Duration idle) {
      return false;
    }

    /**
     * A run was given up after repeated errors.
     *
     * @param item the run
     * @param reason how often, and the last error
     */
    default void runGivenUp(StudyPlan.Item item, String reason) {}
  }

  /**
   * What a worker achieved.
   *
   * @param summaries run identity to result, for the runs that it reached
   * @param givenUp run identity to reason, for the runs that nobody tries any more
   */
  public record Result(Map<String, RunSummary> summaries, Map<String, String> givenUp) {

    /** Takes copies. */
    public Result {
      summaries = Map.copyOf(summaries);
      givenUp = Map.copyOf(givenUp);
    }
  }

  private static final int SHORTEST_PAUSE_MILLIS = 100;
  private static final int LONGEST_PAUSE_MILLIS = 2000;

  private final List<StudyPlan.Item> items;
  private final StudyDirectory directory;
  private final RunTask task;
  private final Listener listener;
  private final Duration lease;
  private final Optional<Ladder> ladder;

  /**
   * Prepares a worker that trains every run to its end.
   *
   * @param items the runs to work on
   * @param directory of the study
   * @param hooks makes the observers of a run
   * @param listener hears about progress
   * @param worker name of this worker, for people
   * @param lease how long a worker's heartbeat may stand still until others take its run over
   */
  public StudyRunner(
      List<StudyPlan.Item> items,
      StudyDirectory directory,
      Function<StudyPlan.Item, List<TrainingHook>> hooks,
      Listener listener,
      String worker,
      Duration lease) {
    this(items, directory, hooks, listener, worker, lease, Optional.empty());
  }

  /** The same of a study that stops runs at rungs, if it does. */
  StudyRunner(
      List<StudyPlan.Item> items,
      StudyDirectory directory,
      Function<StudyPlan.Item, List<TrainingHook>> hooks,
      Listener listener,
      String worker,
      Duration lease,
      Optional<Ladder> ladder) {
    this.items = List.copyOf(items);
    this.directory = directory;
    this.task = new RunTask(directory, hooks, listener, worker, lease, ladder);
    this.listener = listener;
    this.lease = lease;
    this.ladder = ladder;
  }

  /**
   * Works until every run is settled, it is told to stop, or it waits in vain and leaves.
   *
   * @param stop asked after each step
   * @return what is known of the runs
   */
  public Result run(BooleanSupplier stop) {
    Map<String, RunSummary> summaries = new LinkedHashMap<>();
    Map<String, String> givenUp = new LinkedHashMap<>();
    List<StudyPlan.Item> left = new ArrayList<>(items);
    int pause = SHORTEST_PAUSE_MILLIS;
    long idleMillis = 0;
    while (!left.isEmpty() && !stop.getAsBoolean()) {
      int before = left.size();
      boolean cameToRung = false;
      for (StudyPlan.Item item : inOrder(left)) {
        if (stop.getAsBoolean()) {
          break;
        }
        RunTask.Outcome outcome = task.reach(item, stop);
        outcome
            .summary()
            .ifPresent(
                summary -> {
                  summaries.put(item.id(), summary);
                  listener.runEnded(item, summary);
                });
        if (!outcome.givenUp().isEmpty()) {
          givenUp.put(item.id(), outcome.givenUp());
          listener.runGivenUp(item, outcome.givenUp());
        }
        if (outcome.settled()) {
          left.remove(item);
        }
        cameToRung = outcome.cameToRung();
        if (ladder.isPresent() && outcome.summary().isPresent()) {
          break; // what it ended with may let another one on, which goes before new ones
        }
      }
      if (left.size() < before || cameToRung) {
        pause = SHORTEST_PAUSE_MILLIS;
        idleMillis = 0;
      } else if (!stop.getAsBoolean()) {
        task.tellHolders();
        if (listener.leaves(Duration.ofMillis(idleMillis))) {
          break;
        }
        pause = Math.min(2 * pause, longestPause());
        idleMillis += sleep(pause);
      }
    }
    directory.sweep();
    return new Result(summaries, givenUp);
  }

  /** Runs that go on from the highest rung first, as in ASHA; then those that nothing holds. */
  private List<StudyPlan.Item> inOrder(List<StudyPlan.Item> left) {
    if (ladder.isEmpty()) {
      return List.copyOf(left);
    }
    ladder.get().refresh();
    return left.stream().sorted(Comparator.comparingLong(this::promotedFrom).reversed()).toList();
  }

  private long promotedFrom(StudyPlan.Item item) {
    Ladder.Place place = ladder.orElseThrow().place(item.id());
    return place.state() == Ladder.State.PROMOTED ? place.step() : 0;
  }

  /** A lease's end must not be slept through. */
  private int longestPause() {
    return (int)
        Math.min(LONGEST_PAUSE_MILLIS, Math.max(SHORTEST_PAUSE_MILLIS, lease.toMillis() / 8));
  }

  /** Of varying length, so that two that got in each other's way do not do it again. */
  private static int sleep(int millis) {
    int time = ThreadLocalRandom.current().nextInt(millis / 2, millis);
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return time;
  }
}
