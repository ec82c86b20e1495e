package io.adamant.data;

import java.util.Arrays;

/**
 * From which source each sequence of a run comes. After g sequences, source k with weight w_k has
 * given n_k of them with |n_k − g w_k/W| &lt; 1, where W is the sum of the weights, and n_k = g
 * w_k/W exactly where g is a multiple of W.
 *
 * <p>The order repeats after W sequences and is computed once, so that each place in it is known
 * without those before. Of the sources that are behind enough to be drawn, the one comes next that
 * would be the first to fall behind too far: R. Tijdeman, The chairman assignment problem, Discrete
 * Mathematics 32 (1980), whose bound is 1 − 1/(2K − 2) for K sources.
 */
final class MixtureOrder {
  /** The largest sum of the weights: the places of a period are kept in memory. */
  static final int LONGEST = 1_000_000;

  private static final int BLOCK = 256;

  private final int[] weights;
  private final int period;
  private final short[] order;

  /** How many of a source come before each block of the period, by source. */
  private final int[][] before;

  /**
   * Computes the order.
   *
   * @param weights positive, without a common divisor, their sum at most {@link #LONGEST}
   */
  MixtureOrder(int[] weights) {
    this.weights = weights.clone();
    this.period = Arrays.stream(weights).sum();
    this.order = order(weights, period);
    this.before = new int[weights.length][period / BLOCK + 1];
    int[] counts = new int[weights.length];
    for (int place = 0; place < period; place++) {
      if (place % BLOCK == 0) {
        for (int k = 0; k < counts.length; k++) {
          before[k][place / BLOCK] = counts[k];
        }
      }
      counts[order[place]]++;
    }
  }

  private static short[] order(int[] weights, int period) {
    short[] order = new short[period];
    if (weights.length == 1) {
      return order;
    }
    // All numbers are those of the paper times the period.
    long parts = 2L * weights.length - 2;
    long[] drawn = new long[weights.length];
    for (int place = 1; place <= period; place++) {
      int next = -1;
      long earliest = Long.MAX_VALUE;
      for (int k = 0; k < weights.length; k++) {
        long behind = (long) weights[k] * place - drawn[k] * period;
        long latest = ((parts - 1 + parts * drawn[k]) * period) / (parts * weights[k]) + 1;
        if (behind * parts >= period && latest < earliest) {
          earliest = latest;
          next = k;
        }
      }
      order[place - 1] = (short) next;
      drawn[next]++;
    }
    return order;
  }

  /** The source of sequence {@code g}. */
  int source(long g) {
    return order[(int) (g % period)];
  }

  /** How many sequences before {@code g} come from source {@code k}. */
  long before(long g, int k) {
    int place = (int) (g % period);
    long count = g / period * weights[k] + before[k][place / BLOCK];
    for (int each = place / BLOCK * BLOCK; each < place; each++) {
      count += order[each] == k ? 1 : 0;
    }
    return count;
  }
}
