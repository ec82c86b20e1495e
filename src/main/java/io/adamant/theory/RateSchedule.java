package io.adamant.theory;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.Locale;

/**
 * The course of a learning rate over a run of T steps: linear from 0 over W steps of warm-up, then
 * by this shape. At step t = 1 … T and for x = (t − W)/(T − W):
 *
 * <pre>lr_t = lr·t/W for t ≤ W;   constant: lr;   linear: lr·(1 − x);   cosine: lr·(1 + cos πx)/2
 * </pre>
 */
@PublicApi
public enum RateSchedule {
  /** Stays at its peak. */
  CONSTANT,
  /** Falls in a straight line to 0. */
  LINEAR,
  /** Falls along half a cosine to 0. */
  COSINE;

  private double share(double x) {
    return switch (this) {
      case CONSTANT -> 1;
      case LINEAR -> 1 - x;
      case COSINE -> (1 + StrictMath.cos(Math.PI * x)) / 2;
    };
  }

  /**
   * By its name in lower case.
   *
   * @param name one of {@code constant, linear, cosine}
   * @throws InputException if there is no such schedule
   */
  public static RateSchedule of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /**
   * The rate of a step.
   *
   * @param lr peak rate
   * @param step t, from 1
   * @param steps T, at least t
   * @param warmup W, at least 0 and below T
   */
  public double at(double lr, long step, long steps, long warmup) {
    if (warmup < 0 || warmup >= steps) {
      throw new InputException(
          "warmup = %s is not allowed: it must be from 0 to steps - 1 = %s"
              .formatted(warmup, steps - 1));
    }
    if (step <= warmup) {
      return lr * step / warmup;
    }
    return lr * share((step - warmup) / (double) (steps - warmup));
  }
}
