package io.adamant.study;

import io.adamant.config.ConfigException;
import io.adamant.train.ProgressListener;
import io.adamant.train.RunDirectory;
import io.adamant.train.RunSummary;
import io.adamant.train.Trainer;
import io.adamant.train.TrainingHook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Runs what a plan asks for and is not done yet, one run after the other. */
public final class StudyRunner {

  /** Hears how a study goes on. */
  public interface Listener {

    /**
     * A run begins.
     *
     * @param item the run
     * @param number 1 for the first
     * @param total of the study
     * @return hears about the run's progress
     */
    ProgressListener runStarted(StudyPlan.Item item, int number, int total);

    /**
     * A run had ended before.
     *
     * @param item the run
     * @param summary how
     */
    default void runFound(StudyPlan.Item item, RunSummary summary) {}

    /**
     * A run ended, or was found to have.
     *
     * @param item the run
     * @param summary how
     */
    default void runEnded(StudyPlan.Item item, RunSummary summary) {}
  }

  private static final long POLL_MILLIS = 500;

  private final StudyPlan plan;
  private final StudyDirectory directory;
  private final Function<StudyPlan.Item, List<TrainingHook>> hooks;
  private final Listener listener;

  /**
   * Prepares to run a study.
   *
   * @param plan what to run
   * @param directory where
   * @param hooks makes the observers of a run
   * @param listener hears about progress
   */
  public StudyRunner(
      StudyPlan plan,
      StudyDirectory directory,
      Function<StudyPlan.Item, List<TrainingHook>> hooks,
      Listener listener) {
    this.plan = plan;
    this.directory = directory;
    this.hooks = hooks;
    this.listener = listener;
  }

  /**
   * Runs the study until it is done or told to stop. Several processes may run one study at the
   * same time: a run that another one is training is left to it, and looked at again in the end.
   *
   * @param stop asked after each step
   * @return run identity to summary, for the runs reached
   */
  public Map<String, RunSummary> run(BooleanSupplier stop) {
    directory.write(plan);
    Map<String, RunSummary> summaries = new LinkedHashMap<>();
    List<StudyPlan.Item> left = new ArrayList<>(plan.items());
    while (!left.isEmpty() && !stop.getAsBoolean()) {
      int before = left.size();
      for (StudyPlan.Item item : List.copyOf(left)) {
        if (stop.getAsBoolean()) {
          return summaries;
        }
        Optional<RunSummary> summary = reach(item, stop);
        if (summary.isPresent()) {
          left.remove(item);
          summaries.put(item.id(), summary.get());
          listener.runEnded(item, summary.get());
        }
      }
      if (left.size() == before) {
        waitForOthers();
      }
    }
    return summaries;
  }

  /** The run's summary, found or trained; empty while another process is training it. */
  private Optional<RunSummary> reach(StudyPlan.Item item, BooleanSupplier stop) {
    directory.writeArm(plan, item);
    Optional<RunSummary> before =
        RunDirectory.summary(directory.run(item.id())).filter(RunSummary::isFinal);
    if (before.isPresent()) {
      listener.runFound(item, before.get());
      return before;
    }
    int number = plan.items().indexOf(item) + 1;
    ProgressListener progress = listener.runStarted(item, number, plan.items().size());
    try {
      return Optional.of(
          new Trainer(item.config(), item.data(), hooks.apply(item), progress)
              .train(directory.run(item.id()), stop));
    } catch (RunDirectory.BusyException e) {
      return Optional.empty();
    } catch (ConfigException e) {
      throw e; // bad input is nobody's failed run
    } catch (RuntimeException e) {
      progress.message("failed: " + e);
      return RunDirectory.summary(directory.run(item.id())); // the trainer left a note of it
    }
  }

  private static void waitForOthers() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
