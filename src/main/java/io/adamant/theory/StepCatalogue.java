package io.adamant.theory;

import java.util.ArrayList;
import java.util.List;

/**
 * Every formula for momentum over steps, the soft sign's learning rate and sums under decay; for
 * tables, JSON and charts. The formulas themselves are in the classes named.
 *
 * <p>The lists cannot be modified. Arguments are checked by the formulas.
 */
public final class StepCatalogue {

  private static final String ARTICLE = "kexue.fm 10563 ";
  private static final String WEIGHTS = "kexue.fm 11307 ";
  private static final String ONE_STEP =
      "one step at a frozen point of a quadratic loss, noise independent over coordinates";

  private StepCatalogue() {}

  /**
   * How momentum enlarges the batch, with what it does t steps after a start from zero.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param batch B, above 0
   * @param steps steps t, at least 1
   */
  public static List<Formula> batchMagnification(double beta1, double batch, long steps) {
    List<Formula> formulas =
        new ArrayList<>(LearningRateCatalogue.batchMagnification(beta1, batch));
    formulas.add(
        new Formula(
            "noise_ratio_after",
            "variance kept after t steps from zero, r(1 − beta1^{2t})",
            EffectiveBatch.noiseRatioAfter(beta1, steps),
            Unit.VARIANCES,
            "exact",
            "independent gradients",
            "kexue.fm 11301; theory.md §2"));
    formulas.add(
        new Formula(
            "mean_after",
            "mean held after t steps from zero, 1 − beta1^t",
            EffectiveBatch.meanAfter(beta1, steps),
            Unit.SHARE,
            "exact",
            "a gradient that does not move, no bias correction",
            "kexue.fm 11301; theory.md §2"));
    return List.copyOf(formulas);
  }

  /**
   * SoftSignSGD's best rate of one step and what follows from it, see {@link
   * OptimalLearningRate#softSign} and {@link SurgeThreshold#softSign}.
   *
   * @param at the point
   * @param alignment Σν_i·g_i
   * @param softCurvature νᵀHν, above 0
   * @param kappaSquare κ², at least 0
   * @param sigmaSquare mean of σ_i², at least 0
   * @param batch B, above 0
   */
  public static List<Formula> softSignLearningRate(
      LocalGeometry at,
      double alignment,
      double softCurvature,
      double kappaSquare,
      double sigmaSquare,
      double batch) {
    double trace = at.curvatureTrace();
    double strength = SoftSign.strength(kappaSquare, batch);
    return List.of(
        new Formula(
            "strength",
            "β = 1/√(1 + πκ²/(2B))",
            strength,
            Unit.SHARE,
            "−11.6…+10.4 % in the mean direction",
            "one σ²/(g² + ε²) for all coordinates",
            ARTICLE + "(10); theory.md §3"),
        new Formula(
            "soft_sign",
            "βΣν_i·g_i/(β²νᵀHν + (1 − β²)·tr H)",
            OptimalLearningRate.softSign(alignment, softCurvature, trace, strength),
            Unit.LEARNING_RATE,
            "exact given (10) and (13); (13) is 0…+80 % high",
            ONE_STEP,
            ARTICLE + "(14); theory.md §3"),
        new Formula(
            "surge",
            "νᵀHν > 2·tr H: the batch above which it falls",
            SurgeThreshold.softSign(softCurvature, trace, kappaSquare),
            Unit.SAMPLES,
            "exact algebra of (14); (15) asks for νᵀHν > tr H, which does not suffice",
            ONE_STEP,
            ARTICLE + "(15), sharpened; theory.md §2.1"),
        new Formula(
            "large_epsilon",
            "lim η*/ε = gᵀg/(gᵀHg + σ²·tr H/B)",
            OptimalLearningRate.softSignLargeEpsilon(at, sigmaSquare, batch),
            Unit.RATE_PER_EPSILON,
            "exact in the limit",
            "ε ≫ |g|, σ/√B; one σ for all coordinates",
            ARTICLE + "(18), corrected; theory.md §3"),
        new Formula(
            "large_epsilon_as_printed",
            "the same with πσ²/(2B) for σ²/B",
            OptimalLearningRate.softSignLargeEpsilonAsPrinted(at, sigmaSquare, batch),
            Unit.RATE_PER_EPSILON,
            "noise π/2 times too large",
            "never; shown for comparison",
            ARTICLE + "(18); theory.md §3"));
  }

  /**
   * The stationary variance of a weight under SGD with momentum, see {@link LongRun}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param curvature h, above 0
   * @param noiseVariance s², at least 0
   */
  public static List<Formula> sgdmVariance(
      double beta1, double lr, double curvature, double noiseVariance) {
    String source = "theory.md §2.3";
    return List.of(
        new Formula(
            "stationary",
            "lr·s²/(h(2 − lr·h·r))",
            LongRun.sgdmVariance(beta1, lr, curvature, noiseVariance),
            Unit.WEIGHT_SQUARE,
            "exact",
            "quadratic loss, independent noise, many steps",
            source),
        new Formula(
            "small_rate",
            "lr·s²/(2h), for every beta1",
            lr * noiseVariance / (2 * curvature),
            Unit.WEIGHT_SQUARE,
            "a limit: low by lr·h·r/2 of the value",
            "lr·h·r ≪ 2",
            source));
  }

  /**
   * The sums under decay weights, see {@link DecaySums}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   * @param lr learning rate, above 0
   * @param weightDecay decay, above 0, with lr·weightDecay &lt; 1
   * @param steps steps t, at least 1
   */
  public static List<Formula> decaySums(
      double beta1, double beta2, double lr, double weightDecay, long steps) {
    String zero = "averages from zero, no bias correction";
    return List.of(
        new Formula(
            "mean_of_m",
            "E m̄/μ under decay weights",
            DecaySums.averagedMean(beta1, lr, weightDecay, steps),
            Unit.RATIO,
            "exact",
            zero,
            WEIGHTS + "(12), hats removed; theory.md §5"),
        new Formula(
            "mean_of_v",
            "E v̄/(μ² + σ²) under decay weights, (13); the article puts 1",
            DecaySums.averagedMean(beta2, lr, weightDecay, steps),
            Unit.RATIO,
            "exact",
            zero,
            WEIGHTS + "(13); theory.md §5"),
        new Formula(
            "variance_of_m",
            "Var m̄/σ² under decay weights, (14)",
            DecaySums.averagedVariance(beta1, lr, weightDecay, steps),
            Unit.VARIANCES,
            "exact",
            zero,
            WEIGHTS + "(14); theory.md §5"),
        new Formula(
            "variance_approximate",
            "(1 − c)(1 + c^t)/(2(1 − c^t)), c = 1 − lr·weightDecay",
            DecaySums.averagedVarianceApproximate(lr, weightDecay, steps),
            Unit.VARIANCES,
            "+7.3 % at beta1 = 0.9, lr·weightDecay = 1e-4, t = 200; +19…36 % at (0.95, 0.01)",
            "t ≫ 1/(1 − beta1) and lr·weightDecay ≪ 1 − beta1",
            WEIGHTS + "(14), simplified; theory.md §5"));
  }

  /**
   * The weight RMS at the end of a scheduled run, by the recursion, the only form that knows one.
   *
   * @param recursion before its first step
   * @param schedule course of the rate
   * @param lr peak rate
   * @param weightDecay decay, with lr·weightDecay &lt; 1
   * @param steps T
   * @param warmup W, below T
   */
  public static List<Formula> scheduled(
      WeightRmsRecursion recursion,
      RateSchedule schedule,
      double lr,
      double weightDecay,
      long steps,
      long warmup) {
    Arguments.shrink(lr, weightDecay);
    for (long t = 1; t <= steps; t++) {
      recursion.advance(schedule.at(lr, t, steps, warmup), weightDecay);
    }
    return List.of(
        new Formula(
            "recursion",
            "recursion over the schedule",
            recursion.rms(),
            Unit.WEIGHT,
            "about 1 % for AdamW at snr up to 0.1; 0.5 % for Signum",
            "any schedule of rate and decay",
            "derived here; theory.md §5"));
  }
}
