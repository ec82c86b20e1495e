package io.adamant.theory;

import java.util.ArrayList;
import java.util.List;

/**
 * Every applicable formula for the size of weights, evaluated, with its error, validity and source;
 * for tables, JSON and charts. The formulas themselves are in the classes named.
 *
 * <p>The lists cannot be modified. Arguments are checked by the formulas.
 */
public final class WeightCatalogue {

  private static final String SIGNLESS =
      "independent Gaussian gradients, epsilon = 0, t large, snr = 0";
  private static final String DERIVED = "derived here; theory.md §5";

  private WeightCatalogue() {}

  /**
   * AdamW's weight RMS after {@code steps} steps at constant rate and decay, see {@link WeightRms}.
   * What divides by the decay is left out where it is 0, what needs snr = 0 where it is not, and
   * what needs a signal where there is none.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lr learning rate, above 0
   * @param weightDecay decay, at least 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1; the recursion takes a time proportional to it
   * @param initialRms RMS of the weights at step 0, at least 0
   */
  public static List<Formula> weightRmsAdamw(
      double beta1,
      double beta2,
      double snr,
      double lr,
      double weightDecay,
      long steps,
      double initialRms) {
    List<Formula> formulas = new ArrayList<>();
    if (weightDecay > 0) {
      formulas.add(
          new Formula(
              "mean_field",
              "mean field at step t, (17)",
              WeightRms.meanField(snr, lr, weightDecay, steps, initialRms),
              Unit.WEIGHT,
              "+1…+3 %",
              "t ≫ 1/(1 − beta1) and lr·weightDecay ≪ 1 − beta1",
              "kexue.fm 11307 (17); theory.md §5"));
    }
    if (weightDecay > 0 && snr > 0) {
      formulas.add(
          new Formula(
              "signal_dominated",
              "limit of (17) for a large signal, (21)",
              WeightRms.signalDominated(snr, lr, weightDecay, steps, initialRms),
              Unit.WEIGHT,
              "a limit; its noise term is missing",
              "snr ≫ lr·weightDecay/2",
              "kexue.fm 11307 (21); theory.md §5"));
    }
    if (weightDecay > 0 && snr == 0) {
      formulas.addAll(stationaryAdamw(beta1, beta2, lr, weightDecay));
      formulas.add(
          new Formula(
              "zero_mean",
              "mean field at step t without signal, (18)",
              WeightRms.zeroMean(lr, weightDecay, steps, initialRms),
              Unit.WEIGHT,
              "+1…+3 %",
              "t ≫ 1/(1 − beta1) and lr·weightDecay ≪ 1 − beta1, snr = 0",
              "kexue.fm 11307 (18); theory.md §5"));
    }
    if (snr == 0) {
      formulas.add(
          new Formula(
              "without_decay",
              "√(w_0² + lr²·t), (20)",
              WeightRms.withoutDecay(lr, steps, initialRms),
              Unit.WEIGHT,
              "a limit",
              "lr·weightDecay·t ≪ 1, t ≫ 1/(1 − beta1), snr = 0",
              "kexue.fm 11307 (20); theory.md §5"));
    }
    formulas.add(
        new Formula(
            "exact_finite",
            "exact filter at step t, v at its expectation",
            WeightRms.exactFinite(beta1, snr, lr, weightDecay, steps, initialRms),
            Unit.WEIGHT,
            "0…+2.8 % for beta2 ≥ 0.9, −4 % at 0.8, once t ≫ 1/(1 − beta2)",
            "momentum from zero, not corrected; any lr·weightDecay",
            "exact sum of kexue.fm 11307 (14); theory.md §5"));
    WeightRmsRecursion recursion = WeightRmsRecursion.adamw(beta1, beta2, snr, initialRms);
    formulas.add(
        new Formula(
            "recursion",
            "recursion at a constant rate, fluctuation of v included",
            advance(recursion, lr, weightDecay, steps),
            Unit.WEIGHT,
            "about 1 % for snr up to 0.1, once t ≫ 1/(1 − beta2)",
            "bias-corrected; any schedule of rate and decay",
            DERIVED));
    return List.copyOf(formulas);
  }

  private static List<Formula> stationaryAdamw(
      double beta1, double beta2, double lr, double weightDecay) {
    String reached = "lr·weightDecay·t of 3 or more, snr = 0";
    return List.of(
        new Formula(
            "quick_estimate",
            "√(r·lr/(2·weightDecay)), drops the correlation of w and u, (7)",
            WeightRms.quickEstimate(beta1, lr, weightDecay),
            Unit.WEIGHT,
            "−77 % at beta1 = 0.9, −84 % at 0.95, −92 % at 0.99",
            "beta1 = 0 only; " + reached,
            "kexue.fm 11307 (7); theory.md §5"),
        new Formula(
            "stationary_mean_field",
            "√(lr/(2·weightDecay)), (19)",
            WeightRms.stationaryMeanField(lr, weightDecay),
            Unit.WEIGHT,
            "+1.1…+2.8 % at lr·weightDecay = 0.0003; +39, +71, +230 % at 0.1 for beta1 = 0.9, 0.95,"
                + " 0.99",
            "lr·weightDecay ≪ 1 − beta1; " + reached,
            "kexue.fm 11307 (19), (30); theory.md §5"),
        new Formula(
            "exact_stationary",
            "exact stationary filter, v at its expectation",
            WeightRms.exactStationary(beta1, lr, weightDecay),
            Unit.WEIGHT,
            "0…+2.8 % for beta2 ≥ 0.9, −4 % at 0.8",
            "any lr·weightDecay; " + reached,
            "theory.md §5"),
        new Formula(
            "second_order_stationary",
            "exact stationary filter times the total contribution",
            WeightRms.secondOrderStationary(beta1, beta2, lr, weightDecay),
            Unit.WEIGHT,
            "−0.4…+0.6 % for beta2 ≥ 0.8",
            "any lr·weightDecay; " + reached,
            DERIVED));
  }

  /**
   * Signum's weight RMS after {@code steps} steps at constant rate and decay, see {@link
   * SignumWeightRms}. The exact stationary forms are left out without decay, the limits where snr
   * &gt; 0.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lr learning rate, above 0
   * @param weightDecay decay, at least 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1; the recursion takes a time proportional to it
   * @param initialRms RMS of the weights at step 0, at least 0
   */
  public static List<Formula> weightRmsSignum(
      double beta1, double snr, double lr, double weightDecay, long steps, double initialRms) {
    List<Formula> formulas = new ArrayList<>();
    if (weightDecay > 0) {
      formulas.add(
          new Formula(
              "mean_field",
              "mean field at step t, (25)",
              SignumWeightRms.meanField(beta1, snr, lr, weightDecay, steps, initialRms),
              Unit.WEIGHT,
              "high: +16…+25 % at snr = 0; +24…−2 % at snr = 0.01",
              "t ≫ 1/(1 − beta1) and lr·weightDecay ≪ 1 − beta1",
              "kexue.fm 11307 (25); theory.md §5"));
      formulas.add(
          new Formula(
              "exact_stationary",
              "exact stationary value by the arcsine law",
              SignumWeightRms.exactStationary(beta1, snr, lr, weightDecay),
              Unit.WEIGHT,
              "0.5 %",
              "any lr·weightDecay; lr·weightDecay·t of 3 or more",
              "theory.md §5; with a signal derived here"));
    }
    if (weightDecay > 0 && snr == 0) {
      formulas.addAll(stationarySignum(beta1, lr, weightDecay));
    }
    formulas.add(
        new Formula(
            "exact_finite",
            "exact value at step t by the arcsine law",
            SignumWeightRms.exactFinite(beta1, snr, lr, weightDecay, steps, initialRms),
            Unit.WEIGHT,
            "0.5 %",
            "stationary momentum; any lr·weightDecay",
            "theory.md §5; with a signal derived here"));
    formulas.add(
        new Formula(
            "recursion",
            "recursion at a constant rate",
            advance(WeightRmsRecursion.signum(beta1, snr, initialRms), lr, weightDecay, steps),
            Unit.WEIGHT,
            "0.5 %",
            "stationary momentum; any schedule of rate and decay",
            DERIVED));
    return List.copyOf(formulas);
  }

  private static List<Formula> stationarySignum(double beta1, double lr, double weightDecay) {
    String valid = "lr·weightDecay ≪ 1 − beta1; lr·weightDecay·t of 3 or more, snr = 0";
    return List.of(
        new Formula(
            "stationary_mean_field",
            "√(lr/(2·weightDecay·r)), (26) corrected",
            SignumWeightRms.stationaryMeanField(beta1, lr, weightDecay),
            Unit.WEIGHT,
            "+16 % at beta1 = 0.6, +20 % at 0.9, +25 % at 0.99",
            valid,
            "kexue.fm 11307 (26), corrected; theory.md §5"),
        new Formula(
            "as_printed",
            "(26) as printed, the square taken for the RMS",
            SignumWeightRms.stationaryAsPrinted(beta1, lr, weightDecay),
            Unit.WEIGHT,
            "a misprint",
            "never; shown for comparison",
            "kexue.fm 11307 (26); theory.md §5"),
        new Formula(
            "slow_decay",
            "√(c(beta1)·lr/(2·weightDecay)), random walk of correlated signs",
            SignumWeightRms.slowDecay(beta1, lr, weightDecay),
            Unit.WEIGHT,
            "2 % for lr·weightDecay ≤ 0.02(1 − beta1)",
            valid,
            "theory.md §5"));
  }

  /**
   * The RMS of a gradient's total contribution to all of Adam's updates, see {@link
   * TotalUpdateContribution}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   */
  public static List<Formula> totalUpdateContribution(double beta1, double beta2) {
    return List.of(
        new Formula(
            "mean_field",
            "1, (29)",
            TotalUpdateContribution.meanField(),
            Unit.UPDATE,
            "measured 0.977 at (0, 0.95), 0.984 (0.9, 0.95), 1.040 (0.95, 0.8), each ± 0.009",
            SIGNLESS,
            "kexue.fm 11307 (27)-(29); theory.md §5"),
        new Formula(
            "second_order",
            "second order in the fluctuation of v",
            TotalUpdateContribution.secondOrder(beta1, beta2),
            Unit.UPDATE,
            "within 0.9 % for beta2 ≥ 0.8",
            SIGNLESS,
            DERIVED));
  }

  /**
   * The angle in radians that AdamW turns a weight vector a step, see {@link LongRun}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static List<Formula> anglePerStep(
      double beta1, double beta2, double lr, double weightDecay) {
    double updateRms = UpdateRms.secondOrder(beta1, beta2, 0);
    double weightRms = WeightRms.secondOrderStationary(beta1, beta2, lr, weightDecay);
    return List.of(
        new Formula(
            "mean_field",
            "√(2·lr·weightDecay·r)",
            LongRun.adamwAnglePerStep(beta1, lr, weightDecay),
            Unit.ANGLE,
            "within 0.6 % for lr·weightDecay up to 0.01, −1.7…−2.3 % at 0.1",
            "snr = 0, in equilibrium",
            "Kosson et al.; kexue.fm 11307; theory.md §4"),
        new Formula(
            "second_order",
            "lr·RMS(u)/RMS(w), both to second order, the angle taken for small",
            LongRun.anglePerStep(lr, updateRms, weightRms),
            Unit.ANGLE,
            "+0.8 % at lr·weightDecay = 0.001, +4.5 and +9.1 % at 0.01 (beta1 = 0.9, 0.95)",
            "lr·weightDecay ≪ 1 − beta1, snr = 0, in equilibrium",
            DERIVED),
        new Formula(
            "law_of_cosines",
            "acos((1 + c² − (lr·RMS(u)/RMS(w))²)/(2c)), c = 1 − lr·weightDecay",
            LongRun.equilibriumAngle(lr, weightDecay, updateRms, weightRms),
            Unit.ANGLE,
            "within 1 %",
            "any lr·weightDecay; beta2 ≥ 0.9, snr = 0, in equilibrium",
            DERIVED));
  }

  private static double advance(
      WeightRmsRecursion recursion, double lr, double weightDecay, long steps) {
    Arguments.steps("steps", steps);
    for (long t = 0; t < steps; t++) {
      recursion.advance(lr, weightDecay);
    }
    return recursion.rms();
  }
}
