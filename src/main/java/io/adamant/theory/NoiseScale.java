package io.adamant.theory;

import io.adamant.base.PublicApi;

/**
 * The scales of batch size and learning rate that the one-step laws are written in, and the law of
 * steps against data that follows from them.
 *
 * <p>g is the full gradient, Σ the covariance of ONE sample's gradient, H the Hessian, B the batch
 * in samples. All are definitions or algebra, exact; what they say of training is a one-step view
 * (theory.md §2.3).
 *
 * <p>Source: kexue.fm 11301 and 11260; theory.md §2.
 */
@PublicApi
public final class NoiseScale {

  private NoiseScale() {}

  /**
   * The simple noise scale B_simple = tr Σ/gᵀg: the batch at which a gradient is half noise. Equal
   * to {@link #curved} where H is a multiple of the identity.
   *
   * @param noiseTrace tr Σ, at least 0
   * @param gradientSquare gᵀg, above 0
   */
  public static double simple(double noiseTrace, double gradientSquare) {
    return Arguments.nonNegative("noiseTrace", noiseTrace)
        / Arguments.positive("gradientSquare", gradientSquare);
  }

  /**
   * The noise scale in the Hessian's metric, B_noise = tr(ΣH)/gᵀHg.
   *
   * @param noiseCurvature tr(ΣH), at least 0
   * @param gradientCurvature gᵀHg, above 0
   */
  public static double curved(double noiseCurvature, double gradientCurvature) {
    return Arguments.nonNegative("noiseCurvature", noiseCurvature)
        / Arguments.positive("gradientCurvature", gradientCurvature);
  }

  /**
   * The best learning rate of a noiseless gradient step, η_max = gᵀg/gᵀHg.
   *
   * @param gradientSquare gᵀg, above 0
   * @param gradientCurvature gᵀHg, above 0
   */
  public static double maximalLearningRate(double gradientSquare, double gradientCurvature) {
    return Arguments.positive("gradientSquare", gradientSquare)
        / Arguments.positive("gradientCurvature", gradientCurvature);
  }

  /**
   * The decrease of the loss by that step, ΔL_max = (gᵀg)²/(2gᵀHg).
   *
   * @param gradientSquare gᵀg, above 0
   * @param gradientCurvature gᵀHg, above 0
   */
  public static double maximalLossDecrease(double gradientSquare, double gradientCurvature) {
    return maximalLearningRate(gradientSquare, gradientCurvature) * gradientSquare / 2;
  }

  /**
   * The share of the noiseless decrease that SGD's best step with batch B keeps: 1/(1 + B_noise/B),
   * of the loss decrease as of the learning rate.
   *
   * @param noiseScale B_noise, at least 0
   * @param batch B, above 0
   */
  public static double efficiency(double noiseScale, double batch) {
    Arguments.nonNegative("noiseScale", noiseScale);
    return 1 / (1 + noiseScale / Arguments.positive("batch", batch));
  }

  /**
   * β = (1 + B_simple/B)^{−1/2}, the mean-field strength of a sign: how near E sign(g_B) is to
   * sign(g), in one number for all coordinates.
   *
   * @param noiseScale B_simple, or a multiple of it that a method asks for; at least 0
   * @param batch B, above 0
   */
  public static double signStrength(double noiseScale, double batch) {
    return Math.sqrt(efficiency(noiseScale, batch));
  }

  /**
   * Steps to a given loss over the fewest possible, S/S_min = 1 + B_noise/B.
   *
   * @param noiseScale B_noise, at least 0
   * @param batch B, above 0
   */
  public static double relativeSteps(double noiseScale, double batch) {
    return 1 / efficiency(noiseScale, batch);
  }

  /**
   * Samples to a given loss over the fewest possible, E/E_min = 1 + B/B_noise; with {@link
   * #relativeSteps} it makes (S/S_min − 1)(E/E_min − 1) = 1.
   *
   * @param noiseScale B_noise, above 0
   * @param batch B, above 0
   */
  public static double relativeSamples(double noiseScale, double batch) {
    return 1 + Arguments.positive("batch", batch) / Arguments.positive("noiseScale", noiseScale);
  }
}
