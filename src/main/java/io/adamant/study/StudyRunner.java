package io.adamant.study;

import io.adamant.train.ProgressListener;
import io.adamant.train.RunDirectory;
import io.adamant.train.RunSummary;
import io.adamant.train.Trainer;
import io.adamant.train.TrainingHook;
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
   * Runs the study until it is done or told to stop. A run that fails is recorded as failed and the
   * others go on; running the study again tries it once more.
   *
   * @param stop asked after each step
   * @return run identity to summary, for the runs reached
   */
  public Map<String, RunSummary> run(BooleanSupplier stop) {
    directory.write(plan);
    Map<String, RunSummary> summaries = new LinkedHashMap<>();
    int number = 0;
    for (StudyPlan.Item item : plan.items()) {
      number++;
      if (stop.getAsBoolean()) {
        break;
      }
      directory.writeArm(plan, item);
      Optional<RunSummary> before =
          RunDirectory.summary(directory.run(item.id())).filter(RunSummary::isFinal);
      before.ifPresent(summary -> listener.runFound(item, summary));
      int position = number;
      RunSummary summary = before.orElseGet(() -> train(item, position, stop));
      summaries.put(item.id(), summary);
      listener.runEnded(item, summary);
    }
    return summaries;
  }

  private RunSummary train(StudyPlan.Item item, int number, BooleanSupplier stop) {
    ProgressListener progress = listener.runStarted(item, number, plan.items().size());
    Trainer trainer = new Trainer(item.config(), item.data(), hooks.apply(item), progress);
    return trainer.train(directory.run(item.id()), stop);
  }
}
