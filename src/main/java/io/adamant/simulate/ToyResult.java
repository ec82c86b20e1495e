package io.adamant.simulate;

import io.adamant.base.InputException;
import java.util.Comparator;
import java.util.List;

/**
 * A toy study's curves.
 *
 * @param settings what it ran on
 * @param curves one an arm and rate, in the order of the arms and their rates
 */
public record ToyResult(ToySettings settings, List<ToyCurve> curves) {
  /** Takes a copy. */
  public ToyResult {
    curves = List.copyOf(curves);
  }

  /**
   * The tuned arm: its rate of the lowest final median.
   *
   * @param arm name of an arm
   * @return its best curve
   * @throws InputException if there is no such arm
   */
  public ToyCurve best(String arm) {
    return curves.stream()
        .filter(curve -> curve.arm().equals(arm))
        .min(Comparator.comparingDouble(ToyCurve::finalMedian))
        .orElseThrow(() -> new InputException("no arm is named " + arm));
  }
}
