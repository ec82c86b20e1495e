package io.adamant.measure;

import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.Momentum;
import io.adamant.theory.CautiousUpdate;
import io.adamant.theory.Equilibrium;
import io.adamant.theory.MomentumStart;
import io.adamant.theory.NoiseUpdate;
import io.adamant.theory.RatioUpdate;
import io.adamant.theory.SignUpdate;
import io.adamant.theory.UpdateRms;
import io.adamant.theory.WeightRmsRecursion;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Which formulas apply to which optimizer.
 *
 * <pre>
 * type           snr from m   update RMS    pure noise   weight RMS on pure noise
 * adamw          beta1        mean field    &radic;r           recursion (with bias correction)
 * softsign_adam  beta1        mean field    &radic;r           recursion (with bias correction, small eps)
 * rmsprop        &ndash;            mean field    1            recursion (with bias correction)
 * signum         beta1        1             1            recursion
 * signsgd        &ndash;            1             1            recursion
 * lion           beta2        1             1            recursion (stationary)
 * emasign        &ndash;            &ndash;             &radic;r           recursion
 * sgdm           beta1        &ndash;             &ndash;            &ndash;
 * adavar         beta1        &ndash;             &ndash;            &ndash;
 * muon           beta1        &ndash;             &ndash;            &ndash;
 * nadamw, nadam  beta1        exact         exact        recursion
 * ademamix       beta1        exact         exact        recursion; with warm-ups as others
 * adan           beta1        exact         exact        recursion
 * adopt          &ndash;            mean field    exact        recursion (stationary)
 * mars           &ndash;            exact         exact        recursion; only vectors: mars
 * cautious_adamw beta1        &ndash;             exact        recursion (stationary)
 * cautious_lion  beta2        &ndash;             exact        recursion (stationary)
 * others         &ndash;            Monte Carlo   Monte Carlo  recursion, where g's scale is ignored
 * </pre>
 *
 * <p>A dash is {@code null} in {@code metrics.jsonl}: SGD's update has the scale of the gradient,
 * which no theory gives; EMASign's state averages signs, not gradients. A Signum with a mollifier
 * takes no sign any more and has its snr only. With a setting of its average, such as {@code
 * momentum: nesterov}, or a mask a type counts among the others. Source: theory.md &sect;1,
 * &sect;4, &sect;5, &sect;12.
 */
final class Predictions {

  private static final Map<String, Function<GroupSettings, UpdateModel>> MODELS =
      Map.ofEntries(
          Map.entry("adamw", Predictions::adam),
          Map.entry("softsign_adam", Predictions::adam),
          Map.entry("rmsprop", Predictions::adam),
          Map.entry("signum", Predictions::signum),
          Map.entry("signsgd", s -> new SignModel(Optional.empty(), OptionalDouble.of(0))),
          Map.entry("emasign", s -> new EmaSignModel(s.number("beta1", 0))),
          Map.entry("sgdm", Predictions::sgdm),
          Map.entry("adavar", s -> new AverageOnly(average(s, "beta1", false))),
          Map.entry("muon", Predictions::muon),
          Map.entry("lion", s -> lion(s, false)),
          Map.entry("cautious_lion", s -> lion(s, true)),
          Map.entry(
              "cautious_adamw", s -> noise(s, "beta1", new CautiousUpdate(s.beta(1), s.beta(2)))),
          Map.entry("nadamw", s -> ratio(s, RatioUpdate.nadamw(s.beta(1), s.beta(2)))),
          Map.entry("nadam", Predictions::nadam),
          Map.entry("ademamix", Predictions::ademamix),
          Map.entry("mars", Predictions::mars),
          Map.entry("adan", s -> ratio(s, RatioUpdate.adan(s.beta(1), s.beta(2), s.beta(3)))),
          Map.entry("adopt", Predictions::adopt));

  /** Of these types and settings, whose formulas are integrals. */
  private static final Map<Map.Entry<String, GroupSettings>, UpdateModel> KNOWN =
      new ConcurrentHashMap<>();

  private Predictions() {}

  /** The model of an optimizer; where there is no formula, its kernel's Monte Carlo. */
  static UpdateModel of(FusedOptimizer optimizer) {
    String type = optimizer.definition().type();
    return hasFormula(type, optimizer.settings()) && optimizer.asFormula()
        ? of(type, optimizer.settings())
        : SimulatedModel.of(optimizer.definition(), optimizer.settings());
  }

  /**
   * How the state m averages gradients, where its step can be undone: read from the rule's own
   * statements, or, of a rule that averages in two branches, from its model. Empty for a state of
   * anything else: a gradient that is divided, clipped or corrected first (adopt, prodigy, mars)
   * cannot be had again from m and g; so is an average that keeps nothing.
   */
  static Optional<MomentumKind> momentum(FusedOptimizer optimizer) {
    GroupSettings s = new GroupSettings(optimizer.settings());
    return optimizer
        .definition()
        .averageOf("m")
        .map(m -> kind(s, m))
        .or(() -> of(optimizer).average().map(MomentumKind::of))
        .filter(kind -> kind.beta() > 0);
  }

  private static MomentumKind kind(GroupSettings s, Momentum m) {
    double beta = s.number(m.beta(), 0);
    boolean dampened = s.values().get(m.dampening()) instanceof Number;
    double share = dampened ? 1 - s.number(m.dampening(), 0) : 1 - beta;
    boolean fromFirst = dampened || s.word("init").equals("gradient");
    return new MomentumKind(beta, share, fromFirst ? 1 : share, !m.averaged().equals("g"));
  }

  /**
   * AdEMAMix's warm-ups have none: weight and memory of its slow average change for thousands of
   * steps.
   */
  private static boolean hasFormula(String type, Map<String, Object> settings) {
    GroupSettings s = new GroupSettings(settings);
    boolean warmingUp = s.number("alpha_warmup", 0) > 0 || s.number("beta3_warmup", 0) > 0;
    return MODELS.containsKey(type) && !warmingUp;
  }

  /** The model of a type with all its settings. */
  static UpdateModel of(String type, Map<String, Object> settings) {
    GroupSettings s = new GroupSettings(settings);
    return KNOWN.computeIfAbsent(
        Map.entry(type, s), key -> MODELS.getOrDefault(type, any -> UpdateModel.UNKNOWN).apply(s));
  }

  private static UpdateModel noise(GroupSettings s, String beta, NoiseUpdate update) {
    return new NoiseModel(update, average(s, beta, false), Optional.empty());
  }

  private static UpdateModel ratio(GroupSettings s, RatioUpdate update) {
    return new NoiseModel(update, average(s, "beta1", false), Optional.of(update::meanSquare));
  }

  private static UpdateModel lion(GroupSettings s, boolean cautious) {
    return noise(s, "beta2", SignUpdate.lion(s.beta(1), s.beta(2), cautious));
  }

  /** Its coefficient grows to beta1, unless momentum_decay keeps it at half of that. */
  private static UpdateModel nadam(GroupSettings s) {
    double coefficient = s.number("momentum_decay", 0) > 0 ? s.beta(1) : s.beta(1) / 2;
    return ratio(s, RatioUpdate.nadam(s.beta(1), s.beta(2), coefficient));
  }

  private static UpdateModel ademamix(GroupSettings s) {
    double alpha = s.number("alpha", 0);
    return ratio(s, RatioUpdate.ademamix(s.beta(1), s.beta(2), s.beta(3), alpha));
  }

  /** Else vectors go by AdamW. Its m averages other gradients than the run's. */
  private static UpdateModel mars(GroupSettings s) {
    if (!s.word("vectors").equals("mars") || !s.word("form").equals("adamw")) {
      return UpdateModel.UNKNOWN;
    }
    RatioUpdate update = RatioUpdate.mars(s.beta(1), s.beta(2), s.number("gamma", 0));
    return new NoiseModel(update, Optional.empty(), Optional.of(update::meanSquare));
  }

  /** The mean field with a signal. Its m averages g/&radic;v. */
  private static UpdateModel adopt(GroupSettings s) {
    NoiseUpdate update = Equilibrium.adopt(s.beta(1), s.beta(2));
    double second = update.rms() / UpdateRms.parameterFree(s.beta(1));
    return new NoiseModel(
        update,
        Optional.empty(),
        Optional.of(snr -> Math.pow(second * UpdateRms.meanField(s.beta(1), snr), 2)));
  }

  private static UpdateModel adam(GroupSettings s) {
    boolean fromGradient = s.word("init").equals("gradient");
    return new AdamModel(
        s.number("beta1", 0),
        s.number("beta2", 0),
        s.number("eps", 0),
        s.word("denominator").equals("inside"),
        s.flag("bias_correction") && !fromGradient,
        fromGradient);
  }

  private static UpdateModel signum(GroupSettings s) {
    Optional<GradientAverage> m = average(s, "beta1", s.word("init").equals("gradient"));
    return s.number("mollifier", 0) > 0
        ? new AverageOnly(m)
        : new SignModel(m, OptionalDouble.of(s.number("beta1", 0)));
  }

  /** A dampening other than {@code ema} and beta1 gives m another scale than the gradient's. */
  private static UpdateModel sgdm(GroupSettings s) {
    Object dampening = s.values().getOrDefault("dampening", "ema");
    double beta1 = s.number("beta1", 0);
    boolean torch = dampening.equals(beta1);
    return torch || dampening.equals("ema")
        ? new AverageOnly(average(s, "beta1", torch))
        : UpdateModel.UNKNOWN;
  }

  /** Vectors go by AdamW, so m is one kind of average only if the two coefficients agree. */
  private static UpdateModel muon(GroupSettings s) {
    double beta1 = s.number("beta1", 0);
    return s.number("adam_beta1", beta1) == beta1
        ? new AverageOnly(average(s, "beta1", false))
        : UpdateModel.UNKNOWN;
  }

  private static Optional<GradientAverage> average(
      GroupSettings s, String beta, boolean fromGradient) {
    return Optional.of(new GradientAverage(s.number(beta, 0), fromGradient));
  }

  /** Resolved settings of an optimizer, some of which its type may lack. */
  private record GroupSettings(Map<String, Object> values) {
    double beta(int number) {
      return number("beta" + number, 0);
    }

    double number(String name, double otherwise) {
      return values.get(name) instanceof Number value ? value.doubleValue() : otherwise;
    }

    boolean flag(String name) {
      return Boolean.TRUE.equals(values.get(name));
    }

    String word(String name) {
      return values.get(name) instanceof String value ? value : "";
    }
  }

  /** A momentum that tells the snr, and an update that theory says nothing about. */
  private record AverageOnly(Optional<GradientAverage> average) implements UpdateModel {}

  /** The moving average of sign(g), which on pure noise is a moving average of &plusmn;1. */
  private record EmaSignModel(double beta1) implements UpdateModel {
    @Override
    public OptionalDouble freeRms() {
      return OptionalDouble.of(UpdateRms.emaSign(beta1, 0));
    }

    @Override
    public Optional<WeightRmsRecursion> weights(double initialRms) {
      return Optional.of(WeightRmsRecursion.emaSign(beta1, 0, initialRms, MomentumStart.ZERO));
    }
  }
}
