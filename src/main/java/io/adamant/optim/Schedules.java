package io.adamant.optim;

import io.adamant.config.ScheduleConfig;

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
   * The schedule of a run.
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
