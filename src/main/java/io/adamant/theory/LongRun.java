package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;

/**
 * What momentum does over many steps, where the one-step laws of {@link OptimalLearningRate} no
 * longer hold, because successive updates are correlated.
 *
 * <p>Source: theory.md §2.3; the angle: Kosson et al., used by kexue.fm 11307, theory.md §4.
 */
@PublicApi
public final class LongRun {

  private static final Law TURN =
      Law.of(Unit.ANGLE, "snr = 0, in equilibrium", "derived here; theory.md §5");

  static final Quantity ANGLE =
      new Quantity(
          "angle",
          "angle in radians that AdamW turns a weight vector a step, in equilibrium",
          List.of(Inputs.BETA1, Inputs.BETA2, Inputs.LR, Inputs.DECAY),
          law(TURN, "mean_field", "√(2·lr·weightDecay·r)")
              .error("within 0.6 % for lr·weightDecay up to 0.01, −1.7…−2.3 % at 0.1")
              .source("Kosson et al.; kexue.fm 11307; theory.md §4")
              .is(v -> adamwAnglePerStep(v.beta1(), v.lr(), v.decay())),
          law(
                  TURN,
                  "second_order",
                  "lr·RMS(u)/RMS(w), both to second order, the angle taken for small")
              .error(
                  "+0.8 % at lr·weightDecay = 0.001, +4.5 and +9.1 % at 0.01 (beta1 = 0.9, 0.95)")
              .valid("lr·weightDecay ≪ 1 − beta1, " + TURN.validity())
              .is(v -> anglePerStep(v.lr(), updateRms(v), weightRms(v))),
          law(
                  TURN,
                  "law_of_cosines",
                  "acos((1 + c² − (lr·RMS(u)/RMS(w))²)/(2c)), c = 1 − lr·weightDecay")
              .error("within 1 %")
              .valid("any lr·weightDecay; beta2 ≥ 0.9, " + TURN.validity())
              .is(v -> equilibriumAngle(v.lr(), v.decay(), updateRms(v), weightRms(v))));

  private static final Law SPREAD =
      Law.of(Unit.WEIGHT_SQUARE, "quadratic loss, independent noise, many steps", "theory.md §2.3");

  static final Quantity SGDM_VARIANCE =
      new Quantity(
          "sgdm-variance",
          "stationary variance of a weight under SGD with momentum",
          List.of(
              Inputs.BETA1,
              Inputs.LR.or(0.3),
              Parameter.number("curvature", "h of the loss h·w²/2", Domain.POSITIVE, 1),
              Parameter.number("noise-variance", "s² of the gradient", Domain.NON_NEGATIVE, 1)),
          law(SPREAD, "stationary", "lr·s²/(h(2 − lr·h·r))")
              .is(
                  v ->
                      sgdmVariance(
                          v.beta1(), v.lr(), v.number("curvature"), v.number("noise-variance"))),
          law(SPREAD, "small_rate", "lr·s²/(2h), for every beta1")
              .error("a limit: low by lr·h·r/2 of the value")
              .valid("lr·h·r ≪ 2")
              .is(v -> v.lr() * v.number("noise-variance") / (2 * v.number("curvature"))));

  private LongRun() {}

  /**
   * The stationary variance of w under SGD with normalised momentum on the loss h·w²/2, with
   * independent gradient noise of variance s²: η·s²/(h·(2 − ηh(1 − beta)/(1 + beta))).
   *
   * <p>Exact. At small ηh it is η·s²/(2h) for every beta: momentum buys no averaging, only
   * stability.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param lr η, above 0, with ηh(1 − beta)/(1 + beta) &lt; 2
   * @param curvature h, above 0
   * @param noiseVariance s², at least 0
   */
  public static double sgdmVariance(
      double beta1, double lr, double curvature, double noiseVariance) {
    double stiffness = Arguments.positive("lr", lr) * Arguments.positive("curvature", curvature);
    double room = 2 - stiffness * EffectiveBatch.noiseRatio(beta1);
    Arguments.positive("2 - lr * curvature * (1 - beta1) / (1 + beta1)", room);
    return lr * Arguments.nonNegative("noiseVariance", noiseVariance) / (curvature * room);
  }

  /**
   * The best learning rate of Signum over SignSGD's where noise dominates a long run: 1/√c(beta1),
   * with {@link SignAutocorrelation#randomWalkFactor}; 0.274 at 0.9. The opposite direction of the
   * one-step law. Measured: 0.27–0.30 at small batch, 0.8–0.9 at a huge one.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static double signumRateRatio(double beta1) {
    return 1 / Math.sqrt(SignAutocorrelation.randomWalkFactor(beta1));
  }

  /**
   * The angle by which a weight vector turns a step in rotational equilibrium, η·RMS(u)/RMS(w), in
   * radians. A small-angle approximation: with the right root mean squares it is 0.8 % high at ηλ =
   * 0.001 and 4.5 % at 0.01 (beta1 = 0.9), because the part of the step along w does not turn it.
   *
   * @param lr η, at least 0
   * @param updateRms RMS(u), at least 0
   * @param weightRms RMS(w), above 0
   */
  public static double anglePerStep(double lr, double updateRms, double weightRms) {
    return Arguments.nonNegative("lr", lr)
        * Arguments.nonNegative("updateRms", updateRms)
        / Arguments.positive("weightRms", weightRms);
  }

  /**
   * The angle of {@link #anglePerStep} where it is not small: shrinking by c = 1 − η·λ and the step
   * make a triangle with two sides RMS(w) and c·RMS(w) and the third η·RMS(u), so that in
   * equilibrium
   *
   * <pre>cos θ = (1 + c² − (η·RMS(u)/RMS(w))²)/(2c)</pre>
   *
   * <p>Exact for a long vector whose RMS no longer changes. At c = 1 and a small step it is {@link
   * #anglePerStep}.
   *
   * @param lr η, at least 0
   * @param weightDecay λ, at least 0, with ηλ &lt; 1
   * @param updateRms RMS(u), at least 0
   * @param weightRms RMS(w), above 0
   * @throws InputException if an argument is out of range, or the step too short or too long to
   *     bring the weights back to their RMS
   */
  public static double equilibriumAngle(
      double lr, double weightDecay, double updateRms, double weightRms) {
    double c = Arguments.shrink(lr, weightDecay);
    double step = anglePerStep(lr, updateRms, weightRms);
    double halfSine = Math.sqrt((step * step - (1 - c) * (1 - c)) / (4 * c)); // sin(θ/2)
    if (!(halfSine <= 1)) {
      throw new InputException(
          "lr * updateRms / weightRms = %s is not allowed: no equilibrium has such a step at a decay of %s a step"
              .formatted(step, 1 - c));
    }
    return 2 * Math.asin(halfSine);
  }

  /**
   * That angle for AdamW in mean field, √(2·η·λ·r): {@link #anglePerStep} with √r and √(η/(2λ)).
   * Simulated: within 0.6 % for ηλ up to 0.01 and −1.7…−2.3 % at 0.1 (beta1 = 0.9…0.99), far better
   * than {@link WeightRms#stationaryMeanField}, because what is wrong there cancels here; see
   * {@link #equilibriumAngle}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param lr η, above 0
   * @param weightDecay λ, above 0, with ηλ &lt; 1
   */
  public static double adamwAnglePerStep(double beta1, double lr, double weightDecay) {
    return anglePerStep(
        lr, UpdateRms.parameterFree(beta1), WeightRms.stationaryMeanField(lr, weightDecay));
  }

  private static double updateRms(Values v) {
    return UpdateRms.secondOrder(v.beta1(), v.beta2(), 0);
  }

  private static double weightRms(Values v) {
    return WeightRms.secondOrderStationary(v.beta1(), v.beta2(), v.lr(), v.decay());
  }
}
