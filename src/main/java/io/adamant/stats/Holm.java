package io.adamant.stats;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Holm's step-down correction for several tests (Holm 1979): family-wise error at most alpha. */
public final class Holm {
  private Holm() {}

  /**
   * Adjusted p-values: with p_(1) ≤ … ≤ p_(m), p̃_(i) = max_{j≤i} min(1, (m − j + 1) p_(j)).
   *
   * @param p p-values, each in [0, 1]
   * @return adjusted values, in the order of p; a test is significant at alpha if its value is
   *     below
   * @throws IllegalArgumentException if a value is not in [0, 1]
   */
  public static double[] adjust(double[] p) {
    for (double value : p) {
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalArgumentException("a p-value is " + value + "; it must lie in [0, 1]");
      }
    }
    int[] order =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(i -> i)
            .toArray();
    double[] adjusted = new double[p.length];
    double largest = 0;
    for (int rank = 0; rank < order.length; rank++) {
      largest = Math.max(largest, Math.min(1, (p.length - rank) * p[order[rank]]));
      adjusted[order[rank]] = largest;
    }
    return adjusted;
  }
}
