package io.adamant.theory;

import static io.adamant.theory.Parameter.choice;
import static io.adamant.theory.Parameter.number;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The weight RMS under any learning-rate and decay schedule, one step at a time in constant time.
 *
 * <p>The weights follow w_t = d_t·w_{t−1} − lr_t·u_t with d_t = 1 − lr_t·weightDecay_t. The update
 * is u_t = p_t + x_t: a mean p_t, and a zero-mean part x_t independent of w_0 whose covariance over
 * k ≥ 1 steps is Σ_j s_j·q_j^k, a sum of geometric sequences. Then, exactly:
 *
 * <pre>
 * E w_t² = D_t²·w_0² + P_t² + V_t
 * D_t   = d_t·D_{t−1}                                   what is left of the start
 * P_t   = d_t·P_{t−1} + lr_t·p_t                        the mean part
 * V_t   = d_t²·V_{t−1} + lr_t²·E x_t² − 2·d_t·lr_t·Σ_j q_j·X_{j,t−1}
 * X_j,t = d_t·q_j·X_{j,t−1} − lr_t·s_j                  E[w_t x_t], term by term
 * </pre>
 *
 * <p>The last line is why the cross term costs nothing: a geometric covariance means E[w_{t−1} x_t]
 * = Σ_j q_j·X_{j,t−1}. For a moving average (SGD with momentum, AdamW with v at its expectation)
 * there is one term, q = beta1; the sign of one has the terms of {@link
 * SignAutocorrelation#series}. The articles treat constant rates only; this form is derived here.
 *
 * <p>Assumptions: as in {@link WeightRms} (independent Gaussian gradients, one snr for all
 * coordinates), except that rate and decay may change. Accuracy: exact to rounding for moving
 * averages, 1e-6 relative for signs; about 1 % for AdamW, whose v fluctuates. An update whose size
 * is rescaled by a factor f_t at step t is predicted by advancing with (f_t·lr_t,
 * weightDecay_t/f_t).
 *
 * <p>Source: theory.md §5, equations 2, 3 and 6 of kexue.fm 11307. Not thread-safe.
 */
@PublicApi
public final class WeightRmsRecursion {

  static final Quantity WEIGHT_RMS =
      new Quantity(
          "weight-rms",
          "RMS of weights under decoupled decay, without a task",
          List.of(
              choice("optimizer", "whose weights", "adamw", "signum"),
              Inputs.BETA1,
              Inputs.BETA2,
              Inputs.SNR,
              Inputs.LR,
              number("weight-decay", "decoupled decay", Domain.NON_NEGATIVE, 0.1),
              Inputs.STEPS.or(100_000),
              number("initial-rms", "RMS of the weights at step 0", Domain.NON_NEGATIVE, 0.1),
              choice("schedule", "course of the rate", "constant", "linear", "cosine"),
              number("warmup", "steps of linear warm-up", Domain.WHOLE, 0)),
          Stream.of(
                  WeightRms.LAWS,
                  SignumWeightRms.LAWS,
                  List.of(
                      Law.of(
                              Unit.WEIGHT,
                              "any schedule of rate and decay",
                              "derived here; theory.md §5")
                          .named("recursion", "recursion over the schedule")
                          .error("about 1 % for AdamW at snr up to 0.1; 0.5 % for Signum")
                          .when(v -> !v.constantRate())
                          .is(WeightRmsRecursion::end)))
              .flatMap(List::stream)
              .toList());

  private final double beta1;
  private final MomentumStart start;
  private final double initialRms;
  private final double mean;
  private final double variance;
  private final GeometricSeries covariance;
  private final double[] cross; // X_j
  private final Optional<RatioUpdate>
      averages; // from zero, with the weights in place of covariance
  private final double[][] products; // E m_i·m_j of theirs
  private long steps;
  private double remaining = 1; // D_t
  private double drift; // P_t
  private double noise; // V_t

  private WeightRmsRecursion(
      double beta1,
      MomentumStart start,
      double initialRms,
      double mean,
      double variance,
      GeometricSeries covariance) {
    this(beta1, start, initialRms, mean, variance, covariance, Optional.empty());
  }

  private WeightRmsRecursion(
      double beta1,
      MomentumStart start,
      double initialRms,
      double mean,
      double variance,
      GeometricSeries covariance,
      Optional<RatioUpdate> averages) {
    this.averages = averages;
    this.products = new double[covariance.size()][covariance.size()];
    this.beta1 = Arguments.beta("beta1", beta1);
    this.start = start;
    this.initialRms = Arguments.nonNegative("initialRms", initialRms);
    this.mean = mean;
    this.variance = variance;
    this.covariance = covariance;
    this.cross = new double[covariance.size()];
  }

  /**
   * For an update that is a moving average of independent gradients: SGD with momentum, AdamW,
   * RMSprop (beta1 = 0), EMASign.
   *
   * <p>The stationary E u² = updateRms² is split by the snr of the averaged quantity: the mean has
   * snr/(snr + r) of it, the noise r/(snr + r).
   *
   * @param beta1 coefficient of the average, in [0, 1)
   * @param updateRms stationary RMS of the update, at least 0
   * @param snr ‖μ‖²/‖σ‖² of what is averaged, at least 0
   * @param initialRms RMS of the weights before the first step, at least 0
   * @param start how the average begins
   */
  public static WeightRmsRecursion movingAverage(
      double beta1, double updateRms, double snr, double initialRms, MomentumStart start) {
    Arguments.nonNegative("updateRms", updateRms);
    Arguments.nonNegative("snr", snr);
    double r = EffectiveBatch.noiseRatio(beta1);
    double square = updateRms * updateRms;
    double variance = square * r / (snr + r);
    double mean = Math.sqrt(square * snr / (snr + r));
    return new WeightRmsRecursion(
        beta1, start, initialRms, mean, variance, GeometricSeries.single(variance, beta1));
  }

  /**
   * For AdamW with bias correction, RMSprop at beta1 = 0: the mean part in mean field, the noise
   * part times {@link TotalUpdateContribution#secondOrder}, which accounts for the fluctuation of v
   * (see {@link WeightRms#secondOrderStationary} for its error; 1 % is a safe bound for snr up to
   * 0.1 once t ≫ 1/(1 − beta2)).
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param initialRms RMS of the weights before the first step, at least 0
   */
  public static WeightRmsRecursion adamw(
      double beta1, double beta2, double snr, double initialRms) {
    double contribution = TotalUpdateContribution.secondOrder(beta1, beta2);
    Arguments.nonNegative("snr", snr);
    double mean = Math.sqrt(snr / (snr + 1));
    double variance = EffectiveBatch.noiseRatio(beta1) * contribution * contribution / (snr + 1);
    return new WeightRmsRecursion(
        beta1,
        MomentumStart.ZERO_BIAS_CORRECTED,
        initialRms,
        mean,
        variance,
        GeometricSeries.single(variance, beta1));
  }

  /**
   * For a rule of several averages, each from zero and corrected as the rule has it, on pure noise:
   * u_t = Σ_i k_{i,t}·m_{i,t}, where m_i has the weights p_i·q_i^j over gradients that all averages
   * share. With M_ij = E m_i·m_j and X_i = E w·m_i,
   *
   * <pre>
   * M_ij,t = q_i·q_j·M_ij,t−1 + p_i·p_j
   * V_t    = d_t²·V_{t−1} + lr_t²·Σ k_i·k_j·M_ij,t − 2·d_t·lr_t·Σ k_i·q_i·X_i,t−1
   * X_i,t  = d_t·q_i·X_i,t−1 − lr_t·Σ_j k_j·M_ij,t
   * </pre>
   *
   * <p>Exact for a v at its expectation; its fluctuation is a constant factor, as for AdamW.
   *
   * @param update the rule's
   * @param initialRms RMS of the weights before the first step, at least 0
   */
  public static WeightRmsRecursion ratio(RatioUpdate update, double initialRms) {
    return new WeightRmsRecursion(
        0, MomentumStart.ZERO, initialRms, 0, 0, update.filter(), Optional.of(update));
  }

  /**
   * For Signum, and SignSGD at beta1 = 0: u = sign(m) with stationary m.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param initialRms RMS of the weights before the first step, at least 0
   */
  public static WeightRmsRecursion signum(double beta1, double snr, double initialRms) {
    return new WeightRmsRecursion(
        beta1,
        MomentumStart.STATIONARY,
        initialRms,
        UpdateRms.meanSign(beta1, snr),
        SignAutocorrelation.variance(beta1, snr),
        SignAutocorrelation.series(beta1, snr));
  }

  /**
   * For EMASign, the moving average of sign(g).
   *
   * @param beta1 coefficient of the average, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖² of the gradients, at least 0
   * @param initialRms RMS of the weights before the first step, at least 0
   * @param start how the average begins
   */
  public static WeightRmsRecursion emaSign(
      double beta1, double snr, double initialRms, MomentumStart start) {
    double mean = UpdateRms.meanSign(0, snr);
    double variance = EffectiveBatch.noiseRatio(beta1) * (1 - mean) * (1 + mean);
    return new WeightRmsRecursion(
        beta1, start, initialRms, mean, variance, GeometricSeries.single(variance, beta1));
  }

  /**
   * Takes one step.
   *
   * @param lr learning rate of this step, at least 0
   * @param weightDecay decay of this step, at least 0, with lr·weightDecay &lt; 1; 0 for a
   *     parameter that does not decay
   * @return the predicted RMS of the weights after it
   * @throws InputException if an argument is outside its range; nothing has changed then
   */
  public double advance(double lr, double weightDecay) {
    double d = Arguments.shrink(lr, weightDecay);
    steps++;
    if (averages.isPresent()) {
      noise = d * d * noise + averaged(averages.get(), lr, d);
      remaining *= d;
      return rms();
    }
    double correction = start == MomentumStart.ZERO_BIAS_CORRECTED ? 1 / filled(1) : 1;
    double meanShare = start == MomentumStart.STATIONARY ? 1 : filled(1) * correction;
    double varianceShare = start == MomentumStart.STATIONARY ? 1 : filled(2);
    double step = lr * correction;
    double inherited = 0; // E[w_{t−1} x_t]
    for (int j = 0; j < cross.length; j++) {
      double carried = covariance.ratio(j) * cross[j];
      inherited += carried;
      cross[j] = d * carried - step * varianceShare * covariance.weight(j);
    }
    noise = d * d * noise + step * step * varianceShare * variance - 2 * d * step * inherited;
    drift = d * drift + lr * meanShare * mean;
    remaining *= d;
    return rms();
  }

  /** What a step of several averages adds to the noise. */
  private double averaged(RatioUpdate update, double lr, double d) {
    double square = 0; // E u_t²
    double inherited = 0; // E[w_{t−1} u_t]
    for (int i = 0; i < cross.length; i++) {
      double carried = covariance.ratio(i) * cross[i];
      inherited += update.correction(i, steps) * carried;
      double common = 0; // E m_i u_t
      for (int j = 0; j < cross.length; j++) {
        products[i][j] =
            covariance.ratio(i) * covariance.ratio(j) * products[i][j]
                + covariance.weight(i) * covariance.weight(j);
        common += update.correction(j, steps) * products[i][j];
      }
      square += update.correction(i, steps) * common;
      cross[i] = d * carried - lr * common;
    }
    return lr * lr * square - 2 * d * lr * inherited;
  }

  /** The predicted RMS of the weights after the steps taken so far. */
  public double rms() {
    double left = remaining * initialRms;
    return Math.sqrt(left * left + drift * drift + noise);
  }

  /** The number of steps taken. */
  public long steps() {
    return steps;
  }

  /** 1 − beta1^{power·t}, the share of its stationary value that an average from zero has. */
  private double filled(int power) {
    return 1 - Math.pow(beta1, (double) power * steps);
  }

  /** The RMS at the end of a run at the inputs of {@link #WEIGHT_RMS}. */
  static double end(Values v) {
    WeightRmsRecursion recursion =
        v.adamw()
            ? adamw(v.beta1(), v.beta2(), v.snr(), v.initial())
            : signum(v.beta1(), v.snr(), v.initial());
    Arguments.shrink(v.lr(), v.decay());
    RateSchedule schedule = RateSchedule.of(v.text("schedule"));
    long steps = v.steps();
    long warmup = v.whole("warmup");
    double lr = v.lr();
    double weightDecay = v.decay();
    for (long t = 1; t <= steps; t++) {
      recursion.advance(schedule.at(lr, t, steps, warmup), weightDecay);
    }
    return recursion.rms();
  }
}
