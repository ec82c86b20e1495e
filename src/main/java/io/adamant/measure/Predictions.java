package io.adamant.measure;

import io.adamant.optim.FusedOptimizer;
import io.adamant.theory.MomentumStart;
import io.adamant.theory.UpdateRms;
import io.adamant.theory.WeightRmsRecursion;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
 * lion           beta2        1             1            &ndash;
 * emasign        &ndash;            &ndash;             &radic;r           recursion
 * sgdm           beta1        &ndash;             &ndash;            &ndash;
 * adavar         beta1        &ndash;             &ndash;            &ndash;
 * muon           beta1        &ndash;             &ndash;            &ndash;
 * others         &ndash;            Monte Carlo   Monte Carlo  recursion, where g's scale is ignored
 * </pre>
 *
 * <p>A dash is {@code null} in {@code metrics.jsonl}: SGD's update has the scale of the gradient,
 * which no theory gives; EMASign's state averages signs, not gradients. A Signum with a mollifier
 * takes no sign any more and has its snr only. With a setting of its average, such as {@code
 * momentum: nesterov}, a type counts among the others. Source: theory.md &sect;1, &sect;4, &sect;5.
 */
final class Predictions {

  private static final Map<String, Function<GroupSettings, UpdateModel>> MODELS =
      Map.of(
          "adamw", Predictions::adam,
          "softsign_adam", Predictions::adam,
          "rmsprop", Predictions::adam,
          "signum", Predictions::signum,
          "signsgd", s -> new SignModel(Optional.empty(), OptionalDouble.of(0)),
          "lion", s -> new SignModel(average(s, "beta2", false), OptionalDouble.empty()),
          "emasign", s -> new EmaSignModel(s.number("beta1", 0)),
          "sgdm", Predictions::sgdm,
          "adavar", s -> new AverageOnly(average(s, "beta1", false)),
          "muon", Predictions::muon);

  private Predictions() {}

  /** The model of an optimizer; for a type that is not in the table, its kernel's Monte Carlo. */
  static UpdateModel of(FusedOptimizer optimizer) {
    String type = optimizer.definition().type();
    return MODELS.containsKey(type) && optimizer.asFormula()
        ? of(type, optimizer.settings())
        : SimulatedModel.of(optimizer.definition(), optimizer.settings());
  }

  /** The model of a type with all its settings. */
  static UpdateModel of(String type, Map<String, Object> settings) {
    return MODELS.getOrDefault(type, s -> UpdateModel.UNKNOWN).apply(new GroupSettings(settings));
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
    double number(String name, double otherwise) {
      return values.get(name) instanceof Double value ? value : otherwise;
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
