package io.adamant.theory;

import java.util.ArrayList;
import java.util.List;

/**
 * Every formula for batch size, learning rate, surge and soft sign, evaluated, with its error,
 * validity and source; for tables, JSON and charts. The formulas themselves are in the classes
 * named.
 *
 * <p>The lists cannot be modified. Arguments are checked by the formulas.
 */
public final class LearningRateCatalogue {

  private static final String ONE_STEP = "one step at a frozen point of a quadratic loss";
  private static final String INDEPENDENT = ONE_STEP + ", noise independent over coordinates";
  private static final String EMA = "kexue.fm 11301; theory.md §2";
  private static final String SURGE = "kexue.fm 11301; theory.md §2.1";
  private static final String SOFT = "x in units of σ/√B, Gaussian noise";

  private LearningRateCatalogue() {}

  /**
   * The noise scales at a point, and what they say of a batch, see {@link NoiseScale}.
   *
   * @param at the point; its noise must not vanish
   * @param batch B, above 0
   */
  public static List<Formula> noiseScale(LocalGeometry at, double batch) {
    double curved = at.noiseScaleCurved();
    return List.of(
        exact("simple", "B_simple = tr Σ/gᵀg", at.noiseScaleSimple(), Unit.SAMPLES, "a definition"),
        exact("curved", "B_noise = tr(ΣH)/gᵀHg", curved, Unit.SAMPLES, "a definition"),
        exact(
            "maximal_learning_rate",
            "η_max = gᵀg/gᵀHg",
            at.maximalLearningRate(),
            Unit.LEARNING_RATE,
            ONE_STEP),
        exact(
            "maximal_loss_decrease",
            "ΔL_max = (gᵀg)²/(2gᵀHg)",
            NoiseScale.maximalLossDecrease(at.gradientSquare(), at.gradientCurvature()),
            Unit.LOSS,
            ONE_STEP),
        exact(
            "efficiency",
            "share of η_max and of ΔL_max kept, 1/(1 + B_noise/B)",
            NoiseScale.efficiency(curved, batch),
            Unit.SHARE,
            ONE_STEP + ", SGD"),
        exact(
            "relative_steps",
            "S/S_min = 1 + B_noise/B",
            NoiseScale.relativeSteps(curved, batch),
            Unit.RATIO,
            "SGD, B_noise constant over the run"),
        exact(
            "relative_samples",
            "E/E_min = 1 + B/B_noise",
            NoiseScale.relativeSamples(curved, batch),
            Unit.RATIO,
            "SGD, B_noise constant over the run"));
  }

  /**
   * How momentum enlarges the batch, see {@link EffectiveBatch} and {@link LongRun}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param batch B, above 0
   */
  public static List<Formula> batchMagnification(double beta1, double batch) {
    String frozen = ONE_STEP + "; not a whole run (theory.md §2.3)";
    return List.of(
        exact(
            "noise_ratio",
            "r = (1 − beta1)/(1 + beta1)",
            EffectiveBatch.noiseRatio(beta1),
            Unit.VARIANCES,
            "independent gradients, t ≫ 1/(1 − beta1)"),
        exact(
            "magnification",
            "(1 + beta1)/(1 − beta1)",
            EffectiveBatch.magnification(beta1),
            Unit.RATIO,
            frozen),
        exact(
            "effective_batch",
            "B(1 + beta1)/(1 − beta1)",
            EffectiveBatch.effectiveBatch(beta1, batch),
            Unit.SAMPLES,
            frozen),
        new Formula(
            "long_run_signum_rate_ratio",
            "best rate of Signum over SignSGD's in a noisy run, 1/√c(beta1)",
            LongRun.signumRateRatio(beta1),
            Unit.RATIO,
            "measured 0.27–0.30 at small B for beta1 = 0.9, rising to 0.8–0.9 at huge B",
            "noise dominates, many steps",
            "theory.md §2.3"));
  }

  /**
   * The one-step optimal learning rate of every method, see {@link OptimalLearningRate}.
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1)
   * @param batch B, above 0
   */
  public static List<Formula> optimalLearningRate(LocalGeometry at, double beta1, double batch) {
    String sign = "median 0.1–6 %, at most 28 %";
    String slope = "exact where noise dominates; at most 12 % in the mean";
    String oneRatio = INDEPENDENT + ", one σ/|g|";
    return List.of(
        exact(
            "sgd",
            "η_max/(1 + B_noise/B)",
            OptimalLearningRate.sgd(at, batch),
            Unit.LEARNING_RATE,
            ONE_STEP),
        exact(
            "sgdm",
            "η_max/(1 + r·B_noise/B)",
            OptimalLearningRate.sgdm(at, beta1, batch),
            Unit.LEARNING_RATE,
            ONE_STEP),
        law("sign_sgd", "Σ|g|/(T/β + β(P − T))", OptimalLearningRate.signSgd(at, batch), sign),
        new Formula(
            "sign_sgd_erf",
            "the same with (π/2)·B_simple",
            OptimalLearningRate.signSgdErf(at, batch),
            Unit.LEARNING_RATE,
            slope,
            oneRatio,
            "kexue.fm 10542; theory.md §2"),
        law(
            "signum",
            "SignSGD's with r·B_simple",
            OptimalLearningRate.signum(at, beta1, batch),
            sign),
        new Formula(
            "signum_erf",
            "the same with r·(π/2)·B_simple",
            OptimalLearningRate.signumErf(at, beta1, batch),
            Unit.LEARNING_RATE,
            slope,
            oneRatio,
            "kexue.fm 10542; theory.md §2"),
        law(
            "adam",
            "Σ|g|/(rT/β + β(P − rT))",
            OptimalLearningRate.adam(at, beta1, batch),
            "median at most 13 %, at most 41 %"),
        law(
            "adam_long_momentum",
            "beta1 → 1, ‖g‖₁·√(1 + B_simple/B)/P",
            OptimalLearningRate.adamLongMomentum(at, batch),
            "a limit of the mean field"));
  }

  /**
   * The batch sizes above which the one-step optimal rate falls, see {@link SurgeThreshold};
   * infinite where it never does.
   *
   * @param at the point
   * @param beta1 momentum coefficient, in [0, 1)
   */
  public static List<Formula> surge(LocalGeometry at, double beta1) {
    String algebra = "exact algebra of the mean field";
    String oneRatio = INDEPENDENT + ", Gaussian, σ ∝ |g|";
    String derived = "derived here; theory.md §2.1";
    return List.of(
        new Formula(
            "sign_sgd",
            "P > 2T: B_simple·T/(P − 2T)",
            SurgeThreshold.signum(at, 0),
            Unit.SAMPLES,
            algebra,
            INDEPENDENT,
            SURGE),
        new Formula(
            "signum",
            "P > 2T: r·B_simple·T/(P − 2T)",
            SurgeThreshold.signum(at, beta1),
            Unit.SAMPLES,
            algebra,
            INDEPENDENT,
            SURGE),
        new Formula(
            "sign_sgd_erf",
            "P > 2T: 2z²·B_simple, erf(z) = √(T/(P − T))",
            SurgeThreshold.signumErf(at, 0),
            Unit.SAMPLES,
            "exact",
            oneRatio,
            derived),
        new Formula(
            "signum_erf",
            "P > 2T: 2z²·r·B_simple, erf(z) = √(T/(P − T))",
            SurgeThreshold.signumErf(at, beta1),
            Unit.SAMPLES,
            "exact",
            oneRatio,
            derived),
        new Formula(
            "adam",
            "P > 2rT: B_simple·rT/(P − 2rT)",
            SurgeThreshold.adam(at, beta1),
            Unit.SAMPLES,
            algebra,
            INDEPENDENT,
            SURGE),
        new Formula(
            "adam_diagonal",
            "beta1 > 1/3: (1 − beta1)/(3·beta1 − 1)·B_simple",
            SurgeThreshold.adamDiagonal(beta1, at.noiseScaleSimple()),
            Unit.SAMPLES,
            "sharp where σ ∝ |g|; else falls of 1 % (beta1 = 0.2) and 3.4 % (0.3) were measured",
            INDEPENDENT + ", diagonal Hessian",
            SURGE),
        new Formula(
            "adam_diagonal_fall",
            "share of the largest rate lost for B → ∞, 1 − 2√(r(1 − r))",
            SurgeThreshold.adamDiagonalFall(beta1),
            Unit.SHARE,
            "5.7, 37.1, 55.3 % where 6.2, 37.9, 55.9 % were measured (beta1 = 0.5, 0.8, 0.9)",
            INDEPENDENT + ", diagonal Hessian, σ ∝ |g|",
            SURGE));
  }

  /**
   * Moments of the soft sign, see {@link SoftSign}.
   *
   * @param a g√B/σ, finite
   * @param b ε√B/σ, at least 0; at 0 the clip and what follows from it are left out
   */
  public static List<Formula> softSign(double a, double b) {
    List<Formula> moments = new ArrayList<>(smoothSoftSign(a, b));
    if (b > 0) {
      moments.addAll(clippedSoftSign(a, b));
    }
    return List.copyOf(moments);
  }

  private static List<Formula> smoothSoftSign(double a, double b) {
    return List.of(
        soft(
            "mean", "E x/√(x² + b²), quadrature", SoftSign.mean(a, b), Unit.UPDATE, "exact", "(1)"),
        soft(
            "mean_outside",
            "E x/(|x| + b), quadrature",
            SoftSign.meanOutside(a, b),
            Unit.UPDATE,
            "exact for ε outside the root",
            "(1)"),
        soft(
            "mean_approximate",
            "a/√(a² + b² + π/2)",
            SoftSign.meanApproximate(a, b),
            Unit.UPDATE,
            "−11.6…+10.4 %, median 0.7 %",
            "(9), second form, (10)"),
        soft(
            "mean_mean_field",
            "a/√(a² + b² + 1)",
            SoftSign.meanMeanField(a, b),
            Unit.UPDATE,
            "−6…+29 %",
            "mean field"),
        soft(
            "second",
            "E x²/(x² + b²), quadrature",
            SoftSign.second(a, b),
            Unit.UPDATE_SQUARE,
            "exact",
            "(11)"),
        soft(
            "second_outside",
            "E x²/(|x| + b)², quadrature",
            SoftSign.secondOutside(a, b),
            Unit.UPDATE_SQUARE,
            "exact for ε outside the root",
            "(11)"),
        soft(
            "second_approximate",
            "1 − b²/(a² + b² + π/2)",
            SoftSign.secondApproximate(a, b),
            Unit.UPDATE_SQUARE,
            "0…+80 %, median 8 %",
            "(12)"),
        soft(
            "second_mean_field",
            "(a² + 1)/(a² + b² + 1)",
            SoftSign.secondMeanField(a, b),
            Unit.UPDATE_SQUARE,
            "0…+47 %, exact for b → ∞",
            "mean field"),
        soft(
            "scaled_variance",
            "b²·Var; 1 for b → ∞, where (17) has π/2",
            SoftSign.scaledVariance(a, b),
            Unit.RATIO,
            "exact",
            "(17), corrected"));
  }

  private static List<Formula> clippedSoftSign(double a, double b) {
    return List.of(
        soft(
            "mean_clip",
            "E clip(x/b), closed form",
            SoftSign.clipMean(a, b),
            Unit.UPDATE,
            "0…+40.8 %, median 1.1 %",
            "(8)"),
        soft(
            "mean_slope",
            "a/√(a² + b²/erf(b/√2)²)",
            SoftSign.meanBySlope(a, b),
            Unit.UPDATE,
            "−11.6…+23.4 %, median 1.1 %",
            "(9), first form"),
        soft(
            "second_clip",
            "E clip(x/b)², closed form",
            SoftSign.clipSecond(a, b),
            Unit.UPDATE_SQUARE,
            "0…+98 %",
            "(11)"));
  }

  private static Formula exact(String key, String title, double value, Unit unit, String validity) {
    return new Formula(key, title, value, unit, "exact", validity, EMA);
  }

  private static Formula law(String key, String title, double value, String error) {
    return new Formula(
        key, title, value, Unit.LEARNING_RATE, error, INDEPENDENT + ", one σ/|g|", EMA);
  }

  private static Formula soft(
      String key, String title, double value, Unit unit, String error, String equation) {
    return new Formula(
        key, title, value, unit, error, SOFT, "kexue.fm 10563 " + equation + "; theory.md §3");
  }
}
