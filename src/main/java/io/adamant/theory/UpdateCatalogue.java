package io.adamant.theory;

import java.util.List;

/**
 * Every applicable formula for the size of updates, evaluated, with its error, validity and source;
 * for tables, JSON and charts. The formulas themselves are in the classes named.
 *
 * <p>The lists cannot be modified. Arguments are checked by the formulas.
 */
public final class UpdateCatalogue {

  private static final String NOISE = "independent Gaussian gradients, epsilon = 0, t large";
  private static final String SIGNLESS = NOISE + ", snr = 0";

  private UpdateCatalogue() {}

  /**
   * The update RMS, see {@link UpdateRms}: adam's forms, then the exact ones of other optimizers.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   */
  public static List<Formula> updateRms(double beta1, double beta2, double snr) {
    return List.of(
        new Formula(
            "mean_field",
            "Adam, √((snr + r)/(snr + 1))",
            UpdateRms.meanField(beta1, snr),
            Unit.UPDATE,
            "−3.2…+5.3 % for beta2 ≥ 0.9; −19.5…+11.5 % for 0.6 ≤ beta2 < 0.9",
            NOISE,
            "kexue.fm 11267; theory.md §4"),
        new Formula(
            "second_order",
            "Adam, second order in the fluctuation of v",
            UpdateRms.secondOrder(beta1, beta2, snr),
            Unit.UPDATE,
            "−0.9…+0.2 % for beta2 ≥ 0.9; −6.7…+0.9 % for 0.6 ≤ beta2 < 0.9",
            NOISE,
            "theory.md §4"),
        new Formula(
            "parameter_free",
            "Adam without signal, √((1 − beta1)/(1 + beta1))",
            UpdateRms.parameterFree(beta1),
            Unit.UPDATE,
            "at most 4.2 % for beta2 ≥ 0.9",
            SIGNLESS,
            "kexue.fm 11267, 11301; theory.md §4"),
        new Formula(
            "sign_type",
            "SignSGD and Signum, 1",
            UpdateRms.signType(),
            Unit.UPDATE,
            "exact",
            "any gradients that are not zero",
            "theory.md §4"),
        new Formula(
            "ema_sign",
            "EMASign, √(p² + r(1 − p²)), p = erf(√(snr/2))",
            UpdateRms.emaSign(beta1, snr),
            Unit.UPDATE,
            "exact",
            NOISE,
            "derived here; theory.md §4"),
        new Formula(
            "sgdm",
            "SGD with normalised momentum, √(snr + r)",
            UpdateRms.sgdm(beta1, snr),
            Unit.DEVIATIONS,
            "exact",
            NOISE,
            "kexue.fm 11301; theory.md §2"));
  }

  /**
   * The snr behind a measured update RMS.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param updateRms measured RMS(u), in [0, 1)
   */
  public static List<Formula> snrFromUpdateRms(double beta1, double updateRms) {
    return List.of(
        new Formula(
            "from_update_rms",
            "(RMS(u)² − r)/(1 − RMS(u)²)",
            UpdateRms.snrFromUpdateRms(beta1, updateRms),
            Unit.RATIO,
            "−0.0018, 0.0082, 0.094, 0.927 for 0, 0.01, 0.1, 1 at (0.9, 0.95)",
            NOISE + ", beta2 ≥ 0.9; negative below the noise floor",
            "kexue.fm 11267; theory.md §4"));
  }

  /**
   * The snr behind a measured ratio of norms ‖m‖/‖g‖.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param ratio ‖m‖/‖g‖, in [0, 1)
   */
  public static List<Formula> snrFromMomentum(double beta1, double ratio) {
    return List.of(
        new Formula(
            "from_momentum_ratio",
            "(q − r)/(1 − q), q = ‖m‖²/‖g‖²",
            UpdateRms.snrFromMomentumRatio(beta1, ratio * ratio),
            Unit.RATIO,
            "−0.0002, 0.0104, 0.103, 0.976 for 0, 0.01, 0.1, 1 at (0.9, 0.95)",
            NOISE + "; negative below the noise floor",
            "kexue.fm 11267; theory.md §4"));
  }

  /**
   * The supremum of Adam's update in one coordinate, see {@link UpdateSupremum}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param steps steps t, at least 1
   */
  public static List<Formula> supUpdate(double beta1, double beta2, long steps) {
    String any = "any gradients, epsilon = 0";
    return List.of(
        new Formula(
            "limit",
            "t → ∞; infinite if beta1² ≥ beta2",
            UpdateSupremum.limit(beta1, beta2),
            Unit.UPDATE,
            "exact",
            any,
            "theory.md §1.1"),
        new Formula(
            "after",
            "after t steps from zero, no bias correction",
            UpdateSupremum.after(beta1, beta2, steps),
            Unit.UPDATE,
            "exact",
            any,
            "theory.md §1.1"),
        new Formula(
            "after_bias_corrected",
            "after t steps, bias-corrected",
            UpdateSupremum.afterBiasCorrected(beta1, beta2, steps),
            Unit.UPDATE,
            "exact",
            any,
            "theory.md §1.1"),
        new Formula(
            "constant_gradient",
            "a constant gradient, no bias correction, (1 − beta1^t)/√(1 − beta2^t)",
            UpdateSupremum.constantGradient(beta1, beta2, steps),
            Unit.UPDATE,
            "exact",
            "constant gradient, epsilon = 0",
            "theory.md §1"));
  }
}
