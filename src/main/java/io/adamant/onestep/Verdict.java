package io.adamant.onestep;

/** How well a law agrees with what was measured, by numbers that were fixed before. */
public enum Verdict {
  /** The interval of measured over law lies within 10 % of 1. */
  HOLDS("holds", 0.1),
  /** Within 30 %. */
  ROUGHLY("holds roughly", 0.3),
  /** It is wider, and holds 1; or there is none, as the curvature's interval holds 0. */
  OPEN("too few draws", Double.POSITIVE_INFINITY),
  /** It lies elsewhere, or there is none. */
  FAILS("fails", Double.POSITIVE_INFINITY);

  private final String word;
  private final double bound;

  Verdict(String word, double bound) {
    this.word = word;
    this.bound = bound;
  }

  /** For people. */
  public String word() {
    return word;
  }

  /** Of a ratio and half its interval. */
  static Verdict of(double ratio, double half) {
    double worst = Math.abs(ratio - 1) + half;
    if (worst <= ROUGHLY.bound) {
      return worst <= HOLDS.bound ? HOLDS : ROUGHLY;
    }
    return Math.abs(ratio - 1) <= half ? OPEN : FAILS;
  }
}
