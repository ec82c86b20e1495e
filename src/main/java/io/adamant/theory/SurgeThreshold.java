package io.adamant.theory;

import static io.adamant.theory.Inputs.point;
import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import org.apache.commons.math3.special.Erf;

/**
 * The "surge": the batch size B* above which the one-step optimal learning rate of a sign-like
 * method falls, although the batch grows.
 *
 * <p>η* has the denominator D(β) = a/β + b·β, with β = (1 + B_simple/B)^{−1/2} in (0, 1), which is
 * least at β* = √(a/b). It lies inside exactly where b &gt; a; then B* = B_simple/(b/a − 1). Where
 * there is no surge the methods return positive infinity.
 *
 * <p>Status: exact algebra of the mean-field law, and with it a one-step statement: over a run of
 * fixed length every sign-type method shows a surge-like curve, so that it confirms nothing
 * (theory.md §2.3). Where σ_i/|g_i| varies over coordinates the conditions are not sharp: measured
 * falls of 1.0 and 3.4 % at beta1 = 0.2 and 0.3, and of 7.5 and 13 % at 0.4 and 0.5 where the law
 * has 1.0 and 5.7 %.
 *
 * <p>Source: kexue.fm 11301, "General Analysis"; 10563 (15); theory.md §2.1.
 */
@PublicApi
public final class SurgeThreshold {

  private static final Law ALGEBRA =
      Law.of(Unit.SAMPLES, NoiseScale.INDEPENDENT, "kexue.fm 11301; theory.md §2.1")
          .error("exact algebra of the mean field");
  private static final Law ERF =
      ALGEBRA
          .error("exact")
          .valid(NoiseScale.INDEPENDENT + ", Gaussian, σ ∝ |g|")
          .source("derived here; theory.md §2.1");

  static final Quantity SURGE =
      new Quantity(
          "surge",
          "batch size above which the best rate of one step falls, and how far",
          Inputs.andPoint(Inputs.BETA1),
          law(ALGEBRA, "sign_sgd", "P > 2T: B_simple·T/(P − 2T)").is(v -> signum(point(v), 0)),
          law(ALGEBRA, "signum", "P > 2T: r·B_simple·T/(P − 2T)")
              .is(v -> signum(point(v), v.beta1())),
          law(ERF, "sign_sgd_erf", "P > 2T: 2z²·B_simple, erf(z) = √(T/(P − T))")
              .is(v -> signumErf(point(v), 0)),
          law(ERF, "signum_erf", "P > 2T: 2z²·r·B_simple, erf(z) = √(T/(P − T))")
              .is(v -> signumErf(point(v), v.beta1())),
          law(ALGEBRA, "adam", "P > 2rT: B_simple·rT/(P − 2rT)").is(v -> adam(point(v), v.beta1())),
          law(ALGEBRA, "adam_diagonal", "beta1 > 1/3: (1 − beta1)/(3·beta1 − 1)·B_simple")
              .error(
                  "sharp where σ ∝ |g|; else falls of 1 % (beta1 = 0.2) and 3.4 % (0.3) were measured")
              .valid(NoiseScale.INDEPENDENT + ", diagonal Hessian")
              .is(v -> adamDiagonal(v.beta1(), point(v).noiseScaleSimple())),
          law(
                  ALGEBRA,
                  "adam_diagonal_fall",
                  "share of the largest rate lost for B → ∞, 1 − 2√(r(1 − r))")
              .in(Unit.SHARE)
              .error(
                  "5.7, 37.1, 55.3 % where 6.2, 37.9, 55.9 % were measured (beta1 = 0.5, 0.8, 0.9)")
              .valid(NoiseScale.INDEPENDENT + ", diagonal Hessian, σ ∝ |g|")
              .is(v -> adamDiagonalFall(v.beta1())));

  private SurgeThreshold() {}

  /**
   * SignSGD and Signum: a surge iff P &gt; 2T, at B* = r·B_simple·T/(P − 2T).
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1); 0 is SignSGD
   */
  public static double signum(LocalGeometry at, double beta1) {
    double scale = EffectiveBatch.noiseRatio(beta1) * at.noiseScaleSimple();
    return batch(at.curvatureTrace(), at.signCurvature(), scale);
  }

  /**
   * The same with the exact mean of a sign, erf(g√B/(σ√(2r))): B* = 2r·B_simple·z² with erf(z) =
   * √(T/(P − T)). Exact where σ_i ∝ |g_i| and the noise is Gaussian and independent over
   * coordinates; the mean field puts T/(P − 2T) for 2z².
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1); 0 is SignSGD
   */
  public static double signumErf(LocalGeometry at, double beta1) {
    double r = EffectiveBatch.noiseRatio(beta1);
    double strength = at.curvatureTrace() / (at.signCurvature() - at.curvatureTrace());
    if (!(strength > 0 && strength < 1)) {
      return Double.POSITIVE_INFINITY;
    }
    double z = Erf.erfInv(Math.sqrt(strength));
    return 2 * r * at.noiseScaleSimple() * z * z;
  }

  /**
   * Adam: a surge iff P &gt; 2rT, at B* = B_simple·rT/(P − 2rT).
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static double adam(LocalGeometry at, double beta1) {
    double diagonal = EffectiveBatch.noiseRatio(beta1) * at.curvatureTrace();
    return batch(diagonal, at.signCurvature(), at.noiseScaleSimple());
  }

  /**
   * Adam with a diagonal Hessian: a surge iff beta1 &gt; 1/3, at B* = (1 − beta1)/(3·beta1 −
   * 1)·B_simple.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param noiseScale B_simple, at least 0
   */
  public static double adamDiagonal(double beta1, double noiseScale) {
    Arguments.nonNegative("noiseScale", noiseScale);
    return batch(EffectiveBatch.noiseRatio(beta1), 1, noiseScale);
  }

  /**
   * The strength β* = √((1 − beta1)/(2·beta1)) at which Adam's rate with a diagonal Hessian is
   * largest; above 1 there is no surge, and at beta1 = 0 it is infinite.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static double adamDiagonalStrength(double beta1) {
    Arguments.beta("beta1", beta1);
    return Math.sqrt((1 - beta1) / (2 * beta1));
  }

  /**
   * The share of Adam's largest rate with a diagonal Hessian that is lost again for B → ∞: 1 −
   * 2√(r(1 − r)), and 0 without a surge. Measured 6.2, 37.9, 55.9 % at beta1 = 0.5, 0.8, 0.9 where
   * it says 5.7, 37.1, 55.3 %.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static double adamDiagonalFall(double beta1) {
    double r = EffectiveBatch.noiseRatio(beta1);
    return r < 0.5 ? 1 - 2 * Math.sqrt(r * (1 - r)) : 0;
  }

  /**
   * SoftSignSGD: a surge iff νᵀHν &gt; 2·tr H, at B* = (π/2)κ²/((νᵀHν − tr H)/tr H − 1), with κ²
   * the mean of σ_i²/(g_i² + ε²) and ν_i = g_i/√(g_i² + ε²).
   *
   * @param softCurvature νᵀHν, above 0
   * @param curvatureTrace tr H, above 0
   * @param kappaSquare κ², at least 0
   */
  public static double softSign(double softCurvature, double curvatureTrace, double kappaSquare) {
    Arguments.positive("softCurvature", softCurvature);
    Arguments.positive("curvatureTrace", curvatureTrace);
    Arguments.nonNegative("kappaSquare", kappaSquare);
    return batch(curvatureTrace, softCurvature, Math.PI / 2 * kappaSquare);
  }

  /**
   * The condition of kexue.fm 10563 (15), νᵀHν &gt; tr H: necessary for a surge, not sufficient.
   * The sharp one is twice as much, see {@link #softSign}.
   *
   * @param softCurvature νᵀHν
   * @param curvatureTrace tr H
   */
  public static boolean softSignNecessary(double softCurvature, double curvatureTrace) {
    return softCurvature > curvatureTrace;
  }

  /** B* for a = diagonal and b = whole − diagonal. */
  private static double batch(double diagonal, double whole, double noiseScale) {
    double excess = (whole - diagonal) / diagonal - 1;
    return excess > 0 ? noiseScale / excess : Double.POSITIVE_INFINITY;
  }
}
