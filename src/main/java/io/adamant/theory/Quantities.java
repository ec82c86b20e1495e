package io.adamant.theory;

import static io.adamant.theory.Parameter.choice;
import static io.adamant.theory.Parameter.number;

import io.adamant.base.InputException;
import io.adamant.theory.Parameter.Domain;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** All quantities, each with its inputs, for commands: one entry makes one {@code theory NAME}. */
public final class Quantities {

  private static final Parameter BETA1 = number("beta1", "momentum coefficient", Domain.BETA, 0.9);
  private static final Parameter BETA2 =
      number("beta2", "second-moment coefficient", Domain.BETA, 0.95);
  private static final Parameter SNR =
      number("snr", "squared ratio ‖μ‖²/‖σ‖² of gradients", Domain.NON_NEGATIVE, 0);
  private static final Parameter LR = number("lr", "learning rate", Domain.POSITIVE, 0.001);
  private static final Parameter BATCH =
      number("batch", "batch size B (samples)", Domain.POSITIVE, 32);
  private static final Parameter GRADIENT =
      number("gradient", "mean gradient of a coordinate", Domain.FINITE, 0.5);

  /** A point at which 30 coordinates have |g| = 1, H = 2I and B_simple = B_noise = 16. */
  private static final List<Parameter> POINT =
      List.of(
          number("gradient-square", "gᵀg", Domain.POSITIVE, 30),
          number("gradient-curvature", "gᵀHg", Domain.POSITIVE, 60),
          number("noise-trace", "tr Σ of one sample's gradient", Domain.POSITIVE, 480),
          number("noise-curvature", "tr(ΣH)", Domain.POSITIVE, 960),
          number("gradient-l1", "Σ|g_i|", Domain.POSITIVE, 30),
          number("curvature-trace", "T = tr H", Domain.POSITIVE, 60),
          number("sign-curvature", "P = Σ H_ij·sign(g_i·g_j)", Domain.POSITIVE, 60));

  private Quantities() {}

  /** All of them, in the order of the documentation. */
  public static List<Quantity> all() {
    List<Quantity> all = new ArrayList<>();
    all.add(
        new Quantity(
            "update-rms",
            "RMS of an optimizer's update on independent gradients",
            List.of(BETA1, BETA2, SNR),
            v -> UpdateCatalogue.updateRms(v.number("beta1"), v.number("beta2"), v.number("snr"))));
    all.add(
        new Quantity(
            "snr",
            "signal-to-noise ratio behind a measured update or momentum",
            List.of(
                BETA1,
                number("update-rms", "measured RMS(u)", Domain.BETA, 0.25),
                number("momentum-ratio", "measured ‖m‖/‖g‖", Domain.BETA, 0.25)),
            Quantities::snr));
    all.add(
        new Quantity(
            "sup-update",
            "largest update that Adam can make in one coordinate",
            List.of(BETA1, BETA2, steps(1000)),
            v ->
                UpdateCatalogue.supUpdate(v.number("beta1"), v.number("beta2"), v.whole("steps"))));
    all.add(
        new Quantity(
            "weight-rms",
            "RMS of weights under decoupled decay, without a task",
            List.of(
                choice("optimizer", "whose weights", "adamw", "signum"),
                BETA1,
                BETA2,
                SNR,
                LR,
                number("weight-decay", "decoupled decay", Domain.NON_NEGATIVE, 0.1),
                steps(100_000),
                number("initial-rms", "RMS of the weights at step 0", Domain.NON_NEGATIVE, 0.1),
                choice("schedule", "course of the rate", "constant", "linear", "cosine"),
                number("warmup", "steps of linear warm-up", Domain.WHOLE, 0)),
            Quantities::weightRms));
    all.add(
        new Quantity(
            "total-update",
            "RMS of a gradient's total contribution to all of Adam's updates",
            List.of(BETA1, BETA2),
            v -> WeightCatalogue.totalUpdateContribution(v.number("beta1"), v.number("beta2"))));
    all.add(
        new Quantity(
            "angle",
            "angle in radians that AdamW turns a weight vector a step, in equilibrium",
            List.of(
                BETA1, BETA2, LR, number("weight-decay", "decoupled decay", Domain.POSITIVE, 0.1)),
            v ->
                WeightCatalogue.anglePerStep(
                    v.number("beta1"),
                    v.number("beta2"),
                    v.number("lr"),
                    v.number("weight-decay"))));
    all.add(
        new Quantity(
            "decay-sums",
            "sums under decay weights behind the weight RMS",
            List.of(
                BETA1,
                BETA2,
                LR,
                number("weight-decay", "decoupled decay", Domain.POSITIVE, 0.1),
                steps(1000)),
            v ->
                StepCatalogue.decaySums(
                    v.number("beta1"),
                    v.number("beta2"),
                    v.number("lr"),
                    v.number("weight-decay"),
                    v.whole("steps"))));
    all.add(
        new Quantity(
            "sign-correlation",
            "correlation of Signum's updates over steps",
            List.of(BETA1, SNR, number("lag", "steps apart", Domain.WHOLE, 1)),
            v ->
                DirectionCatalogue.signCorrelation(
                    v.number("beta1"), v.number("snr"), v.whole("lag"))));
    all.add(
        new Quantity(
            "noise-scale",
            "noise scales at a point, and what they say of a batch size",
            with(POINT, BATCH),
            v -> LearningRateCatalogue.noiseScale(point(v), v.number("batch"))));
    all.add(
        new Quantity(
            "batch-magnification",
            "how momentum enlarges the batch, for one step and for a run",
            List.of(BETA1, BATCH, steps(100)),
            v ->
                StepCatalogue.batchMagnification(
                    v.number("beta1"), v.number("batch"), v.whole("steps"))));
    all.add(
        new Quantity(
            "optimal-lr",
            "best learning rate of one step, by method",
            with(POINT, BETA1, BATCH),
            v ->
                LearningRateCatalogue.optimalLearningRate(
                    point(v), v.number("beta1"), v.number("batch"))));
    all.add(
        new Quantity(
            "surge",
            "batch size above which the best rate of one step falls, and how far",
            with(POINT, BETA1),
            v -> LearningRateCatalogue.surge(point(v), v.number("beta1"))));
    all.add(
        new Quantity(
            "softsign",
            "moments of the soft sign of a noisy gradient",
            List.of(
                GRADIENT,
                number("sigma", "standard deviation of one sample", Domain.POSITIVE, 1),
                number("epsilon", "ε of the denominator", Domain.NON_NEGATIVE, 1),
                number("batch", "batch size B (samples)", Domain.POSITIVE, 1)),
            Quantities::softSign));
    all.add(
        new Quantity(
            "softsign-lr",
            "best learning rate of one SoftSign step, its surge and its limit ε → ∞",
            with(
                POINT,
                number("alignment", "Σν_i·g_i, ν = softsign(g, ε)", Domain.POSITIVE, 21.2),
                number("soft-curvature", "νᵀHν", Domain.POSITIVE, 30),
                number("kappa-square", "mean of σ_i²/(g_i² + ε²)", Domain.NON_NEGATIVE, 8),
                number("sigma-square", "mean of σ_i²", Domain.NON_NEGATIVE, 16),
                BATCH),
            v ->
                StepCatalogue.softSignLearningRate(
                    point(v),
                    v.number("alignment"),
                    v.number("soft-curvature"),
                    v.number("kappa-square"),
                    v.number("sigma-square"),
                    v.number("batch"))));
    all.add(
        new Quantity(
            "sgdm-variance",
            "stationary variance of a weight under SGD with momentum",
            List.of(
                BETA1,
                number("lr", "learning rate", Domain.POSITIVE, 0.3),
                number("curvature", "h of the loss h·w²/2", Domain.POSITIVE, 1),
                number("noise-variance", "s² of the gradient", Domain.NON_NEGATIVE, 1)),
            v ->
                StepCatalogue.sgdmVariance(
                    v.number("beta1"),
                    v.number("lr"),
                    v.number("curvature"),
                    v.number("noise-variance"))));
    all.add(
        new Quantity(
            "equal-betas",
            "equal-beta Adam as inference of mean and variance, and as a trust region",
            List.of(
                number("mean", "m before the gradient", Domain.FINITE, 0.3),
                number("variance", "σ² before the gradient", Domain.POSITIVE, 0.5),
                GRADIENT,
                number("lambda", "λ, with beta = 1/(1 + λ)", Domain.POSITIVE, 0.1)),
            v ->
                DirectionCatalogue.equalBetas(
                    v.number("mean"),
                    v.number("variance"),
                    v.number("gradient"),
                    v.number("lambda"))));
    all.add(
        new Quantity(
            "signal",
            "what equal-beta Adam does to a decaying signal",
            List.of(
                number("beta", "coefficient of both averages", Domain.BETA, 0.95),
                number("decay", "rate of decay a step", Domain.NON_NEGATIVE, 0.0025),
                steps(100)),
            v -> DirectionCatalogue.signal(v.number("beta"), v.number("decay"), v.whole("steps"))));
    return List.copyOf(all);
  }

  /**
   * One by its name.
   *
   * @param name such as {@code update-rms}
   * @throws InputException with one line that names them all
   */
  public static Quantity named(String name) {
    return all().stream()
        .filter(quantity -> quantity.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "no quantity named %s; allowed: %s"
                        .formatted(
                            name,
                            all().stream().map(Quantity::name).collect(Collectors.joining(", ")))));
  }

  /** The point that the parameters of {@link LocalGeometry} describe. */
  static LocalGeometry point(Values v) {
    return new LocalGeometry(
        v.number("gradient-square"),
        v.number("gradient-curvature"),
        v.number("noise-trace"),
        v.number("noise-curvature"),
        v.number("gradient-l1"),
        v.number("curvature-trace"),
        v.number("sign-curvature"));
  }

  private static List<Formula> snr(Values v) {
    double beta1 = v.number("beta1");
    List<Formula> both = new ArrayList<>();
    both.addAll(UpdateCatalogue.snrFromUpdateRms(beta1, v.number("update-rms")));
    both.addAll(UpdateCatalogue.snrFromMomentum(beta1, v.number("momentum-ratio")));
    return both;
  }

  private static List<Formula> weightRms(Values v) {
    double beta1 = v.number("beta1");
    double snr = v.number("snr");
    double lr = v.number("lr");
    double weightDecay = v.number("weight-decay");
    double initialRms = v.number("initial-rms");
    long steps = v.whole("steps");
    boolean adamw = v.text("optimizer").equals("adamw");
    RateSchedule schedule = RateSchedule.of(v.text("schedule"));
    long warmup = v.whole("warmup");
    if (schedule != RateSchedule.CONSTANT || warmup > 0) {
      WeightRmsRecursion recursion =
          adamw
              ? WeightRmsRecursion.adamw(beta1, v.number("beta2"), snr, initialRms)
              : WeightRmsRecursion.signum(beta1, snr, initialRms);
      return StepCatalogue.scheduled(recursion, schedule, lr, weightDecay, steps, warmup);
    }
    return adamw
        ? WeightCatalogue.weightRmsAdamw(
            beta1, v.number("beta2"), snr, lr, weightDecay, steps, initialRms)
        : WeightCatalogue.weightRmsSignum(beta1, snr, lr, weightDecay, steps, initialRms);
  }

  private static List<Formula> softSign(Values v) {
    double scale = Math.sqrt(v.number("batch")) / v.number("sigma");
    double largest = scale * Math.max(Math.abs(v.number("gradient")), v.number("epsilon"));
    if (!(largest <= 1e100)) { // its square would not be a finite number
      throw new InputException(
          "--sigma %s: allowed: at least 1e-100 of gradient and epsilon, times √batch"
              .formatted(v.text("sigma")));
    }
    return LearningRateCatalogue.softSign(
        v.number("gradient") * scale, v.number("epsilon") * scale);
  }

  private static Parameter steps(long fallback) {
    return number("steps", "steps t", Domain.COUNT, (double) fallback);
  }

  private static List<Parameter> with(List<Parameter> first, Parameter... more) {
    List<Parameter> all = new ArrayList<>(List.of(more));
    all.addAll(first);
    return all;
  }
}
