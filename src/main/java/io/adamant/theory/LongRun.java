package io.adamant.theory;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;

/**
 * What momentum does over many steps, where the one-step laws of {@link OptimalLearningRate} no
 * longer hold, because successive updates are correlated.
 *
 * <p>Source: theory.md §2.3; the angle: Kosson et al., used by kexue.fm 11307, theory.md §4.
 */
@PublicApi
public final class LongRun {

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
}
