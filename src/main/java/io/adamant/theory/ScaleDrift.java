package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;

/**
 * What Adam's update becomes where the scale of gradients drifts, g_t = e^{γt}·x_t, since m and v
 * remember it over different times. With q = beta1·e^{−γ}, p = beta2·e^{−2γ}, sums over j &lt; t,
 *
 * <pre>
 * factor² = [snr·(Σ q^j)² + Σ q^{2j}]/Σ p^j   over the same at γ = 0,
 *
 * t → ∞:  [snr·(1 − beta1)²/(1 − q)² + (1 − beta1)²/(1 − q²)]/(snr + r)·(1 − p)/(1 − beta2)
 * </pre>
 *
 * <p>so that bias corrections cancel. To first order in γ it is 1 just where beta1 = beta2 if
 * gradients are all signal, and where beta2 = beta1² if they are all noise. Mean field in v.
 *
 * <p>Source: derived here, from the averages' definitions; r = (1 − beta1)/(1 + beta1).
 */
@PublicApi
public final class ScaleDrift {

  private static final Law DRIFT =
      Law.of(
              Unit.RATIO,
              "independent Gaussian gradients whose scale alone drifts, epsilon = 0",
              "derived here; theory.md §4")
          .error("within 1 % for beta2 ≥ 0.9 and |drift| up to a tenth of 1 − beta2");

  static final Quantity SCALE_DRIFT =
      new Quantity(
          "scale-drift",
          "factor on Adam's update where the gradient's norm drifts",
          List.of(
              Inputs.BETA1,
              Inputs.BETA2,
              Inputs.SNR,
              Parameter.number("drift", "γ = d ln‖g‖/dt, a step", Domain.FINITE, -0.01),
              Inputs.STEPS),
          law(DRIFT, "factor", "root of [snr·(Σq^j)² + Σq^2j]/Σp^j over that at γ = 0, j < t")
              .is(
                  v ->
                      factor(v.beta1(), v.beta2(), v.snr(), v.number("drift"), (double) v.steps())),
          law(
                  DRIFT,
                  "first_order",
                  "1 + γ·(β2/(1 − β2) − [snr·β1/(1 − β1) + r·β1²/(1 − β1²)]/(snr + r))")
              .error("a limit: off by some γ²/(1 − beta2)²")
              .valid(DRIFT.validity() + ", |drift| ≪ 1 − beta2, t large")
              .is(v -> 1 + v.number("drift") * slope(v.beta1(), v.beta2(), v.snr())));

  private ScaleDrift() {}

  /**
   * The factor on RMS(u).
   *
   * @param beta1 coefficient of m, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖² of the gradients, at least 0
   * @param drift γ, the change of ln‖g‖ in a step, finite
   * @param steps t, at least 1; may be infinite where the sums converge
   */
  public static double factor(double beta1, double beta2, double snr, double drift, double steps) {
    Arguments.beta("beta1", beta1);
    Arguments.beta("beta2", beta2);
    Arguments.nonNegative("snr", snr);
    return Math.exp(
        0.5
            * (logSquare(beta1, beta2, snr, drift, steps)
                - logSquare(beta1, beta2, snr, 0, steps)));
  }

  /**
   * d factor/dγ at γ = 0, stationary: the memory of v less that of what m lets through, in steps.
   *
   * @param beta1 coefficient of m, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖² of the gradients, at least 0
   */
  public static double slope(double beta1, double beta2, double snr) {
    double r = EffectiveBatch.noiseRatio(beta1);
    double signal = beta1 / (1 - beta1);
    double noise = beta1 * beta1 / ((1 - beta1) * (1 + beta1));
    return beta2 / (1 - beta2) - (snr * signal + r * noise) / (snr + r);
  }

  /** ln E u² but for what does not depend on γ. In logarithms, since sums may grow without end. */
  private static double logSquare(
      double beta1, double beta2, double snr, double drift, double steps) {
    double q = Math.log(beta1) - drift;
    double noise = logSum(2 * q, steps);
    double signal = Math.log(snr) + 2 * logSum(q, steps);
    double larger = Math.max(noise, signal);
    double numerator = larger + Math.log1p(Math.exp(Math.min(noise, signal) - larger));
    return numerator - logSum(Math.log(beta2) - 2 * drift, steps);
  }

  /** ln Σ_{j < t} e^{xj}. */
  private static double logSum(double x, double steps) {
    if (x == Double.NEGATIVE_INFINITY) {
      return 0; // j = 0 alone
    }
    if (Math.abs(x) < 1e-14) {
      return Math.log(steps);
    }
    double small = -Math.abs(x);
    double bounded = Math.log(Math.expm1(small * steps) / Math.expm1(small));
    return x < 0 ? bounded : bounded + x * (steps - 1);
  }
}
