package io.adamant.reproduce;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.adamant.stats.Design;
import io.adamant.stats.Interval;
import io.adamant.stats.MeanEstimate;
import io.adamant.stats.SeedPlan;
import java.util.OptionalLong;

/**
 * A measured number and how well it is known.
 *
 * @param value the estimate
 * @param standardError of it; 0 for what involves no chance, NaN where one sample says nothing
 * @param degreesOfFreedom of the standard error, above 0
 * @param samples seeds, draws or repetitions behind it
 * @param share whether it is the share of the samples that are of some kind: binomial, not normal
 */
public record Estimate(
    double value,
    double standardError,
    double degreesOfFreedom,
    int samples,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean share) {

  Estimate(double value, double standardError, double degreesOfFreedom, int samples) {
    this(value, standardError, degreesOfFreedom, samples, false);
  }

  /** A share of independent samples. */
  static Estimate share(int of, int samples) {
    double value = (double) of / samples;
    return new Estimate(value, Math.sqrt(value * (1 - value) / samples), 1, samples, true);
  }

  /** A number that involves no chance. */
  static Estimate exact(double value) {
    return new Estimate(value, 0, 1, 1);
  }

  /** The mean of independent samples. */
  static Estimate of(double[] samples) {
    MeanEstimate mean = MeanEstimate.of(samples, 0.95);
    double error = mean.standardDeviation() / Math.sqrt(samples.length);
    return new Estimate(mean.mean(), error, Math.max(1, samples.length - 1), samples.length);
  }

  /** A number that a simulation gives with the half width of its 95 % interval. */
  static Estimate simulated(double value, double halfWidth, int repetitions) {
    return new Estimate(value, halfWidth / 1.96, Math.max(1, repetitions - 1), repetitions);
  }

  /**
   * Student's interval, of a share that of Clopper and Pearson.
   *
   * @param level confidence, in (0, 1)
   * @return all reals where the standard error is unknown
   */
  public Interval interval(double level) {
    if (share) {
      return Interval.ofShare(count(), samples, level);
    }
    return standardError == 0
        ? new Interval(value, value, level)
        : Interval.student(value, standardError, degreesOfFreedom, level);
  }

  /** Of a share, the samples that it counts. */
  int count() {
    return (int) Math.rint(value * samples);
  }

  /** The p-value of the test that the true value is a number; 0 for what knows no chance. */
  double pValue(double number) {
    if (share) {
      return Interval.pValueOfShare(number, count(), samples);
    }
    return standardError == 0 ? 0 : Interval.pValue(number, value, standardError, degreesOfFreedom);
  }

  /** What it lacks, instead of an interval; empty where it has one. */
  String unvaried() {
    if (standardError != 0 || share) {
      return "";
    }
    return samples == 1 ? "exact" : "the same in all " + samples + " draws";
  }

  /** Samples that resolve a distance with power 0.8; empty where nothing can be said. */
  OptionalLong needed(double distance) {
    double deviation = standardError * Math.sqrt(samples);
    if (share || !(deviation > 0) || !(distance > 0) || !Double.isFinite(distance)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(SeedPlan.of(Design.PAIRED, deviation, distance, samples).needed());
  }
}
