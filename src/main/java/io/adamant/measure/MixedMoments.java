package io.adamant.measure;

import io.adamant.stats.RatioHistogram;

/**
 * Mixed sums over coordinates of the states m and v and the gradient g after a step.
 *
 * @param momentumGradient &Sigma; m g
 * @param m4 &Sigma; m&#8308;
 * @param m2g2 &Sigma; m&sup2;g&sup2;
 * @param g4 &Sigma; g&#8308;
 * @param ratioSquare &Sigma; d&sup2; with d = m&#770;/&radic;v&#770;, AdamW's direction without
 *     &epsilon;; 0 without v
 * @param ratio &Sigma; |d|
 * @param second &Sigma; v&#770;; 0 without v
 * @param signed coordinates whose m had a sign before the step and whose g is not 0; 0 where m's
 *     changes of sign cannot be told
 * @param flipped those of them whose m changed its sign in the step
 * @param histogram coordinates by log2 |m&#770;/&sigma;|, see {@link RatioHistogram}; zeros unless
 *     both averages have one coefficient
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the bins are not shared
record MixedMoments(
    double momentumGradient,
    double m4,
    double m2g2,
    double g4,
    double ratioSquare,
    double ratio,
    double second,
    double signed,
    double flipped,
    double[] histogram) {

  /** Where there is no m. */
  static final MixedMoments NONE =
      new MixedMoments(
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          0,
          0,
          new double[0]);

  static final MixedMoments ZERO =
      new MixedMoments(0, 0, 0, 0, 0, 0, 0, 0, 0, new double[RatioHistogram.BINS]);

  /** Reads the row of a tensor that {@link Kernels#moments} made. */
  static MixedMoments of(double[] rows, int tensor) {
    int start = tensor * (Kernels.MOMENTS + RatioHistogram.BINS);
    double[] counts = new double[RatioHistogram.BINS];
    System.arraycopy(rows, start + Kernels.MOMENTS, counts, 0, counts.length);
    return new MixedMoments(
        rows[start],
        rows[start + 1],
        rows[start + 2],
        rows[start + 3],
        rows[start + 4],
        rows[start + 5],
        rows[start + 6],
        rows[start + 7],
        rows[start + 8],
        counts);
  }

  MixedMoments plus(MixedMoments other) {
    double[] counts = new double[Math.min(histogram.length, other.histogram.length)];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = histogram[i] + other.histogram[i];
    }
    return new MixedMoments(
        momentumGradient + other.momentumGradient,
        m4 + other.m4,
        m2g2 + other.m2g2,
        g4 + other.g4,
        ratioSquare + other.ratioSquare,
        ratio + other.ratio,
        second + other.second,
        signed + other.signed,
        flipped + other.flipped,
        counts);
  }
}
