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
public record ScheduleConfig(Kind kind, double warmup, FinalRate finalLr, double decay) {

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
   * @throws InputException if a fraction or the rate is out of range, or a WSD schedule warms up
   *     and decays for more than the whole run
   */
  public ScheduleConfig {
    warmup = Check.fraction("schedule.warmup", warmup, false);
    if (!(decay > 0 && decay <= 1)) {
      throw InputException.badValue("schedule.decay", decay, "a number above 0 and at most 1");
    }
    if (kind == Kind.WSD && warmup + decay > 1 + 1e-12) {
      throw InputException.badValue(
          "schedule.decay",
          decay,
          "at most 1 - schedule.warmup, " + Numbers.text(1 - warmup) + ", with kind wsd");
    }
  }

  /**
   * A schedule with an absolute rate at the end.
   *
   * @param kind the shape after the warm-up
   * @param warmup fraction of the steps spent warming up
   * @param finalLr learning rate at the last step, at least 0
   * @param decay fraction of the steps in the decay of {@link Kind#WSD}
   */
  public ScheduleConfig(Kind kind, double warmup, double finalLr, double decay) {
    this(kind, warmup, FinalRate.absolute(finalLr), decay);
  }

  /**
   * Warm-up over a tenth of the steps, then a cosine down to 10⁻⁵.
   *
   * @return the defaults
   */
  public static ScheduleConfig defaults() {
    return new ScheduleConfig(Kind.COSINE, 0.1, 1e-5, 0.2);
  }

  /**
   * The same with another shape.
   *
   * @param newKind the shape after the warm-up
   * @return a copy
   */
  public ScheduleConfig withKind(Kind newKind) {
    return new ScheduleConfig(newKind, warmup, finalLr, decay);
  }

  /**
   * The same with another warm-up.
   *
   * @param newWarmup fraction of the steps
   * @return a copy
   */
  public ScheduleConfig withWarmup(double newWarmup) {
    return new ScheduleConfig(kind, newWarmup, finalLr, decay);
  }

  /**
   * The same with another rate at the end.
   *
   * @param newFinalLr absolute or relative
   * @return a copy
   */
  public ScheduleConfig withFinalLr(FinalRate newFinalLr) {
    return new ScheduleConfig(kind, warmup, newFinalLr, decay);
  }
}
