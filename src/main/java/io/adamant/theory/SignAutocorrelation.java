package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;

/**
 * How the sign of a momentum buffer correlates with itself over steps.
 *
 * <p>A stationary momentum buffer over independent Gaussian gradients has correlation ρ = beta1^k
 * at lag k. With a = μ/(σ√r), its mean over its standard deviation,
 *
 * <pre>Cov(sign m_t, sign m_{t+k}) = (2/π)·∫_0^{arcsin ρ} exp(−a²/(1 + sin θ)) dθ,</pre>
 *
 * <p>which is the arcsine law (2/π)·arcsin(ρ) at a = 0. The integral is from dP(X&gt;0, Y&gt;0)/dρ,
 * the bivariate normal density at the origin. Exact under those assumptions.
 *
 * <p>Source: theory.md §5 (arcsine law) and §2.3 (random-walk factor); the form with a mean is
 * derived here.
 */
@PublicApi
public final class SignAutocorrelation {

  private static final Law ARCSINE =
      Law.of(Unit.RATIO, "independent Gaussian gradients, momentum stationary", "theory.md §5");

  static final Quantity SIGN_CORRELATION =
      new Quantity(
          "sign-correlation",
          "correlation of Signum's updates over steps",
          List.of(
              Inputs.BETA1, Inputs.SNR, Parameter.number("lag", "steps apart", Domain.WHOLE, 1)),
          law(ARCSINE, "mean", "E sign(m) = erf(μ/(σ√(2r)))")
              .in(Unit.UPDATE)
              .is(v -> UpdateRms.meanSign(v.beta1(), v.snr())),
          law(
                  ARCSINE,
                  "covariance",
                  "Cov(sign m_t, sign m_{t+k}); (2/π)·arcsin(beta1^k) at snr = 0")
              .in(Unit.UPDATE_SQUARE)
              .source("arcsine law; theory.md §5, with a signal derived here")
              .is(v -> covariance(v.beta1(), v.snr(), v.whole("lag"))),
          law(ARCSINE, "random_walk_factor", "c(beta1) = 1 + (4/π)·Σ arcsin(beta1^k)")
              .valid(ARCSINE.validity() + ", snr = 0, many steps")
              .is(v -> randomWalkFactor(v.beta1())),
          law(ARCSINE, "long_momentum", "its limit 2·ln 2/(1 − beta1)")
              .error("a limit: +8.5 % at 0.8, +4.4 % at 0.9, +2.3 % at 0.95")
              .valid("beta1 → 1")
              .is(v -> 2 * Math.log(2) / (1 - v.beta1())));

  /** Above this mean over standard deviation a sign flips less than once in 10^14 steps. */
  private static final double ALWAYS_ONE_SIGN = 8;

  private SignAutocorrelation() {}

  /**
   * Cov(sign m_t, sign m_{t+lag}), by 40-point Gauss-Legendre quadrature where snr &gt; 0 (absolute
   * error below 1e-12 for snr/r up to 100).
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lag steps apart, at least 0
   */
  public static double covariance(double beta1, double snr, long lag) {
    Arguments.beta("beta1", beta1);
    Arguments.nonNegative("lag", (double) lag);
    double square = Arguments.nonNegative("snr", snr) / EffectiveBatch.noiseRatio(beta1);
    if (lag == 0) {
      return variance(beta1, snr);
    }
    double limit = Math.asin(Math.pow(beta1, (double) lag));
    if (square == 0 || limit == 0) {
      return 2 / Math.PI * limit;
    }
    double integral =
        Quadrature.integrate(angle -> Math.exp(-square / (1 + Math.sin(angle))), 0, limit);
    return 2 / Math.PI * integral;
  }

  /**
   * Var sign(m) = 1 − erf(a/√2)².
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   */
  public static double variance(double beta1, double snr) {
    double mean = UpdateRms.meanSign(beta1, snr);
    return (1 - mean) * (1 + mean);
  }

  /**
   * The factor by which correlation widens Signum's random walk: c(beta1) = 1 + (4/π)·Σ_{k≥1}
   * arcsin(beta1^k), which tends to 2·ln 2/(1 − beta1).
   *
   * <p>Measured: 2.979, 6.389, 13.28, 27.11, 54.82, 110.3 at beta1 = 0.6, 0.8, 0.9, 0.95, 0.975,
   * 0.9875. The best learning rate of a noise-dominated run is 1/√c of SignSGD's: 0.274 at 0.9.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static double randomWalkFactor(double beta1) {
    Arguments.beta("beta1", beta1);
    double total = 0;
    double correlation = beta1;
    while (correlation > 1e-18) {
      total += Math.asin(correlation);
      correlation *= beta1;
    }
    return 1 + 4 / Math.PI * total;
  }

  /**
   * The covariance at lags k ≥ 1 as a sum of few geometric sequences Σ_j w_j·q_j^k, so that a
   * recursion need only keep one number a term.
   *
   * <p>Mehler's expansion gives Cov = Σ_{n≥1} w_n·beta1^{nk} with w_n = 4φ(a)²·He_{n−1}(a)²/n! ≥ 0,
   * which is the power series of the arcsine at a = 0. The first 32 terms are taken as they are.
   * Above them, n runs in octaves, in each of which the function n ↦ beta1^{nk} is interpolated at
   * 10 Chebyshev nodes; orders with beta1^n &lt; e^{−36} are dropped. Absolute error at every lag
   * below 1e-7.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   */
  static GeometricSeries series(double beta1, double snr) {
    Arguments.beta("beta1", beta1);
    double mean = Math.sqrt(snr / EffectiveBatch.noiseRatio(beta1));
    GeometricSeries.Builder terms = new GeometricSeries.Builder(-Math.log(beta1));
    if (beta1 == 0 || mean > ALWAYS_ONE_SIGN) {
      return terms.build();
    }
    double scale = 2 / Math.PI * Math.exp(-mean * mean); // 4·φ(a)²
    double before = 0;
    double hermite = 1; // He_{n−1}(a)/√((n−1)!)
    long last = Math.max(1, (long) Math.ceil(36 / -Math.log(beta1)));
    for (long n = 1; n <= last; n++) {
      terms.add(n, scale * hermite * hermite / n);
      double next = (mean * hermite - Math.sqrt(n - 1.0) * before) / Math.sqrt((double) n);
      before = hermite;
      hermite = next;
    }
    return terms.build();
  }
}
