package io.adamant.stats;

/**
 * A two-sided t-test of mean(a) = mean(b).
 *
 * <p>Where the standard error is 0 (samples without any spread), the statistic is 0 and p is 1 for
 * equal means, ±∞ and 0 otherwise.
 *
 * @param difference mean(a) − mean(b)
 * @param standardError of the difference
 * @param degreesOfFreedom of Student's distribution
 * @param statistic t = difference / standardError
 * @param pValue two-sided
 * @param interval for the difference
 */
public record TTest(
    double difference,
    double standardError,
    double degreesOfFreedom,
    double statistic,
    double pValue,
    Interval interval) {

  /**
   * The paired test, for arms that share seed and data: d_i = a_i − b_i, t = d̄/(s_d/√n), n − 1
   * degrees of freedom.
   *
   * @param a at least two finite values
   * @param b as many, in the same order of seeds
   * @param level confidence of the interval, in (0, 1)
   * @return the result
   * @throws IllegalArgumentException if sizes differ, are below 2 or a value is not finite
   */
  public static TTest paired(double[] a, double[] b, double level) {
    Samples.require("a", a, 2);
    Samples.require("b", b, 2);
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "a has " + a.length + " values, b " + b.length + "; pairs need as many");
    }
    double[] differences = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      differences[i] = a[i] - b[i];
    }
    double standardError = Math.sqrt(Samples.variance(differences) / a.length);
    return of(Samples.mean(differences), standardError, a.length - 1.0, level);
  }

  /**
   * Welch's test, for independent samples of unequal variance: standard error² = s_a²/n_a +
   * s_b²/n_b, degrees of freedom by Welch and Satterthwaite.
   *
   * @param a at least two finite values
   * @param b at least two finite values
   * @param level confidence of the interval, in (0, 1)
   * @return the result
   * @throws IllegalArgumentException if a size is below 2 or a value is not finite
   */
  public static TTest welch(double[] a, double[] b, double level) {
    double va = Samples.variance(Samples.require("a", a, 2)) / a.length;
    double vb = Samples.variance(Samples.require("b", b, 2)) / b.length;
    double sum = va + vb;
    double df =
        sum == 0
            ? a.length + b.length - 2.0
            : sum * sum / (va * va / (a.length - 1) + vb * vb / (b.length - 1));
    return of(Samples.mean(a) - Samples.mean(b), Math.sqrt(sum), df, level);
  }

  /**
   * Whether the difference is significant by this test alone.
   *
   * @param alpha error rate, in (0, 1)
   * @return pValue < alpha
   */
  public boolean significantAt(double alpha) {
    return pValue < alpha;
  }

  private static TTest of(double difference, double standardError, double df, double level) {
    Samples.requireFraction("level", level);
    double t = difference == 0 ? 0 : difference / standardError;
    double halfWidth = Samples.tQuantile((1 + level) / 2, df) * standardError;
    return new TTest(
        difference,
        standardError,
        df,
        t,
        Samples.twoSidedP(t, df),
        Interval.around(difference, halfWidth, level));
  }
}
