package io.adamant.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.TDistribution;

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
    return of(sum, df, level);
  }

  /**
   * Pools the noise of differences within pairs: √2 s of the two-way layout x_ij = arm j + seed i,
   * with (n − 1)(k − 1) degrees of freedom. It is the pooled standard deviation of the differences
   * of every two arms, which share arms and so are not independent.
   *
   * @param arms k samples of the same n seeds in the same order
   * @param level confidence of the interval, in (0, 1)
   * @return the noise of a difference; empty for one arm or one seed
   * @throws IllegalArgumentException if samples differ in length or hold a value that is not finite
   */
  public static Optional<PooledNoise> ofDifferences(Collection<double[]> arms, double level) {
    Samples.requireFraction("level", level);
    int seeds = arms.stream().mapToInt(arm -> arm.length).max().orElse(0);
    double[] shared = new double[seeds];
    List<double[]> centred = new ArrayList<>();
    for (double[] arm : arms) {
      if (Samples.require("sample", arm, 1).length != seeds) {
        throw new IllegalArgumentException("pairs need samples of one length");
      }
      double mean = Arrays.stream(arm).average().orElseThrow();
      double[] own = Arrays.stream(arm).map(x -> x - mean).toArray();
      Arrays.setAll(shared, i -> shared[i] + own[i] / arms.size());
      centred.add(own);
    }
    double sum = 0;
    for (double[] own : centred) {
      for (int i = 0; i < seeds; i++) {
        sum += (own[i] - shared[i]) * (own[i] - shared[i]);
      }
    }
    return of(2 * sum, (seeds - 1) * (arms.size() - 1), level);
  }

  /**
   * Half the t-interval of the mean of some values of one setting, at the level of {@link
   * #interval}.
   *
   * @param count of values n, at least 1
   * @return t&middot;s/&radic;n
   */
  public double halfWidth(int count) {
    return new TDistribution(null, degreesOfFreedom)
            .inverseCumulativeProbability((1 + interval.level()) / 2)
        * standardDeviation
        / Math.sqrt(count);
  }

  private static Optional<PooledNoise> of(double sum, int df, double level) {
    if (df <= 0) {
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
