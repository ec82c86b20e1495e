package io.adamant.chart;

import io.adamant.stats.Curve;

/** A running mean for noisy curves. */
public final class Smoothing {
  private static final int WINDOWS = 30;

  private Smoothing() {}

  /** Points to average: a thirtieth of the curve, odd, at least 1. */
  public static int window(int points) {
    int window = Math.max(1, points / WINDOWS);
    return window % 2 == 1 ? window : window + 1;
  }

  /**
   * The mean over a window centred at each point. Near the start, where losses fall steeply, the
   * window narrows to stay centred; near the end it is cut. Missing values are left out.
   */
  public static Curve mean(Curve curve, int window) {
    int n = curve.size();
    double[] smooth = new double[n];
    for (int i = 0; i < n; i++) {
      int half = Math.min(window / 2, i);
      double sum = 0;
      int count = 0;
      for (int j = i - half; j <= Math.min(n - 1, i + half); j++) {
        if (Double.isFinite(curve.y(j))) {
          sum += curve.y(j);
          count++;
        }
      }
      smooth[i] = count == 0 ? Double.NaN : sum / count;
    }
    return Curve.of(curve.xs(), smooth);
  }
}
