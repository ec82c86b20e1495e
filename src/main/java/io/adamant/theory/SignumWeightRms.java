package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import java.util.List;

/**
 * The root mean square of the weights that Signum (sign of momentum, decoupled decay) reaches
 * without a task: w ← (1 − lr·weightDecay)·w − lr·sign(m). At beta1 = 0 it is SignSGD.
 *
 * <p>Assumptions: gradients independent over steps, Gaussian, one squared ratio snr = ‖μ‖²/‖σ‖² for
 * every coordinate, momentum stationary, constant learning rate and decay, start weights
 * independent of the gradients. Below c = 1 − lr·weightDecay and r = (1 − beta1)/(1 + beta1).
 *
 * <p>Source: kexue.fm 11307 (22)-(26); the exact forms by the arcsine law are theory.md §5's.
 */
@PublicApi
public final class SignumWeightRms {

  private static final Law SIGNUM =
      Law.of(
              Unit.WEIGHT,
              "lr·weightDecay ≪ 1 − beta1; lr·weightDecay·t of 3 or more, snr = 0",
              "theory.md §5; with a signal derived here")
          .error("0.5 %")
          .when(v -> v.constantRate() && !v.adamw());
  private static final Law DECAYING = SIGNUM.when(v -> v.decay() > 0);
  private static final Law STATIONARY = DECAYING.when(Values::noSignal);

  /** At a constant rate; stationary forms are left out without decay, limits with a signal. */
  static final List<Law> LAWS =
      List.of(
          law(DECAYING, "mean_field", "mean field at step t, (25)")
              .error("high: +16…+25 % at snr = 0; +24…−2 % at snr = 0.01")
              .valid("t ≫ 1/(1 − beta1) and lr·weightDecay ≪ 1 − beta1")
              .source("kexue.fm 11307 (25); theory.md §5")
              .is(v -> meanField(v.beta1(), v.snr(), v.lr(), v.decay(), v.steps(), v.initial())),
          law(DECAYING, "exact_stationary", "exact stationary value by the arcsine law")
              .valid("any lr·weightDecay; lr·weightDecay·t of 3 or more")
              .is(v -> exactStationary(v.beta1(), v.snr(), v.lr(), v.decay())),
          law(STATIONARY, "stationary_mean_field", "√(lr/(2·weightDecay·r)), (26) corrected")
              .error("+16 % at beta1 = 0.6, +20 % at 0.9, +25 % at 0.99")
              .source("kexue.fm 11307 (26), corrected; theory.md §5")
              .is(v -> stationaryMeanField(v.beta1(), v.lr(), v.decay())),
          law(STATIONARY, "as_printed", "(26) as printed, the square taken for the RMS")
              .error("a misprint")
              .valid("never; shown for comparison")
              .source("kexue.fm 11307 (26); theory.md §5")
              .is(v -> stationaryAsPrinted(v.beta1(), v.lr(), v.decay())),
          law(
                  STATIONARY,
                  "slow_decay",
                  "√(c(beta1)·lr/(2·weightDecay)), random walk of correlated signs")
              .error("2 % for lr·weightDecay ≤ 0.02(1 − beta1)")
              .source("theory.md §5")
              .is(v -> slowDecay(v.beta1(), v.lr(), v.decay())),
          law(SIGNUM, "exact_finite", "exact value at step t by the arcsine law")
              .valid("stationary momentum; any lr·weightDecay")
              .is(v -> exactFinite(v.beta1(), v.snr(), v.lr(), v.decay(), v.steps(), v.initial())),
          law(SIGNUM, "recursion", "recursion at a constant rate")
              .valid("stationary momentum; any schedule of rate and decay")
              .source("derived here; theory.md §5")
              .is(WeightRmsRecursion::end));

  private SignumWeightRms() {}

  /**
   * The mean field at step t (25): {@link WeightRms#meanField} with the denominator snr + r in
   * place of snr + 1.
   *
   * <p>Stated error: systematically high. At snr = 0: +16 % (beta1 = 0.6), +20 % (0.9), +21 %
   * (0.95), +25 % (0.99) at lr·weightDecay ≤ 0.001. At snr = 0.01: +24, +19, +14, +7, −2 % for
   * beta1 = 0, 0.9, 0.95, 0.975, 0.99.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1
   * @param initialRms RMS of the weights at step 0, at least 0
   */
  public static double meanField(
      double beta1, double snr, double lr, double weightDecay, long steps, double initialRms) {
    Arguments.nonNegative("snr", snr);
    double averaged = snr + DecaySums.averagedVarianceApproximate(lr, weightDecay, steps);
    double denominator = snr + EffectiveBatch.noiseRatio(beta1);
    return WeightRms.root(lr, weightDecay, steps, initialRms, averaged / denominator);
  }

  /**
   * The stationary mean field without signal, (26) corrected: √(lr/(2·weightDecay·r)).
   *
   * <p>Stated error: +20 %, that is 1/√(ln 2) = 1.201 as beta1 → 1 and lr·weightDecay → 0; far more
   * at lr·weightDecay ≥ 1 − beta1.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double stationaryMeanField(double beta1, double lr, double weightDecay) {
    return WeightRms.stationaryMeanField(lr, weightDecay)
        / Math.sqrt(EffectiveBatch.noiseRatio(beta1));
  }

  /**
   * The weight RMS that (26) says as it is printed, in the original too: there the <em>square</em>
   * of the RMS equals √(lr/(2·weightDecay·r)), so the RMS is its root. A misprint, kept to show it.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double stationaryAsPrinted(double beta1, double lr, double weightDecay) {
    return Math.sqrt(stationaryMeanField(beta1, lr, weightDecay));
  }

  /**
   * The exact value at step t:
   *
   * <pre>w_t² = c^{2t}·w_0² + lr²·[p²·(Σ_{n&lt;t} c^n)² + C_0·S_0 + 2·Σ_{k=1..t−1} C_k·S_k],
   * S_k = c^k·(1 − c^{2(t−k)})/(1 − c²),   p = E sign(m),   C_k = Cov(sign m_0, sign m_k)</pre>
   *
   * <p>with {@link SignAutocorrelation#covariance}. Stated error against simulation: 0.5 % once the
   * momentum is stationary; with a signal, a start of the momentum from zero still lowers it by
   * about 0.5/(t(1 − beta1)).
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
    Arguments.nonNegative("initialRms", initialRms);
    double c = Arguments.shrink(lr, weightDecay);
    double start = Math.pow(c, (double) steps) * initialRms;
    double mean = UpdateRms.meanSign(beta1, snr) * DecaySums.weightSum(c, steps);
    double noise = SignAutocorrelation.variance(beta1, snr) * DecaySums.weightSum(c * c, steps);
    for (long k = 1; k < steps; k++) {
      double covariance = SignAutocorrelation.covariance(beta1, snr, k);
      noise += 2 * covariance * Math.pow(c, (double) k) * DecaySums.weightSum(c * c, steps - k);
      if (covariance < 1e-17) {
        break;
      }
    }
    return Math.sqrt(start * start + lr * lr * (mean * mean + noise));
  }

  /**
   * The exact stationary value: w² = (p/weightDecay)² + lr²/(1 − c²)·[C_0 + 2·Σ_{k≥1} c^k·C_k]. At
   * snr = 0 it is lr²/(1 − c²)·(1 + (4/π)·Σ_{k≥1} c^k·arcsin(beta1^k)).
   *
   * <p>Stated error against simulation: 0.5 % everywhere (snr = 0).
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double exactStationary(double beta1, double snr, double lr, double weightDecay) {
    Arguments.positive("lr", lr);
    Arguments.positive("weightDecay", weightDecay);
    double c = Arguments.shrink(lr, weightDecay);
    double mean = UpdateRms.meanSign(beta1, snr) / weightDecay;
    double noise = SignAutocorrelation.variance(beta1, snr);
    for (long k = 1; ; k++) {
      double term = 2 * Math.pow(c, (double) k) * SignAutocorrelation.covariance(beta1, snr, k);
      noise += term;
      if (term <= 1e-17 * noise) {
        break;
      }
    }
    return Math.sqrt(mean * mean + lr * lr * noise / ((1 - c) * (1 + c)));
  }

  /**
   * The stationary value for lr·weightDecay ≪ 1 − beta1, without signal: √(c(beta1)·lr/(2·
   * weightDecay)) with {@link SignAutocorrelation#randomWalkFactor}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   */
  public static double slowDecay(double beta1, double lr, double weightDecay) {
    return Math.sqrt(SignAutocorrelation.randomWalkFactor(beta1))
        * WeightRms.stationaryMeanField(lr, weightDecay);
  }
}
