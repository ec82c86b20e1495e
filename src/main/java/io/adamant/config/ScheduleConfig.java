package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import io.adamant.base.PublicApi;

/**
 * How the learning rate moves over a run: up linearly from 0 to {@code optimizer.lr}, then by kind.
 *
 * @param kind the shape after the warm-up
 * @param warmup fraction of the steps spent warming up, 0 to below 1
 * @param finalLr learning rate at the last step, absolute or as a share of the peak; {@link
 *     Kind#CONSTANT} does not use it
 * @param decay fraction of the steps in the decay of {@link Kind#WSD}, above 0 to 1; other kinds do
 *     not use it
 */
@PublicApi
public record ScheduleConfig(
    @Key("cosine") Kind kind,
    @Key(value = "0.1", min = 0, max = 1, below = true) double warmup,
    @Key("1.0e-5") FinalRate finalLr,
    @Key(value = "0.2", min = 0, above = true, max = 1) double decay) {

  /** The shape of the schedule after its warm-up. */
  public enum Kind {
    /** Half a cosine from the peak down to the final rate. */
    COSINE,
    /** A straight line from the peak down to the final rate. */
    LINEAR,
    /** The peak until the end. */
    CONSTANT,
    /** Warm-up, stable, decay: the peak, then a straight line down over the last steps. */
    WSD
  }

  /**
   * Validates.
   *
   * @throws InputException if a WSD schedule warms up and decays for more than the whole run
   */
  public ScheduleConfig {
    if (kind == Kind.WSD && warmup + decay > 1 + 1e-12) {
      throw InputException.badValue(
          "schedule.decay",
          decay,
          "at most 1 - schedule.warmup, " + Numbers.text(1 - warmup) + ", with kind wsd");
    }
  }

  /**
   * Warm-up over a tenth of the steps, then a cosine down to 10⁻⁵.
   *
   * @return the defaults
   */
  public static ScheduleConfig defaults() {
    return ConfigSection.defaults("schedule", ScheduleConfig.class);
  }
}
