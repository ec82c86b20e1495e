package io.adamant.theory;

import static io.adamant.theory.Inputs.point;
import static io.adamant.theory.Law.law;

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

  /** What holds for one step at a frozen point. */
  static final Law ONE_STEP =
      Law.of(
          Unit.LEARNING_RATE,
          "one step at a frozen point of a quadratic loss",
          "kexue.fm 11301; theory.md §2");

  static final String INDEPENDENT = ONE_STEP.validity() + ", noise independent over coordinates";

  private static final Law WHOLE_RUN =
      ONE_STEP.in(Unit.RATIO).valid("SGD, B_noise constant over the run");
  private static final Law DEFINITION = ONE_STEP.in(Unit.SAMPLES).valid("a definition");

  static final Quantity NOISE_SCALE =
      new Quantity(
          "noise-scale",
          "noise scales at a point, and what they say of a batch size",
          Inputs.andPoint(Inputs.BATCH),
          law(DEFINITION, "simple", "B_simple = tr Σ/gᵀg").is(v -> point(v).noiseScaleSimple()),
          law(DEFINITION, "curved", "B_noise = tr(ΣH)/gᵀHg").is(NoiseScale::curved),
          law(ONE_STEP, "maximal_learning_rate", "η_max = gᵀg/gᵀHg")
              .is(v -> point(v).maximalLearningRate()),
          law(ONE_STEP, "maximal_loss_decrease", "ΔL_max = (gᵀg)²/(2gᵀHg)")
              .in(Unit.LOSS)
              .is(
                  v ->
                      maximalLossDecrease(point(v).gradientSquare(), point(v).gradientCurvature())),
          law(ONE_STEP, "efficiency", "share of η_max and of ΔL_max kept, 1/(1 + B_noise/B)")
              .in(Unit.SHARE)
              .valid(ONE_STEP.validity() + ", SGD")
              .is(v -> efficiency(curved(v), v.batch())),
          law(WHOLE_RUN, "relative_steps", "S/S_min = 1 + B_noise/B")
              .is(v -> relativeSteps(curved(v), v.batch())),
          law(WHOLE_RUN, "relative_samples", "E/E_min = 1 + B/B_noise")
              .is(v -> relativeSamples(curved(v), v.batch())));

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

  private static double curved(Values v) {
    return point(v).noiseScaleCurved();
  }
}
