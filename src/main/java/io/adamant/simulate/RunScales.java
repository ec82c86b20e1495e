package io.adamant.simulate;

import io.adamant.base.InputException;
import io.adamant.config.DecayKind;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.rules.Rules;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What rate &eta;, decay &lambda;, steps T and batch B of a run mean, at the peak of its rate.
 *
 * @param decayForm how long decay takes, as a formula, or why it has no time of its own; empty
 *     without decay
 * @param decaySteps steps over which weights forget by a factor e
 * @param weightRms where decay and pure noise balance
 * @param angle radians that weights turn in a step there, or at a held norm
 * @param momentum coefficient of the longest average of gradients, such as 0.9
 * @param tokensPerStep batch times context
 * @param tokensPerEpoch of the training text; empty where it is not known
 * @param stated how far the theory of RMS and angle is off, or why there is none
 */
public record RunScales(
    String decayForm,
    OptionalDouble decaySteps,
    OptionalDouble weightRms,
    OptionalDouble angle,
    OptionalDouble momentum,
    double tokensPerStep,
    OptionalDouble tokensPerEpoch,
    String stated) {

  private static final List<String> OF_BETA2 = List.of("lion", "cautious_lion");

  /**
   * The scales of a run.
   *
   * @param run resolved or as its file has it
   * @param epochs how often it reads the training text; empty where that is not known
   */
  public static RunScales of(RunConfig run, OptionalDouble epochs) {
    OptimizerConfig optimizer = run.optimizer();
    double rate = optimizer.lr();
    DecayKind kind = DecayKind.of(optimizer.settings().get("decay"));
    boolean held = "hyperball".equals(optimizer.settings().get("constraint"));
    double share = optimizer.decayed(rate);
    OptionalDouble decaySteps =
        held ? OptionalDouble.empty() : decaySteps(optimizer.type(), kind, share);
    Optional<RuleUpdate> update = Optional.empty();
    String stated;
    Map<String, Object> settings = new HashMap<>(optimizer.settings());
    settings.remove("constraint");
    if (RuleUpdate.isFormula(optimizer.type(), settings)) {
      try {
        update = Optional.of(RuleUpdate.of(optimizer.type(), settings));
        stated = update.get().stated();
      } catch (InputException e) {
        stated = e.getMessage();
      }
    } else { // a plan or a report waits for no simulation
      stated = "no formula for the updates of " + optimizer.name();
    }
    boolean balanced =
        !held && RateMatching.ALIKE.contains(kind) && share > 0 && share < 1 && rate > 0;
    double decay = balanced ? share / rate : 0; // as coupled decay
    OptionalDouble weightRms =
        balanced && update.isPresent()
            ? OptionalDouble.of(update.get().update().weightRms(rate, decay))
            : OptionalDouble.empty();
    OptionalDouble angle = OptionalDouble.empty();
    if (balanced && update.isPresent()) {
      angle = OptionalDouble.of(update.get().update().angle(rate, decay));
    } else if (held && rate > 0 && update.isPresent()) {
      angle = OptionalDouble.of(update.get().update().fixedNormAngle(rate));
    }
    return new RunScales(
        held ? "none, the norm is held" : form(optimizer.type(), kind, share),
        decaySteps,
        weightRms,
        angle,
        momentum(optimizer),
        run.tokensPerStep(),
        epochs.isPresent() && epochs.getAsDouble() > 0
            ? OptionalDouble.of(run.tokens() / epochs.getAsDouble())
            : OptionalDouble.empty(),
        stated);
  }

  /** Under cautious decay half of the coordinates are masked, where updates know no weights. */
  private static OptionalDouble decaySteps(String type, DecayKind kind, double share) {
    if (!(share > 0) || (kind == DecayKind.L2 && !ofGradient(type))) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of((kind == DecayKind.CAUTIOUS ? 2 : 1) / share);
  }

  private static String form(String type, DecayKind kind, double share) {
    if (!(share > 0)) {
      return "";
    }
    return switch (kind) {
      case INDEPENDENT -> "1/λ at the peak rate, lr_max/(lr·λ) below";
      case CORRECTED -> "1/(lr·λ) at the peak rate, lr_max/(lr²·λ) below";
      case CAUTIOUS -> "2/(lr·λ), since about half of the coordinates decay in a step";
      case L2 -> ofGradient(type) ? "1/(lr·λ)" : "none of its own, λ·w goes through the rule";
      default -> "1/(lr·λ)";
    };
  }

  private static boolean ofGradient(String type) {
    return type.equals("sgd") || type.equals("sgdm");
  }

  private static OptionalDouble momentum(OptimizerConfig optimizer) {
    String key = OF_BETA2.contains(optimizer.type()) ? "beta2" : "beta1";
    Map<String, Object> all = new HashMap<>();
    if (Rules.types().contains(optimizer.type())) {
      all.putAll(Rules.defaults(optimizer.type()));
    }
    all.putAll(optimizer.settings());
    return all.get(key) instanceof Number beta && beta.doubleValue() < 1
        ? OptionalDouble.of(beta.doubleValue())
        : OptionalDouble.empty();
  }

  /** Steps of that average, 1/(1 − β). */
  public OptionalDouble momentumSteps() {
    return momentum.isPresent()
        ? OptionalDouble.of(1 / (1 - momentum.getAsDouble()))
        : OptionalDouble.empty();
  }

  /** Tokens of that average. */
  public OptionalDouble momentumTokens() {
    return times(momentumSteps(), tokensPerStep);
  }

  /** Tokens over which weights forget by a factor e. */
  public OptionalDouble decayTokens() {
    return times(decaySteps, tokensPerStep);
  }

  /** The same in epochs of the training text. */
  public OptionalDouble decayEpochs() {
    return tokensPerEpoch.isPresent()
        ? times(decayTokens(), 1 / tokensPerEpoch.getAsDouble())
        : OptionalDouble.empty();
  }

  private static OptionalDouble times(OptionalDouble value, double factor) {
    return value.isPresent()
        ? OptionalDouble.of(value.getAsDouble() * factor)
        : OptionalDouble.empty();
  }
}
