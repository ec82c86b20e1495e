package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import java.util.List;

/**
 * The root mean square of the weights that AdamW reaches under decoupled weight decay, without a
 * task: w ← (1 − lr·weightDecay)·w − lr·u.
 *
 * <p>Assumptions of all methods: gradients independent over steps, Gaussian, one squared ratio snr
 * = ‖μ‖²/‖σ‖² for every coordinate, epsilon = 0, constant learning rate and decay, start weights
 * independent of the gradients. Below c = 1 − lr·weightDecay (the article's beta3) and r = (1 −
 * beta1)/(1 + beta1). For a schedule see {@link WeightRmsRecursion}, for Signum {@link
 * SignumWeightRms}.
 *
 * <p>Validity: in training, correlated gradients and the loss's own pull make this an order of
 * magnitude; and it needs lr·weightDecay·t of about 3 to be reached.
 *
 * <p>Source: kexue.fm 11307; theory.md §5. Equation numbers are the article's.
 */
@PublicApi
public final class WeightRms {

  private static final Law ADAMW =
      Law.of(
              Unit.WEIGHT,
              "t ≫ 1/(1 − beta1) and lr·weightDecay ≪ 1 − beta1",
              "derived here; theory.md §5")
          .when(v -> v.constantRate() && v.adamw());
  private static final Law DECAYING = ADAMW.error("+1…+3 %").when(v -> v.decay() > 0);
  private static final Law NO_SIGNAL = DECAYING.when(Values::noSignal);
  private static final String REACHED = "lr·weightDecay·t of 3 or more, snr = 0";

  /** AdamW's at a constant rate; what needs a decay, a signal or none is left out without it. */
  static final List<Law> LAWS =
      List.of(
          law(DECAYING, "mean_field", "mean field at step t, (17)")
              .source("kexue.fm 11307 (17); theory.md §5")
              .is(v -> meanField(v.snr(), v.lr(), v.decay(), v.steps(), v.initial())),
          law(DECAYING, "signal_dominated", "limit of (17) for a large signal, (21)")
              .error("a limit; its noise term is missing")
              .valid("snr ≫ lr·weightDecay/2")
              .source("kexue.fm 11307 (21); theory.md §5")
              .when(v -> v.snr() > 0)
              .is(v -> signalDominated(v.snr(), v.lr(), v.decay(), v.steps(), v.initial())),
          law(
                  NO_SIGNAL,
                  "quick_estimate",
                  "√(r·lr/(2·weightDecay)), drops the correlation of w and u, (7)")
              .error("−77 % at beta1 = 0.9, −84 % at 0.95, −92 % at 0.99")
              .valid("beta1 = 0 only; " + REACHED)
              .source("kexue.fm 11307 (7); theory.md §5")
              .is(v -> quickEstimate(v.beta1(), v.lr(), v.decay())),
          law(NO_SIGNAL, "stationary_mean_field", "√(lr/(2·weightDecay)), (19)")
              .error(
                  "+1.1…+2.8 % at lr·weightDecay = 0.0003; +39, +71, +230 % at 0.1 for beta1 = 0.9, 0.95,"
                      + " 0.99")
              .valid("lr·weightDecay ≪ 1 − beta1; " + REACHED)
              .source("kexue.fm 11307 (19), (30); theory.md §5")
              .is(v -> stationaryMeanField(v.lr(), v.decay())),
          law(NO_SIGNAL, "exact_stationary", "exact stationary filter, v at its expectation")
              .error("0…+2.8 % for beta2 ≥ 0.9, −4 % at 0.8")
              .valid("any lr·weightDecay; " + REACHED)
              .source("theory.md §5")
              .is(v -> exactStationary(v.beta1(), v.lr(), v.decay())),
          law(
                  NO_SIGNAL,
                  "second_order_stationary",
                  "exact stationary filter times the total contribution")
              .error("−0.4…+0.6 % for beta2 ≥ 0.8")
              .valid("any lr·weightDecay; " + REACHED)
              .is(v -> secondOrderStationary(v.beta1(), v.beta2(), v.lr(), v.decay())),
          law(NO_SIGNAL, "zero_mean", "mean field at step t without signal, (18)")
              .valid(DECAYING.validity() + ", snr = 0")
              .source("kexue.fm 11307 (18); theory.md §5")
              .is(v -> zeroMean(v.lr(), v.decay(), v.steps(), v.initial())),
          law(ADAMW, "without_decay", "√(w_0² + lr²·t), (20)")
              .error("a limit")
              .valid("lr·weightDecay·t ≪ 1, t ≫ 1/(1 − beta1), snr = 0")
              .source("kexue.fm 11307 (20); theory.md §5")
              .when(Values::noSignal)
              .is(v -> withoutDecay(v.lr(), v.steps(), v.initial())),
          law(ADAMW, "exact_finite", "exact filter at step t, v at its expectation")
              .error("0…+2.8 % for beta2 ≥ 0.9, −4 % at 0.8, once t ≫ 1/(1 − beta2)")
              .valid("momentum from zero, not corrected; any lr·weightDecay")
              .source("exact sum of kexue.fm 11307 (14); theory.md §5")
              .is(v -> exactFinite(v.beta1(), v.snr(), v.lr(), v.decay(), v.steps(), v.initial())),
          law(ADAMW, "recursion", "recursion at a constant rate, fluctuation of v included")
              .error("about 1 % for snr up to 0.1, once t ≫ 1/(1 − beta2)")
              .valid("bias-corrected; any schedule of rate and decay")
              .is(WeightRmsRecursion::end));

  private WeightRms() {}

  /**
   * The quick estimate (7), √(r·lr/(2·weightDecay)), which drops the correlation of w with u.
   *
   * <p>Stated error: good only at beta1 = 0; −77 % at beta1 = 0.9, −84 % at 0.95, −92 % at 0.99. It
   * is too small by √r.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double quickEstimate(double beta1, double lr, double weightDecay) {
    return Math.sqrt(EffectiveBatch.noiseRatio(beta1)) * stationaryMeanField(lr, weightDecay);
  }

  /**
   * The mean field at step t (17):
   *
   * <pre>w_t² ≈ c^{2t}·w_0² + (1 − c^t)²·[snr + (1 − c)(1 + c^t)/(2(1 − c^t))]
   *        / (weightDecay²·(snr + 1))</pre>
   *
   * <p>Stated error of the RMS: +1…+3 % for t ≫ 1/(1 − beta1) and lr·weightDecay ≪ 1 − beta1; more
   * outside (see {@link #stationaryMeanField}).
   *
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1
   * @param initialRms RMS of the weights at step 0, at least 0
   */
  public static double meanField(
      double snr, double lr, double weightDecay, long steps, double initialRms) {
    Arguments.nonNegative("snr", snr);
    double averaged = snr + DecaySums.averagedVarianceApproximate(lr, weightDecay, steps);
    return root(lr, weightDecay, steps, initialRms, averaged / (snr + 1));
  }

  /**
   * The mean field without signal (18): w_t² ≈ c^{2t}·w_0² + (1 − c^{2t})·lr/(2·weightDecay).
   * {@link #meanField} at snr = 0, with its stated error.
   *
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1
   * @param initialRms RMS of the weights at step 0, at least 0
   */
  public static double zeroMean(double lr, double weightDecay, long steps, double initialRms) {
    double stationary = stationaryMeanField(lr, weightDecay);
    double c = Arguments.shrink(lr, weightDecay);
    double remaining = Math.pow(c, 2.0 * Arguments.steps("steps", steps));
    Arguments.nonNegative("initialRms", initialRms);
    return Math.sqrt(
        remaining * initialRms * initialRms + (1 - remaining) * stationary * stationary);
  }

  /**
   * The stationary mean field (19), and (30) by total update contributions: √(lr/(2·weightDecay)).
   *
   * <p>Stated error: +1.1…+2.8 % at lr = 0.003, weightDecay = 0.1; +5…10 % at lr·weightDecay =
   * 0.01; +39 % (beta1 = 0.9), +71 % (0.95), +230 % (0.99) at lr·weightDecay = 0.1. It is not
   * independent of beta1 unless lr·weightDecay ≪ 1 − beta1.
   *
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double stationaryMeanField(double lr, double weightDecay) {
    Arguments.positive("lr", lr);
    Arguments.positive("weightDecay", weightDecay);
    Arguments.shrink(lr, weightDecay);
    return Math.sqrt(lr / (2 * weightDecay));
  }

  /**
   * Without decay (20): w_t² ≈ w_0² + lr²·t, the random walk of unit updates. The limit weightDecay
   * → 0 of (18); needs t ≫ 1/(1 − beta1).
   *
   * @param lr learning rate, at least 0
   * @param steps steps t, at least 1
   * @param initialRms RMS of the weights at step 0, at least 0
   */
  public static double withoutDecay(double lr, long steps, double initialRms) {
    Arguments.nonNegative("lr", lr);
    Arguments.steps("steps", steps);
    Arguments.nonNegative("initialRms", initialRms);
    return Math.sqrt(initialRms * initialRms + lr * lr * steps);
  }

  /**
   * Where the signal dominates (21): w_t² ≈ c^{2t}·w_0² + (1 − c^t)²·snr/(weightDecay²·(snr + 1)).
   * The limit of (17) for snr ≫ lr·weightDecay/2.
   *
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1
   * @param initialRms RMS of the weights at step 0, at least 0
   */
  public static double signalDominated(
      double snr, double lr, double weightDecay, long steps, double initialRms) {
    Arguments.nonNegative("snr", snr);
    return root(lr, weightDecay, steps, initialRms, snr / (snr + 1));
  }

  /**
   * The exact filter at step t, for momentum started from zero without bias correction and v at its
   * expectation μ² + σ²:
   *
   * <pre>w_t² = c^{2t}·w_0² + lr²·[(1 − beta1)²·Σa_n² + snr·((1 − beta1)·Σa_n)²]/(snr + 1)</pre>
   *
   * <p>with the sums of {@link DecaySums}. Stated error of the RMS against simulation: the
   * fluctuation of v, 0…+2.8 % for beta2 ≥ 0.9, −4 % at beta2 = 0.8, for all lr·weightDecay up to
   * 0.1, once t ≫ 1/(1 − beta2).
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lr learning rate, at least 0
   * @param weightDecay decay, at least 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1
   * @param initialRms RMS of the weights at step 0, at least 0
   */
  public static double exactFinite(
      double beta1, double snr, double lr, double weightDecay, long steps, double initialRms) {
    Arguments.nonNegative("snr", snr);
    Arguments.nonNegative("initialRms", initialRms);
    double c = Arguments.shrink(lr, weightDecay);
    double start = Math.pow(c, (double) steps) * initialRms;
    double step = lr * (1 - beta1);
    double mean = step * DecaySums.kernelSum(beta1, c, steps);
    double variance = step * step * DecaySums.kernelSquareSum(beta1, c, steps);
    return Math.sqrt(start * start + (variance + snr * mean * mean) / (snr + 1));
  }

  /**
   * The exact stationary filter without signal, for an update that is a moving average of
   * independent noise: w² = lr²·U²·(1 + beta1·c)/((1 − beta1·c)(1 − c²)), U the update RMS.
   *
   * <p>AdamW with v at its expectation has U = √r, see {@link #exactStationary(double, double,
   * double)}; SGD with momentum has U = σ√r. Exact for a linear filter.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param updateRms stationary RMS of the update, at least 0
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double exactStationary(
      double beta1, double updateRms, double lr, double weightDecay) {
    Arguments.beta("beta1", beta1);
    Arguments.nonNegative("updateRms", updateRms);
    Arguments.positive("lr", lr);
    Arguments.positive("weightDecay", weightDecay);
    double c = Arguments.shrink(lr, weightDecay);
    double correlated = (1 + beta1 * c) / (1 - beta1 * c);
    return lr * updateRms * Math.sqrt(correlated / ((1 - c) * (1 + c)));
  }

  /**
   * AdamW's exact stationary filter with v at its expectation and no signal: {@link
   * #exactStationary(double, double, double, double)} at U = √r.
   *
   * <p>Stated error of the RMS: 0…+2.8 % for beta2 ≥ 0.9, −4 % at beta2 = 0.8, for all
   * lr·weightDecay up to 0.1.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double exactStationary(double beta1, double lr, double weightDecay) {
    return exactStationary(beta1, UpdateRms.parameterFree(beta1), lr, weightDecay);
  }

  /**
   * AdamW's stationary weight RMS with the fluctuation of v to second order: {@link
   * #exactStationary(double, double, double)} times {@link TotalUpdateContribution#secondOrder},
   * because a slow sum of updates is a sum of total contributions.
   *
   * <p>Stated error of the RMS: −0.4…+0.6 % over the whole simulated grid (beta1 0 to 0.99, beta2
   * 0.8 to 0.999, lr·weightDecay 0.0001 to 0.1), which includes the simulation's own 0.1…0.5 %. Not
   * in the articles; derived here.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double secondOrderStationary(
      double beta1, double beta2, double lr, double weightDecay) {
    return exactStationary(beta1, lr, weightDecay)
        * TotalUpdateContribution.secondOrder(beta1, beta2);
  }

  /** √(c^{2t}·w_0² + ((1 − c^t)/weightDecay)²·averaged), the common form of (9), (17) and (21). */
  static double root(
      double lr, double weightDecay, long steps, double initialRms, double averaged) {
    Arguments.positive("lr", lr);
    Arguments.positive("weightDecay", weightDecay);
    Arguments.nonNegative("initialRms", initialRms);
    double c = Arguments.shrink(lr, weightDecay);
    double remaining = Math.pow(c, (double) Arguments.steps("steps", steps));
    double start = remaining * initialRms;
    double reach = (1 - remaining) / weightDecay;
    return Math.sqrt(start * start + reach * reach * averaged);
  }
}
