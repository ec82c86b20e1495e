package io.adamant.theory;

import static io.adamant.theory.Law.law;
import static io.adamant.theory.Parameter.choice;
import static io.adamant.theory.Parameter.number;

import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * Updates and weights of many rules on pure noise, where decay and updates balance or the norm is
 * held: what {@link LongRun#ANGLE} and {@link WeightRms} say of AdamW, for any {@link NoiseUpdate}.
 *
 * <p>Source: theory.md §12; rotational equilibrium: Kosson et al., arXiv 2305.17212; held norms:
 * Wen et al., arXiv 2606.16899.
 */
@PublicApi
public final class Equilibrium {

  private static final Law NOISE =
      Law.of(
          Unit.RATIO,
          "pure noise, snr = 0; the state stationary; epsilon = 0",
          "derived here; theory.md §12");
  private static final Law SPREAD =
      NOISE.error("exact for signs and adopt; 1 % for v's beta ≥ 0.8, cautious_adamw 1.5 % ≥ 0.9");
  private static final Law BALANCED =
      SPREAD
          .error("exact for signs and adopt; 0.5 % for v's beta ≥ 0.8, cautious_adamw 0.7 % ≥ 0.9")
          .valid(NOISE.validity() + "; lr·weightDecay·t of 3 or more");

  static final Quantity EQUILIBRIUM =
      new Quantity(
          "equilibrium",
          "updates, weights and angles of many optimizers on pure noise",
          List.of(
              choice(
                  "optimizer",
                  "whose updates",
                  "adamw",
                  "nadamw",
                  "ademamix",
                  "adan",
                  "mars",
                  "adopt",
                  "cautious_adamw",
                  "signum",
                  "lion",
                  "cautious_lion"),
              Inputs.BETA1,
              Inputs.BETA2,
              number("beta3", "of AdEMAMix's slow average, of Adan's v", Domain.BETA, 0.99),
              number("alpha", "weight of AdEMAMix's slow average", Domain.NON_NEGATIVE, 5),
              number("gamma", "MARS's reduction of variance", Domain.NON_NEGATIVE, 0.025),
              Inputs.LR,
              Inputs.DECAY),
          law(NOISE, "update_rms", "RMS(u)").in(Unit.UPDATE).is(v -> of(v).rms()),
          law(SPREAD, "spread", "c = 1 + 2·Σ ρ_k, the correlations of u over steps")
              .is(v -> of(v).spread()),
          law(BALANCED, "weight_rms", "RMS(w) under decay, lr·RMS(u)·√(c(z)/(1 − z²))")
              .in(Unit.WEIGHT)
              .is(v -> of(v).weightRms(v.lr(), v.decay())),
          law(BALANCED, "angle", "a step under decay, near √(2·lr·weightDecay/c)")
              .in(Unit.ANGLE)
              .is(v -> of(v).angle(v.lr(), v.decay())),
          law(BALANCED, "fixed_norm_angle", "a step of lr times the norm of w, which is held")
              .in(Unit.ANGLE)
              .valid(NOISE.validity() + "; c·lr²·t of 6 or more")
              .is(v -> of(v).fixedNormAngle(v.lr())),
          law(BALANCED, "matching_step", "step over a held norm that turns w as fast as decay does")
              .is(v -> of(v).matchingStep(v.lr(), v.decay())));

  private Equilibrium() {}

  private static NoiseUpdate of(Values v) {
    String optimizer = v.text("optimizer");
    return update(optimizer, v::number)
        .orElseThrow(() -> new IllegalStateException("no formula for " + optimizer));
  }

  /**
   * The update of a rule that has a formula here.
   *
   * @param type of the optimizer, such as {@code adamw}
   * @param setting its settings by name: beta1, beta2, beta3, alpha, gamma, tau as far as it has
   *     them
   * @return empty for a type without a formula
   */
  public static Optional<NoiseUpdate> update(String type, ToDoubleFunction<String> setting) {
    IntToDoubleFunction beta = number -> setting.applyAsDouble("beta" + number);
    return switch (type) {
      case "rmsprop" -> Optional.of(RatioUpdate.adamw(0, beta.applyAsDouble(2)));
      case "adavar" -> adavar(beta.applyAsDouble(1), setting);
      case "signsgd" -> Optional.of(SignUpdate.signum(0));
      case "signum" -> Optional.of(SignUpdate.signum(beta.applyAsDouble(1)));
      case "emasign" -> Optional.of(averaged(RatioUpdate.average(beta.applyAsDouble(1)), 1));
      case "adamw",
          "softsign_adam",
          "nadamw",
          "ademamix",
          "adan",
          "mars",
          "adopt",
          "cautious_adamw",
          "lion",
          "cautious_lion" ->
          Optional.of(ofTwo(type, beta.applyAsDouble(1), beta.applyAsDouble(2), setting));
      default -> Optional.empty();
    };
  }

  private static NoiseUpdate ofTwo(
      String type, double beta1, double beta2, ToDoubleFunction<String> setting) {
    return switch (type) {
      case "nadamw" -> RatioUpdate.nadamw(beta1, beta2);
      case "ademamix" ->
          RatioUpdate.ademamix(
              beta1, beta2, setting.applyAsDouble("beta3"), setting.applyAsDouble("alpha"));
      case "adan" -> RatioUpdate.adan(beta1, beta2, setting.applyAsDouble("beta3"));
      case "mars" -> RatioUpdate.mars(beta1, beta2, setting.applyAsDouble("gamma"));
      case "adopt" -> adopt(beta1, beta2);
      case "cautious_adamw" -> new CautiousUpdate(beta1, beta2);
      case "lion" -> SignUpdate.lion(beta1, beta2, false);
      case "cautious_lion" -> SignUpdate.lion(beta1, beta2, true);
      default -> RatioUpdate.adamw(beta1, beta2);
    };
  }

  /** Equal-beta AdamW, by Proposition 1 of §6, where all its coefficients agree. */
  private static Optional<NoiseUpdate> adavar(double beta1, ToDoubleFunction<String> setting) {
    boolean equal =
        setting.applyAsDouble("gamma") == beta1 && setting.applyAsDouble("tau") == beta1;
    return equal ? Optional.of(RatioUpdate.adamw(beta1, beta1)) : Optional.empty();
  }

  /**
   * ADOPT without its clip: the average of g_t/√v_{t−1}. A gradient is independent of the v before
   * it, so what is averaged is uncorrelated noise of variance E 1/v, and c(z) is that of an
   * average: exact.
   *
   * @param beta1 coefficient of the average, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   */
  public static NoiseUpdate adopt(double beta1, double beta2) {
    GeometricSeries average = RatioUpdate.average(beta1);
    Arguments.beta("beta2", beta2);
    return averaged(
        average,
        RatioUpdate.integral(tau -> new RatioUpdate.Tilted(average, 0, beta2, tau).density(0)));
  }

  /** An average of uncorrelated noise: of g_t/√v_{t−1}, or of sign(g_t). */
  private static NoiseUpdate averaged(GeometricSeries average, double variance) {
    GeometricSeries linear = average.autocovariance();
    return new NoiseUpdate() {
      @Override
      public double rms() {
        return Math.sqrt(linear.at(0) * variance);
      }

      @Override
      public double correlation(double discount) {
        return linear.twoSided(discount) / linear.at(0);
      }
    };
  }
}
