package io.adamant.simulate;

/** What momentum remembers, summed weight by weight: no closed form, no chance. */
final class MemorySums {

  private static final double LR = 0.2;
  private static final double DECAY = 0.1;
  private static final double KEPT = 1 - LR * DECAY;
  private static final double BETA = 0.9;
  private static final double START = 0.1;

  private MemorySums() {}

  /** Correlation of signs of two standard normals with correlation beta^lag, the arcsine law. */
  static double signs(double beta, int lag) {
    return 2 / Math.PI * Math.asin(Math.pow(beta, lag));
  }

  /** Variance of a long walk of such signs, a step. */
  static double signWalk(double beta) {
    double sum = 1;
    for (int lag = 1; lag < 10_000; lag++) {
      sum += 2 * signs(beta, lag);
    }
    return sum;
  }

  /** (4/π)·∫ arcsin(e^−s) ds, the walk of long memory times 1 − beta, with s = x². */
  static double longWalk() {
    double width = 1e-4;
    double sum = 0;
    for (double x = width / 2; x < 6; x += width) {
      sum += Math.asin(Math.exp(-x * x)) * 2 * x * width;
    }
    return 4 / Math.PI * sum;
  }

  /** Of so many averages from zero, weighted by decay 0.01 a step: variance of their mean. */
  static double decaySquares(double beta, int steps) {
    double c = 0.99;
    double weights = 0;
    double squares = 0;
    for (int j = 1; j <= steps; j++) {
      weights += Math.pow(c, steps - j);
      double share = 0;
      for (int i = j; i <= steps; i++) {
        share += Math.pow(c, steps - i) * (1 - beta) * Math.pow(beta, i - j);
      }
      squares += share * share;
    }
    return squares / (weights * weights);
  }

  /** RMS of AdamW's weight with v = 1: what each gradient has left in it. */
  static double adamw(int steps) {
    double square = Math.pow(START * Math.pow(KEPT, steps), 2);
    for (int j = 1; j <= steps; j++) {
      double share = 0;
      for (int i = j; i <= steps; i++) {
        share += LR * Math.pow(KEPT, steps - i) * (1 - BETA) * Math.pow(BETA, i - j);
      }
      square += share * share;
    }
    return Math.sqrt(square);
  }

  /** RMS of Signum's weight, by the correlation of every pair of signs. */
  static double signum(int steps) {
    double square = Math.pow(START * Math.pow(KEPT, steps), 2);
    for (int i = 1; i <= steps; i++) {
      for (int j = 1; j <= steps; j++) {
        square += LR * LR * Math.pow(KEPT, 2 * steps - i - j) * signs(BETA, Math.abs(i - j));
      }
    }
    return Math.sqrt(square);
  }

  /** Weight RMS where so many successive steps count as one step as long as all of them. */
  static double slow(double together) {
    return Math.sqrt(LR * together / (2 * DECAY));
  }
}
