package io.adamant.stats;

import java.util.Collection;
import java.util.Optional;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;

/**
 * The seed noise pooled over settings: s² = Σ_j Σ_i (x_ij − x̄_j)² / Σ_j (n_j − 1), for settings
 * whose spread is the same though their means differ.
 *
 * @param standardDeviation s
 * @param degreesOfFreedom Σ_j (n_j − 1), at least 1
 * @param interval for the standard deviation, from χ²
 */
public record PooledNoise(double standardDeviation, int degreesOfFreedom, Interval interval) {
  /**
   * Pools.
   *
   * @param settings one sample a setting, each not empty; a sample of one value adds nothing
   * @param level confidence of the interval, in (0, 1)
   * @return the pooled noise; empty when no setting has two values
   * @throws IllegalArgumentException if a sample is empty or holds a value that is not finite
   */
  public static Optional<PooledNoise> of(Collection<double[]> settings, double level) {
    Samples.requireFraction("level", level);
    double sum = 0;
    int df = 0;
    for (double[] sample : settings) {
      sum += Samples.sumOfSquares(Samples.require("sample", sample, 1));
      df += sample.length - 1;
    }
    if (df == 0) {
      return Optional.empty();
    }
    ChiSquaredDistribution chiSquared = new ChiSquaredDistribution(null, df, 1e-12);
    double tail = (1 - level) / 2;
    Interval interval =
        new Interval(
            Math.sqrt(sum / chiSquared.inverseCumulativeProbability(1 - tail)),
            Math.sqrt(sum / chiSquared.inverseCumulativeProbability(tail)),
            level);
    return Optional.of(new PooledNoise(Math.sqrt(sum / df), df, interval));
  }
}
