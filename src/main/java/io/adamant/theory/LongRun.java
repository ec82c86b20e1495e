package io.adamant.theory;

/**
 * What momentum does over many steps, where the one-step laws of {@link OptimalLearningRate} no
 * longer hold, because successive updates are correlated.
 *
 * <p>Source: theory.md §2.3; the angle: Kosson et al., used by kexue.fm 11307, theory.md §4.
 */
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
   * radians. A small-angle approximation.
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
   * That angle for AdamW in mean field, √(2·η·λ·r): {@link #anglePerStep} with √r and √(η/(2λ)).
   * Errors as {@link WeightRms#stationaryMeanField}.
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
