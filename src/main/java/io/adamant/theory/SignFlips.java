package io.adamant.theory;

import io.adamant.base.PublicApi;
import org.apache.commons.math3.special.Erf;

/**
 * How often a momentum changes its sign on white noise. Two normal numbers of mean 0 and
 * correlation &rho; have different signs with probability arccos(&rho;)/&pi;; of m_t = &beta;
 * m_{t&minus;1} + (1 &minus; &beta;) g_t the correlation over a step is &rho;_1 = &beta;.
 *
 * <p>Source: Sheppard 1899, "On the application of the theory of error to cases of normal
 * distribution and normal correlation".
 */
@PublicApi
public final class SignFlips {

  private SignFlips() {}

  /**
   * The share of changes of sign over a step, arccos(&rho;_1)/&pi;. Exact for normal numbers of
   * mean 0.
   *
   * @param correlation &rho;_1, in [&minus;1, 1]
   */
  public static double share(double correlation) {
    return Math.acos(correlation) / Math.PI;
  }

  /**
   * The same where x is a sign: |x| is its own root mean square, &radic;(&pi;/2) times the mean of
   * a normal |x| as large, and m turns as much more often; &Phi;(z) &minus; &frac12; with z =
   * 1/(&beta; s_{t&minus;1}), of the m before. m is taken to be normal, which sums of 1/(1 &minus;
   * &beta;) signs are: within 1 % for &beta; &ge; 0.9 and a filled average.
   *
   * @param beta &beta;, in (0, 1)
   * @param first as of {@link #correlation}
   * @param step t, at least 2
   */
  public static double shareOfSigns(double beta, double first, long step) {
    Arguments.beta("beta", beta);
    double z = 1 / (beta * Math.sqrt(variance(beta, first, step - 1)));
    return Erf.erf(z / Math.sqrt(2)) / 2;
  }

  /**
   * The correlation of m_t and m_{t&minus;1} on white noise, &beta; s_{t&minus;1}/s_t with
   * s_t&sup2; = f&sup2;&beta;^{2(t&minus;1)} + (1 &minus; &beta;^{2(t&minus;1)})/(1 &minus;
   * &beta;&sup2;), which rises to &beta; for f = 1. Exact.
   *
   * @param beta &beta;, in [0, 1)
   * @param first f, the weight of the first gradient over that of later ones when they come: 1 of
   *     an average from zero, 1/(1 &minus; &beta;) of one from the first gradient
   * @param step t, at least 2
   */
  public static double correlation(double beta, double first, long step) {
    Arguments.beta("beta", beta);
    return beta * Math.sqrt(variance(beta, first, step - 1) / variance(beta, first, step));
  }

  private static double variance(double beta, double first, long step) {
    double old = Math.pow(beta, 2.0 * (step - 1));
    return first * first * old + (1 - old) / (1 - beta * beta);
  }
}
