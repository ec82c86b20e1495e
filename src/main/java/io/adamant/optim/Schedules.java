package io.adamant.optim;

import io.adamant.config.RunConfig;
import io.adamant.config.ScheduleConfig;
import io.adamant.config.TrainConfig;

/**
 * Learning-rate schedules as pure functions of the step.
 *
 * <p>With N steps, W = round(warmup&middot;N) warm-up steps and s = 0, 1, ...: while s &lt; W the
 * rate is &eta;(s+1)/W, so that no step has the rate zero; after that the schedule's shape takes
 * over with the progress x = (s+1&minus;W)/(N&minus;W), which is 1 at the last step. Decay is to
 * the final rate &eta;_f, a rate or a share of &eta;; a rate above &eta; counts as &eta;.
 */
public final class Schedules {

  private Schedules() {}

  /**
   * The schedule of a run. A branch of k times the batch takes, from its first step on, the mean
   * rate of the k steps that each of its own stands for, times {@code training.branch_rate}.
   *
   * @param run any
   * @return rate by step
   */
  public static LearningRate of(RunConfig run) {
    TrainConfig training = run.training();
    int from = training.branchStep();
    int k = training.branchBatch();
    double peak = run.optimizer().lr();
    if (from == 0) {
      return of(run.schedule(), peak, training.steps());
    }
    LearningRate whole = of(run.schedule(), peak, from + (long) k * (training.steps() - from));
    return LearningRate.of(
        step -> {
          if (step < from) {
            return whole.at(step);
          }
          double sum = 0;
          for (int i = 0; i < k; i++) {
            sum += whole.at(from + k * (step - from) + i);
          }
          return training.branchRate() * (sum / k);
        },
        training.branchRate() * peak);
  }

  /**
   * The schedule of a run from its start.
   *
   * @param config kind, warm-up and final rate
   * @param peak the optimizer's rate &eta;
   * @param steps number of steps N
   * @return rate by step
   */
  public static LearningRate of(ScheduleConfig config, double peak, long steps) {
    long warmup = Math.round(config.warmup() * steps);
    double last = config.finalLr().of(peak);
    return LearningRate.of(
        step -> {
          if (step < warmup) {
            return peak * (step + 1) / warmup;
          }
          double progress = Math.min(1, (step + 1 - warmup) / (double) Math.max(1, steps - warmup));
          return last + (peak - last) * shape(config, progress, steps, warmup);
        },
        peak);
  }

  /** Share of the way from the final rate to the peak. */
  private static double shape(ScheduleConfig config, double progress, long steps, long warmup) {
    return switch (config.kind()) {
      case COSINE -> 0.5 * (1 + Math.cos(Math.PI * progress));
      case LINEAR -> 1 - progress;
      case WSD -> {
        // The decay phase is a share of all steps, as warm-up is.
        double decay = Math.min(1, config.decay() * steps / Math.max(1, steps - warmup));
        yield decay == 0 ? 1 : Math.min(1, (1 - progress) / decay);
      }
      case CONSTANT -> 1;
    };
  }
}
