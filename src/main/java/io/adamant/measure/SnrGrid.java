package io.adamant.measure;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * A costly function of the snr, E u&sup2;, computed once at each point of a logarithmic grid and
 * interpolated linearly between neighbours. Thread-safe.
 */
final class SnrGrid {

  private static final double FINENESS = 4; // points of the snr a decade
  private static final double LEAST_SNR = 1e-4;

  private final DoubleUnaryOperator meanSquare;
  private final Map<Long, Double> known = new HashMap<>(); // by the snr's place on the grid

  SnrGrid(DoubleUnaryOperator meanSquare) {
    this.meanSquare = meanSquare;
  }

  /**
   * The value at an snr.
   *
   * @param snr empty or not finite: nothing is known
   * @param atZero the value without a signal, which stands for the smallest ratios
   */
  OptionalDouble at(OptionalDouble snr, double atZero) {
    if (snr.isEmpty() || !Double.isFinite(snr.getAsDouble())) {
      return OptionalDouble.empty();
    }
    double s = snr.getAsDouble();
    if (s <= LEAST_SNR) {
      return OptionalDouble.of(atZero);
    }
    double place = Math.log10(s) * FINENESS;
    long below = (long) Math.floor(place);
    double share = place - below;
    return OptionalDouble.of((1 - share) * at(below) + share * at(below + 1));
  }

  private double at(long place) {
    synchronized (known) {
      return known.computeIfAbsent(
          place, p -> meanSquare.applyAsDouble(Math.pow(10, p / FINENESS)));
    }
  }
}
