package io.adamant.stats;

import java.util.ArrayList;
import java.util.List;

/**
 * Bins of log2 |m/&sigma;| over coordinates, half a power of two each; 0 is an edge. What lies
 * outside was counted in the first or last bin.
 */
public final class RatioHistogram {

  /** How many bins there are. */
  public static final int BINS = 24;

  /** Lower edge of the first bin. */
  public static final double LOW = -8;

  /** Upper edge of the last bin. */
  public static final double HIGH = 4;

  private static final double WIDTH = (HIGH - LOW) / BINS;

  private RatioHistogram() {}

  /**
   * The share of counted coordinates with |m| &lt; &sigma;, the noise-dominated regime.
   *
   * @param counts a bin each
   * @return from 0 to 1; not a number if none was counted
   */
  public static double noiseDominated(double[] counts) {
    int zero = (int) Math.round(-LOW / WIDTH);
    double below = 0;
    for (int i = 0; i < Math.min(zero, counts.length); i++) {
      below += counts[i];
    }
    return below / total(counts);
  }

  /**
   * Each bin's share of the counted coordinates.
   *
   * @param counts a bin each
   * @return as many shares; empty if none was counted
   */
  public static List<Double> shares(double[] counts) {
    double all = total(counts);
    List<Double> shares = new ArrayList<>();
    if (all > 0) {
      for (double count : counts) {
        shares.add(count / all);
      }
    }
    return shares;
  }

  /**
   * A quantile, with coordinates spread evenly over log2 |m/&sigma;| within each bin. In the first
   * and the last bin it is only known to lie at or beyond it.
   *
   * @param counts a bin each, or shares
   * @param p from 0 to 1
   * @return |m/&sigma;| that a share p of the coordinates lies below; not a number if none was
   *     counted
   */
  public static double quantile(double[] counts, double p) {
    double all = total(counts);
    if (!(all > 0)) {
      return Double.NaN;
    }
    double rest = p * all;
    int bin = 0;
    while (bin < counts.length - 1 && rest > counts[bin]) {
      rest -= counts[bin];
      bin++;
    }
    double within = counts[bin] > 0 ? Math.min(1, rest / counts[bin]) : 0;
    return Math.pow(2, LOW + WIDTH * (bin + within));
  }

  private static double total(double[] counts) {
    double all = 0;
    for (double count : counts) {
      all += count;
    }
    return all;
  }
}
