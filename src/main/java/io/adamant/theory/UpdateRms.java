package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;
import org.apache.commons.math3.special.Erf;

/**
 * The root mean square over coordinates of an optimizer's update direction u, before the learning
 * rate.
 *
 * <p>Assumptions: gradients independent over steps, Gaussian with mean μ and standard deviation σ,
 * the same squared ratio snr = ‖μ‖²/‖σ‖² in every coordinate; stationary (t → ∞), epsilon = 0.
 * Below, r = (1 − beta1)/(1 + beta1).
 *
 * <p>Real gradients are correlated over steps and their snr is above zero, so a trained network
 * sits above √r.
 *
 * <p>Source: kexue.fm 11267, used by 11301 and 11307; theory.md §4.
 */
@PublicApi
public final class UpdateRms {

  private static final Law NOISE =
      Law.of(
          Unit.UPDATE,
          "independent Gaussian gradients, epsilon = 0, t large",
          "kexue.fm 11267; theory.md §4");
  static final Law NO_SIGNAL = NOISE.valid(NOISE.validity() + ", snr = 0");

  static final Quantity UPDATE_RMS =
      new Quantity(
          "update-rms",
          "RMS of an optimizer's update on independent gradients",
          List.of(Inputs.BETA1, Inputs.BETA2, Inputs.SNR),
          law(NOISE, "mean_field", "Adam, √((snr + r)/(snr + 1))")
              .error("−3.2…+5.3 % for beta2 ≥ 0.9; −19.5…+11.5 % for 0.6 ≤ beta2 < 0.9")
              .is(v -> meanField(v.beta1(), v.snr())),
          law(NOISE, "second_order", "Adam, second order in the fluctuation of v")
              .error("−0.9…+0.2 % for beta2 ≥ 0.9; −6.7…+0.9 % for 0.6 ≤ beta2 < 0.9")
              .source("theory.md §4")
              .is(v -> secondOrder(v.beta1(), v.beta2(), v.snr())),
          law(NOISE, "exact", "Adam, by a Gaussian integral over 1/v")
              .source("derived here; theory.md §12")
              .is(v -> Math.sqrt(RatioUpdate.adamw(v.beta1(), v.beta2()).meanSquare(v.snr()))),
          law(NO_SIGNAL, "parameter_free", "Adam without signal, √((1 − beta1)/(1 + beta1))")
              .error("at most 4.2 % for beta2 ≥ 0.9")
              .source("kexue.fm 11267, 11301; theory.md §4")
              .is(v -> parameterFree(v.beta1())),
          law(NOISE, "sign_type", "SignSGD, Signum and Lion, 1")
              .valid("any gradients that are not zero")
              .source("theory.md §4")
              .is(v -> signType()),
          law(NOISE, "ema_sign", "EMASign, √(p² + r(1 − p²)), p = erf(√(snr/2))")
              .source("derived here; theory.md §4")
              .is(v -> emaSign(v.beta1(), v.snr())),
          law(NOISE, "sgdm", "SGD with normalised momentum, √(snr + r)")
              .in(Unit.DEVIATIONS)
              .source("kexue.fm 11301; theory.md §2")
              .is(v -> sgdm(v.beta1(), v.snr())));

  static final Quantity SNR_BEHIND =
      new Quantity(
          "snr",
          "signal-to-noise ratio behind a measured update or momentum",
          List.of(
              Inputs.BETA1,
              Parameter.number("update-rms", "measured RMS(u)", Domain.BETA, 0.25),
              Parameter.number("momentum-ratio", "measured ‖m‖/‖g‖", Domain.BETA, 0.25)),
          law(NOISE, "from_update_rms", "(RMS(u)² − r)/(1 − RMS(u)²)")
              .in(Unit.RATIO)
              .error("−0.0018, 0.0082, 0.094, 0.927 for 0, 0.01, 0.1, 1 at (0.9, 0.95)")
              .valid(NOISE.validity() + ", beta2 ≥ 0.9; negative below the noise floor")
              .is(v -> snrFromUpdateRms(v.beta1(), v.number("update-rms"))),
          law(NOISE, "from_momentum_ratio", "(q − r)/(1 − q), q = ‖m‖²/‖g‖²")
              .in(Unit.RATIO)
              .error("−0.0002, 0.0104, 0.103, 0.976 for 0, 0.01, 0.1, 1 at (0.9, 0.95)")
              .valid(NOISE.validity() + "; negative below the noise floor")
              .is(v -> snrFromMomentumRatio(v.beta1(), square(v.number("momentum-ratio")))));

  private UpdateRms() {}

  /**
   * Adam's update RMS in mean-field approximation, √((snr + r)/(snr + 1)): the root of E[m²]/E[v].
   *
   * <p>Stated error: −3.2…+5.3 % for beta2 ≥ 0.9 (beta1 to 0.9875, snr 0 to 10), −19.5…+11.5 % for
   * 0.6 ≤ beta2 &lt; 0.9. It does not depend on beta2.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   */
  public static double meanField(double beta1, double snr) {
    Arguments.nonNegative("snr", snr);
    return Math.sqrt((snr + EffectiveBatch.noiseRatio(beta1)) / (snr + 1));
  }

  /**
   * Adam's update RMS where noise drowns the signal, √((1 − beta1)/(1 + beta1)): {@link
   * #meanField(double, double)} at snr = 0, with nothing measured in it.
   *
   * <p>Stated error: at most 4.2 % at snr = 0 and beta2 ≥ 0.9; a lower bound in practice otherwise.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static double parameterFree(double beta1) {
    return meanField(beta1, 0);
  }

  /**
   * Adam's update RMS to second order in the fluctuation of v: with σ = 1, s = snr,
   *
   * <pre>
   * E u² ≈ (A/E)·[1 − C/(A·E) + V/E²],   A = s + r,   E = s + 1,
   * V = (1 − beta2)/(1 + beta2)·(2 + 4s),
   * C = 4s(1 − beta2)(1 − beta1)/(1 − beta1·beta2) + 2(1 − beta2)(1 − beta1)²/(1 − beta2·beta1²).
   * </pre>
   *
   * <p>V is the variance of v and C its covariance with m². Stated error: −0.9…+0.2 % for beta2 ≥
   * 0.9, −6.7…+0.9 % for 0.6 ≤ beta2 &lt; 0.9, −10…+2.2 % at beta2 = 0.4. Exactly 1 at beta1 =
   * beta2 = 0 and snr = 0.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   */
  public static double secondOrder(double beta1, double beta2, double snr) {
    Arguments.beta("beta2", beta2);
    Arguments.nonNegative("snr", snr);
    double momentumSquare = snr + EffectiveBatch.noiseRatio(beta1);
    double gradientSquare = snr + 1;
    double varianceOfV = (1 - beta2) / (1 + beta2) * (2 + 4 * snr);
    double covariance =
        4 * snr * (1 - beta2) * (1 - beta1) / (1 - beta1 * beta2)
            + 2 * (1 - beta2) * (1 - beta1) * (1 - beta1) / (1 - beta2 * beta1 * beta1);
    double correction =
        1
            - covariance / (momentumSquare * gradientSquare)
            + varianceOfV / (gradientSquare * gradientSquare);
    return Math.sqrt(momentumSquare / gradientSquare * correction);
  }

  /**
   * The update RMS of SignSGD and Signum: 1, exactly, because every coordinate of sign(m) is ±1.
   */
  public static double signType() {
    return 1;
  }

  /**
   * The update RMS of SGD with normalised momentum, in units of the gradient's standard deviation:
   * √(snr + r). Exact under the assumptions above.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   */
  public static double sgdm(double beta1, double snr) {
    return Math.sqrt(Arguments.nonNegative("snr", snr) + EffectiveBatch.noiseRatio(beta1));
  }

  /**
   * The update RMS of EMASign, the moving average of sign(g): √(p² + r(1 − p²)) with p = E sign(g)
   * = erf(√(snr/2)). Exact under the assumptions above.
   *
   * @param beta1 coefficient of the average, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   */
  public static double emaSign(double beta1, double snr) {
    double mean = meanSign(0, snr);
    double square = mean * mean;
    return Math.sqrt(square + EffectiveBatch.noiseRatio(beta1) * (1 - square));
  }

  /**
   * The mean of Signum's update where μ &gt; 0: E sign(m) = erf(√(snr/(2r))) = erf(μ/(σ√(2r))).
   * Exact under the assumptions above; at beta1 = 0 it is the mean of sign(g).
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   */
  public static double meanSign(double beta1, double snr) {
    Arguments.nonNegative("snr", snr);
    return Erf.erf(Math.sqrt(snr / (2 * EffectiveBatch.noiseRatio(beta1))));
  }

  /**
   * The snr that {@link #meanField(double, double)} would turn into the given update RMS: (RMS(u)²
   * − r)/(1 − RMS(u)²).
   *
   * <p>Negative where the update RMS lies below √r; it is returned as it is, because cutting it off
   * would bias an average. Stated error at (0.9, 0.95): −0.0018, 0.0082, 0.094, 0.927 for a true
   * snr of 0, 0.01, 0.1, 1 (a bias of −0.002 from beta2). {@link #snrFromMomentumRatio} is better.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param updateRms measured RMS(u), in [0, 1)
   */
  public static double snrFromUpdateRms(double beta1, double updateRms) {
    Arguments.beta("updateRms", updateRms);
    return invert(beta1, square(updateRms));
  }

  /**
   * The snr from the ratio of squared norms ‖m‖²/‖g‖²: (q − r)/(1 − q). Exact in expectation (E m²
   * and E g² enter, no quotient of a coordinate's random numbers); negative where q &lt; r, and
   * returned as it is.
   *
   * <p>Measured at (0.9, 0.95): −0.0002, 0.0104, 0.103, 0.976 for a true snr of 0, 0.01, 0.1, 1.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param squaredRatio q = ‖m‖²/‖g‖², in [0, 1)
   */
  public static double snrFromMomentumRatio(double beta1, double squaredRatio) {
    Arguments.beta("squaredRatio", squaredRatio);
    return invert(beta1, squaredRatio);
  }

  private static double square(double x) {
    return x * x;
  }

  private static double invert(double beta1, double square) {
    return (square - EffectiveBatch.noiseRatio(beta1)) / (1 - square);
  }
}
