package io.adamant.theory;

import static io.adamant.theory.Inputs.point;
import static io.adamant.theory.Law.law;
import static io.adamant.theory.Parameter.number;

import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;

/**
 * The learning rate η* that lowers the expected loss most in <em>one</em> step at a frozen point,
 * against batch size B:
 *
 * <pre>E L(w − ηφ) ≈ L − η·E[φ]ᵀg + η²/2·tr(E[φφᵀ]H)   ⇒   η* = E[φ]ᵀg/tr(E[φφᵀ]H)</pre>
 *
 * <p>Exact for a quadratic loss with positive denominator, once the two moments of the direction φ
 * are known; the methods differ in these. T, P, and the noise scales are {@link LocalGeometry}'s, r
 * = (1 − beta1)/(1 + beta1), β = {@link NoiseScale#signStrength}. For one number a coordinate
 * instead of one for all see {@link CoordinateLearningRate}, for the batch at which η* begins to
 * fall {@link SurgeThreshold}.
 *
 * <p>Validity: one step. In training over many steps the averaging gain of momentum is given back:
 * measured best rates of SGDM(0.9) are 0.80–1.00 of SGD's, where this law says up to ×19, and the
 * best rate over a run is 1.5–97 times below the one-step value at its start (theory.md §2.3).
 *
 * <p>Source: kexue.fm 11301 (SGDM, Signum, Adam), 11280 (mean field), 10542 (erf); theory.md §2.
 */
@PublicApi
public final class OptimalLearningRate {

  private static final Law ONE_RATIO =
      NoiseScale.ONE_STEP.valid(NoiseScale.INDEPENDENT + ", one σ/|g|");
  private static final Law SIGN = ONE_RATIO.error("median 0.1–6 %, at most 28 %");
  private static final Law SLOPE =
      ONE_RATIO
          .error("exact where noise dominates; at most 12 % in the mean")
          .source("kexue.fm 10542; theory.md §2");

  static final Quantity OPTIMAL_LR =
      new Quantity(
          "optimal-lr",
          "best learning rate of one step, by method",
          Inputs.andPoint(Inputs.BETA1, Inputs.BATCH),
          law(NoiseScale.ONE_STEP, "sgd", "η_max/(1 + B_noise/B)")
              .is(v -> sgd(point(v), v.batch())),
          law(NoiseScale.ONE_STEP, "sgdm", "η_max/(1 + r·B_noise/B)")
              .is(v -> sgdm(point(v), v.beta1(), v.batch())),
          law(SIGN, "sign_sgd", "Σ|g|/(T/β + β(P − T))").is(v -> signSgd(point(v), v.batch())),
          law(SLOPE, "sign_sgd_erf", "the same with (π/2)·B_simple")
              .is(v -> signSgdErf(point(v), v.batch())),
          law(SIGN, "signum", "SignSGD's with r·B_simple")
              .is(v -> signum(point(v), v.beta1(), v.batch())),
          law(SLOPE, "signum_erf", "the same with r·(π/2)·B_simple")
              .is(v -> signumErf(point(v), v.beta1(), v.batch())),
          law(ONE_RATIO, "adam", "Σ|g|/(rT/β + β(P − rT))")
              .error("median at most 13 %, at most 41 %")
              .is(v -> adam(point(v), v.beta1(), v.batch())),
          law(ONE_RATIO, "adam_long_momentum", "beta1 → 1, ‖g‖₁·√(1 + B_simple/B)/P")
              .error("a limit of the mean field")
              .is(v -> adamLongMomentum(point(v), v.batch())));

  private static final Law SOFT =
      NoiseScale.ONE_STEP.valid(NoiseScale.INDEPENDENT).source("kexue.fm 10563 (14); theory.md §3");

  static final Quantity SOFTSIGN_LR =
      new Quantity(
          "softsign-lr",
          "best learning rate of one SoftSign step, its surge and its limit ε → ∞",
          Inputs.andPoint(
              number("alignment", "Σν_i·g_i, ν = softsign(g, ε)", Domain.POSITIVE, 21.2),
              number("soft-curvature", "νᵀHν", Domain.POSITIVE, 30),
              number("kappa-square", "mean of σ_i²/(g_i² + ε²)", Domain.NON_NEGATIVE, 8),
              number("sigma-square", "mean of σ_i²", Domain.NON_NEGATIVE, 16),
              Inputs.BATCH),
          law(SOFT, "strength", "β = 1/√(1 + πκ²/(2B))")
              .in(Unit.SHARE)
              .error("−11.6…+10.4 % in the mean direction")
              .valid("one σ²/(g² + ε²) for all coordinates")
              .source("kexue.fm 10563 (10); theory.md §3")
              .is(OptimalLearningRate::strength),
          law(SOFT, "soft_sign", "βΣν_i·g_i/(β²νᵀHν + (1 − β²)·tr H)")
              .error("exact given (10) and (13); (13) is 0…+80 % high")
              .is(
                  v ->
                      softSign(
                          v.number("alignment"),
                          v.number("soft-curvature"),
                          point(v).curvatureTrace(),
                          strength(v))),
          law(SOFT, "surge", "νᵀHν > 2·tr H: the batch above which it falls")
              .in(Unit.SAMPLES)
              .error("exact algebra of (14); (15) asks for νᵀHν > tr H, which does not suffice")
              .source("kexue.fm 10563 (15), sharpened; theory.md §2.1")
              .is(
                  v ->
                      SurgeThreshold.softSign(
                          v.number("soft-curvature"),
                          point(v).curvatureTrace(),
                          v.number("kappa-square"))),
          law(SOFT, "large_epsilon", "lim η*/ε = gᵀg/(gᵀHg + σ²·tr H/B)")
              .in(Unit.RATE_PER_EPSILON)
              .error("exact in the limit")
              .valid("ε ≫ |g|, σ/√B; one σ for all coordinates")
              .source("kexue.fm 10563 (18), corrected; theory.md §3")
              .is(v -> softSignLargeEpsilon(point(v), v.number("sigma-square"), v.batch())),
          law(SOFT, "large_epsilon_as_printed", "the same with πσ²/(2B) for σ²/B")
              .in(Unit.RATE_PER_EPSILON)
              .error("noise π/2 times too large")
              .valid("never; shown for comparison")
              .source("kexue.fm 10563 (18); theory.md §3")
              .is(
                  v ->
                      softSignLargeEpsilonAsPrinted(
                          point(v), v.number("sigma-square"), v.batch())));

  /** erf(x) ≈ x/√(x² + π/4) has the slope of erf, where the mean field's has √(π/2) times it. */
  private static final double ERF_NOISE = Math.PI / 2;

  private OptimalLearningRate() {}

  /**
   * The definition: E[φ]ᵀg/tr(E[φφᵀ]H).
   *
   * @param alignment E[φ]ᵀg
   * @param curvature tr(E[φφᵀ]H), above 0
   */
  public static double ofMoments(double alignment, double curvature) {
    return Arguments.finite("alignment", alignment) / Arguments.positive("curvature", curvature);
  }

  /**
   * SGD: η_max/(1 + B_noise/B). Exact, for any noise covariance.
   *
   * @param at the point
   * @param batch B, above 0
   */
  public static double sgd(LocalGeometry at, double batch) {
    return at.maximalLearningRate() * NoiseScale.efficiency(at.noiseScaleCurved(), batch);
  }

  /**
   * SGD with normalised momentum: η_max/(1 + r·B_noise/B). Exact at a frozen gradient, for any
   * noise covariance.
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1)
   * @param batch B, above 0
   */
  public static double sgdm(LocalGeometry at, double beta1, double batch) {
    double scale = EffectiveBatch.noiseRatio(beta1) * at.noiseScaleCurved();
    return at.maximalLearningRate() * NoiseScale.efficiency(scale, batch);
  }

  /**
   * SignSGD in mean field: Σ|g_i|/(T/β + β(P − T)).
   *
   * <p>Assumes independent noise a coordinate and one σ_i/|g_i| for all. Stated error: median 0.1–6
   * %, at most 28 %; with noise correlated along H's axes up to 70 %, and more than ×10 for
   * power-law spectra at small B.
   *
   * @param at the point
   * @param batch B, above 0
   */
  public static double signSgd(LocalGeometry at, double batch) {
    return signum(at, 0, batch);
  }

  /**
   * SignSGD with the slope of erf: {@link #signSgd} with (π/2)·B_simple, because the exact mean is
   * erf(g√B/(σ√2)), and erf(x) ≈ x/√(x² + π/4).
   *
   * <p>The mean field overstates the mean by up to 25.3 % (√(π/2)) where noise dominates; this form
   * is exact there, and off by at most 11.6 % between.
   *
   * @param at the point
   * @param batch B, above 0
   */
  public static double signSgdErf(LocalGeometry at, double batch) {
    return signumErf(at, 0, batch);
  }

  /**
   * Signum: {@link #signSgd} with r·B_simple. The same accuracy, at a frozen gradient.
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1)
   * @param batch B, above 0
   */
  public static double signum(LocalGeometry at, double beta1, double batch) {
    double noise = EffectiveBatch.noiseRatio(beta1) * at.noiseScaleSimple();
    return signType(at, 1, NoiseScale.signStrength(noise, batch));
  }

  /**
   * Signum with the slope of erf: {@link #signSgdErf} with r·(π/2)·B_simple.
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1)
   * @param batch B, above 0
   */
  public static double signumErf(LocalGeometry at, double beta1, double batch) {
    double noise = ERF_NOISE * EffectiveBatch.noiseRatio(beta1) * at.noiseScaleSimple();
    return signType(at, 1, NoiseScale.signStrength(noise, batch));
  }

  /**
   * Adam in mean field: Σ|g_i|/(rT/β + β(P − rT)).
   *
   * <p>The mean of the direction is SignSGD's, its second moment (1 − r)β² + r. Assumes independent
   * noise a coordinate, one σ_i/|g_i| for all, beta2 → 1, epsilon = 0. Stated error: median at most
   * 13 %, at most 41 %; where σ_i ∝ |g_i| −1.2 % at beta2 = 0.99 and −4.3 % at 0.95 (beta1 = 0.9),
   * vanishing with 1 − beta2.
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1)
   * @param batch B, above 0
   */
  public static double adam(LocalGeometry at, double beta1, double batch) {
    double strength = NoiseScale.signStrength(at.noiseScaleSimple(), batch);
    return signType(at, EffectiveBatch.noiseRatio(beta1), strength);
  }

  /**
   * Adam for beta1 → 1: ‖g‖₁·√(1 + B_simple/B)/P, which falls with B everywhere. Exact within the
   * mean field.
   *
   * @param at the point
   * @param batch B, above 0
   */
  public static double adamLongMomentum(LocalGeometry at, double batch) {
    double strength = NoiseScale.signStrength(at.noiseScaleSimple(), batch);
    return at.gradientL1() / (strength * at.signCurvature());
  }

  /**
   * SoftSignSGD, φ = g/√(g² + ε²): β·Σν_i·g_i/(β²·νᵀHν + (1 − β²)·tr H), kexue.fm 10563 (14).
   *
   * <p>ν_i = g_i/√(g_i² + ε²), β = {@link SoftSign#strength}. Exact given (10) and (13); those have
   * errors of −11.6…+10.4 % in the mean and 0…+80 % in the second moment.
   *
   * @param alignment Σν_i·g_i
   * @param softCurvature νᵀHν, above 0
   * @param curvatureTrace tr H, above 0
   * @param strength β, in (0, 1]
   */
  public static double softSign(
      double alignment, double softCurvature, double curvatureTrace, double strength) {
    Arguments.positive("softCurvature", softCurvature);
    Arguments.positive("curvatureTrace", curvatureTrace);
    double square = Arguments.positive("strength", strength) * strength;
    Arguments.nonNegative("1 - strength^2", 1 - square);
    return ofMoments(strength * alignment, square * softCurvature + (1 - square) * curvatureTrace);
  }

  /**
   * The limit of η* /ε for ε → ∞, corrected: gᵀg/(gᵀHg + σ²·tr H/B), which is SGD's with Σ = σ²I.
   *
   * @param at the point; its noise trace over the dimension is σ²
   * @param sigmaSquare σ², the mean of σ_i², at least 0
   * @param batch B, above 0
   */
  public static double softSignLargeEpsilon(LocalGeometry at, double sigmaSquare, double batch) {
    return largeEpsilon(at, 1, sigmaSquare, batch);
  }

  /**
   * The same limit as kexue.fm 10563 (18) prints it, with πσ²/(2B) for σ²/B: the noise comes out
   * π/2 times too large, a consequence of (12). Kept to show it.
   *
   * @param at the point
   * @param sigmaSquare σ², the mean of σ_i², at least 0
   * @param batch B, above 0
   */
  public static double softSignLargeEpsilonAsPrinted(
      LocalGeometry at, double sigmaSquare, double batch) {
    return largeEpsilon(at, Math.PI / 2, sigmaSquare, batch);
  }

  private static double largeEpsilon(
      LocalGeometry at, double coefficient, double sigmaSquare, double batch) {
    Arguments.nonNegative("sigmaSquare", sigmaSquare);
    Arguments.positive("batch", batch);
    double noise = coefficient * sigmaSquare * at.curvatureTrace() / batch;
    return at.gradientSquare() / (at.gradientCurvature() + noise);
  }

  /** Σ|g_i|/(qT/β + β(P − qT)), q = 1 for signs and r for Adam. */
  private static double signType(LocalGeometry at, double share, double strength) {
    double diagonal = share * at.curvatureTrace();
    return at.gradientL1() / (diagonal / strength + strength * (at.signCurvature() - diagonal));
  }

  private static double strength(Values v) {
    return SoftSign.strength(v.number("kappa-square"), v.batch());
  }
}
