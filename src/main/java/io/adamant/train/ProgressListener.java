package io.adamant.train;

import io.adamant.results.RunSummary;
import io.adamant.results.StepMetrics;

/** Hears of a run's progress, for a progress bar or plain lines. All methods may be left out. */
public interface ProgressListener {

  /** A listener that does nothing. */
  ProgressListener NONE = new ProgressListener() {};

  /**
   * Training starts or resumes.
   *
   * @param firstStep steps already done
   * @param steps steps of the run
   */
  default void started(long firstStep, long steps) {}

  /**
   * Steps were done and their losses are known.
   *
   * @param step steps done so far
   * @param line the last step's metrics
   */
  default void progressed(long step, StepMetrics line) {}

  /**
   * The validation set was evaluated.
   *
   * @param step steps done so far
   * @param loss mean cross-entropy in nats
   */
  default void evaluated(long step, double loss) {}

  /**
   * Something that a person should know: a resumed run, a damaged checkpoint, a skipped step.
   *
   * @param text one line
   */
  default void message(String text) {}

  /**
   * The run ended.
   *
   * @param summary how
   */
  default void ended(RunSummary summary) {}
}
