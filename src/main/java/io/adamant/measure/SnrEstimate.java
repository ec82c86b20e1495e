package io.adamant.measure;

import io.adamant.stats.Interval;

/**
 * A signal-to-noise ratio with its uncertainty.
 *
 * @param split estimates of &#8214;&mu;&#8214;&sup2; and &#8214;&sigma;&#8214;&sup2; of the batch
 *     gradient
 * @param standardError of the ratio; not a number where it is unknown
 * @param degreesOfFreedom of the standard error
 */
record SnrEstimate(GradientSplit split, double standardError, double degreesOfFreedom) {

  static final double LEVEL = 0.95;
  static final SnrEstimate UNKNOWN = new SnrEstimate(GradientSplit.UNDEFINED, Double.NaN, 1);

  /** The ratio, not a number where there is none. */
  double snr() {
    return split.snr().orElse(Double.NaN);
  }

  /** Student's 95 % interval of the ratio; all reals where the standard error is unknown. */
  Interval interval() {
    return Interval.student(snr(), standardError, Math.max(1, degreesOfFreedom), LEVEL);
  }

  boolean known() {
    return Double.isFinite(snr()) && Double.isFinite(standardError);
  }
}
