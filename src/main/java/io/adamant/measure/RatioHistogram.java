package io.adamant.measure;

import java.util.ArrayList;
import java.util.List;

/** The bins of log2 |m/&sigma;| over coordinates, half a power of two each; 0 is an edge. */
final class RatioHistogram {

  static final int BINS = 24;
  static final double LOW = -8;
  static final double HIGH = 4;

  private RatioHistogram() {}

  /** The share of counted coordinates with |m| &lt; &sigma;; not a number if none was counted. */
  static double noiseDominated(double[] counts) {
    int zero = (int) Math.round(-LOW / (HIGH - LOW) * BINS);
    double below = 0;
    double all = 0;
    for (int i = 0; i < counts.length; i++) {
      below += i < zero ? counts[i] : 0;
      all += counts[i];
    }
    return below / all;
  }

  /** Each bin's share of the counted coordinates; empty if none was counted. */
  static List<Double> shares(double[] counts) {
    double all = 0;
    for (double count : counts) {
      all += count;
    }
    List<Double> shares = new ArrayList<>();
    if (all > 0) {
      for (double count : counts) {
        shares.add(count / all);
      }
    }
    return shares;
  }
}
