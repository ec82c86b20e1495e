package io.adamant.reproduce;

/**
 * How many steps one arm needs for one step of another: 1/f, where f is the share of its run after
 * which the other's training loss, averaged over 5 % of the steps, meets the level at which the
 * first ends (theory.md §9.5). Below 1 where the first is the faster one. The learning rate is not
 * annealed where the curves meet, so this overstates what the faster arm still has to do.
 */
final class Slowdown {
  private static final int WINDOW = 2; // of RunRow.PARTS: 5 %

  private Slowdown() {}

  /**
   * Of two runs.
   *
   * @param of training losses of equal parts of the run whose slowdown is asked
   * @param against of the other
   * @return NaN where a curve is missing
   */
  static double of(double[] of, double[] against) {
    if (of.length < WINDOW || against.length < WINDOW) {
      return Double.NaN;
    }
    double level = mean(of, of.length);
    double other = mean(against, against.length);
    return other <= level ? 1 / meets(against, level) : meets(of, other);
  }

  /** The share of a run after which its smoothed loss first reaches a level. */
  private static double meets(double[] curve, double level) {
    double before = mean(curve, WINDOW);
    if (before <= level) {
      return (double) WINDOW / curve.length;
    }
    for (int end = WINDOW + 1; end <= curve.length; end++) {
      double here = mean(curve, end);
      if (here <= level) {
        double part = (before - level) / (before - here);
        return (end - 1 + part) / curve.length;
      }
      before = here;
    }
    return 1;
  }

  private static double mean(double[] curve, int end) {
    double sum = 0;
    for (int i = end - WINDOW; i < end; i++) {
      sum += curve[i] / WINDOW;
    }
    return sum;
  }
}
