package io.adamant.optim;

import io.adamant.base.InputException;
import io.adamant.config.DecayKind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What multiplies every rule: settings that each optimizer has beside its own. At its default such
 * a setting is left out of the resolved ones, so that it never counts in a run's identity.
 *
 * <pre>
 * g  = g + &lambda; w                                       decay: l2
 * u  = u [u g &gt; 0] / max(mean [u g &gt; 0], 0.001)         mask: cautious
 * w  &larr; (1 &minus; &eta;&lambda;) w                                    decay: coupled
 * w  &larr; (1 &minus; (&eta;/&eta;_max)&lambda;) w                            decay: independent
 * w  &larr; (1 &minus; (&eta;&sup2;/&eta;_max)&lambda;) w                           decay: corrected
 * w  &larr; w &minus; &eta;&lambda; w [u w &gt; 0]                          decay: cautious
 * w  &larr; (w &minus; &eta;u) / (1 + &eta;&lambda;)                         decay: proximal
 * w  &larr; (1 &minus; &eta;&lambda;) (w &minus; &eta;u)                           decay: last
 * s  = &eta; u, s scaled so that floor &le; |s|/|w| &le; ceiling  update_floor, update_ceiling
 * w  &larr; w &minus; s
 * w' = w &minus; &eta; |w| u/|u|,  w &larr; w' |w|/|w'|               constraint: hyperball
 * </pre>
 *
 * <p>Norms and means are those of one tensor; norms act on matrices only. &eta;_max is the highest
 * rate of the schedule. Sources: independent, Loshchilov &amp; Hutter 2019, equation 9, whose
 * schedule multiplier is &eta;/&eta;_max; corrected, Defazio 2025, arXiv 2506.02285; cautious
 * decay, Chen et al. 2025, arXiv 2510.12402; cautious mask, Liang et al. 2024, arXiv 2411.16085.
 */
final class Multipliers {

  static final String DECAY = "decay";
  static final String DECAY_ON = "decay_on";
  static final String MASK = "mask";
  static final String CONSTRAINT = "constraint";
  static final String FLOOR = "update_floor";
  static final String CEILING = "update_ceiling";

  /** The settings, in the order of listings. */
  static final List<OptimizerSetting> SETTINGS =
      List.of(
          new OptimizerSetting.Choice(
              DECAY,
              Arrays.stream(DecayKind.values()).map(DecayKind::word).toList(),
              "weight_decay times the rate; the schedule; both; the rate, where the update shrinks"
                  + " the weight too; the same, dividing after the step; multiplying after it; or"
                  + " added to the gradient"),
          new OptimizerSetting.Choice(
              DECAY_ON,
              List.of("matrices", "all", "layers"),
              "what decays: matrices, embeddings and head among them; vectors too; or matrices of"
                  + " layers only"),
          new OptimizerSetting.Choice(
              MASK,
              List.of("none", "cautious"),
              "cautious leaves out coordinates whose update goes against the gradient"),
          new OptimizerSetting.Choice(
              CONSTRAINT,
              List.of("none", "hyperball"),
              "hyperball keeps each matrix's norm and moves it by the rate times that norm"),
          new OptimizerSetting.FractionOr(
              FLOOR, "none", "smallest norm of a matrix's step over the norm of its weights"),
          new OptimizerSetting.FractionOr(
              CEILING, "none", "largest norm of a matrix's step over the norm of its weights"));

  private final Map<String, Object> settings;

  Multipliers(Map<String, Object> settings) {
    this.settings = settings;
  }

  /** Refuses settings that exclude each other. */
  void check(OptimizerDefinition definition, String where) {
    if (has(CONSTRAINT) && (has(FLOOR) || has(CEILING))) {
      throw excluded(
          where, CONSTRAINT, "update_floor and update_ceiling, since it fixes both norms");
    }
    if (has(FLOOR) && has(CEILING) && number(FLOOR) > number(CEILING)) {
      throw excluded(where, FLOOR, "an update_ceiling below it");
    }
    if (!definition.moved().isEmpty()) {
      for (String name : List.of(CONSTRAINT, FLOOR, CEILING)) {
        if (has(name)) {
          throw excluded(where, name, definition.type() + ", which moves the weights its own way");
        }
      }
      if (!factorFirst() && !l2()) {
        throw excluded(where, DECAY, definition.type() + ", which moves the weights its own way");
      }
    }
  }

  /** Settings that only matrices have a use for, and no vector. */
  static List<String> ofMatrices(Map<String, Object> settings) {
    return Stream.of(CONSTRAINT, FLOOR, CEILING).filter(settings::containsKey).toList();
  }

  /** Refuses a decay that nothing would come of. */
  void check(String where, double decay) {
    if (has(CONSTRAINT) && decay > 0) {
      throw excluded(where, CONSTRAINT, "a weight_decay above 0, since it keeps the norm");
    }
  }

  private InputException excluded(String where, String name, String other) {
    return new InputException(
        "%s.%s: %s does not go together with %s".formatted(where, name, settings.get(name), other));
  }

  private boolean has(String name) {
    return settings.containsKey(name);
  }

  private double number(String name) {
    return settings.get(name) instanceof Double x ? x : 0;
  }

  DecayKind decay() {
    return DecayKind.of(settings.get(DECAY));
  }

  /** Whether the decay is one factor on the weights before the step. */
  private boolean factorFirst() {
    return List.of(DecayKind.COUPLED, DecayKind.INDEPENDENT, DecayKind.CORRECTED).contains(decay());
  }

  /** Whether a tensor may be worked on in pieces. */
  boolean elementwise() {
    return !has(MASK) && !has(CONSTRAINT) && !has(FLOOR) && !has(CEILING);
  }

  /** Whether a step is w &larr; (1 &minus; a) w, w &larr; w &minus; &eta;u with a constant a. */
  boolean plain() {
    return elementwise() && factorFirst();
  }

  /** Whether the decay goes into the gradient. */
  boolean l2() {
    return decay() == DecayKind.L2;
  }

  /**
   * Whether a parameter decays.
   *
   * @param name stable name, such as {@code layers.0.mlp.up}
   * @param matrix whether it has two dimensions
   */
  boolean decays(String name, boolean matrix) {
    return switch (settings.getOrDefault(DECAY_ON, "matrices").toString()) {
      case "all" -> true;
      case "layers" -> matrix && name.startsWith("layers.");
      default -> matrix;
    };
  }

  /**
   * Whether a step takes one share of all weights, give or take (&eta;&lambda;)&sup2;, and adds
   * &eta;u.
   */
  boolean shrinksAlike() {
    return decay() != DecayKind.CAUTIOUS
        && !l2()
        && !has(CONSTRAINT)
        && !has(FLOOR)
        && !has(CEILING);
  }

  /** Statements on u_ of gradient g, in the method that returns the direction. */
  String onDirection() {
    return has(MASK)
        ? """
          keep_ = torch.gt(u_ * g, 0.0)
          share_ = torch.clamp(torch.mean(keep_.to(u_.dtype)), min=1e-3)
          u_ = torch.where(keep_, u_ / share_, torch.zeros_like(u_))
          """
        : "";
  }

  /** Statements that bring the decay into the gradient, before anything else. */
  String onGradient() {
    // In place: hooks then recompute the direction from the gradient that the rule had.
    return l2() ? "g.addcmul_(p_, (gate * decay).to(like_.dtype))\n" : "";
  }

  /** Statements that move p_ by u_. */
  String onWeights() {
    String step = around("p_.addcmul_(u_, rate_)\n");
    if (has(CONSTRAINT)) {
      return onMatrices(
          """
          norm_ = torch.linalg_vector_norm(p_)
          share_ = norm_ / torch.clamp(torch.linalg_vector_norm(u_), min=1e-10)
          p_.addcmul_(u_, rate_ * share_)
          share_ = ratio(norm_, torch.linalg_vector_norm(p_), 0.0)
          p_.mul_(torch.where(gate_ > 0.0, share_, torch.ones_like(share_)))
          """,
          step);
    }
    if (has(FLOOR) || has(CEILING)) {
      String most = has(CEILING) ? "share_ = torch.clamp(share_, max=%s)\n" : "";
      String least = has(FLOOR) ? "share_ = torch.clamp(share_, min=%s)\n" : "";
      String bounded =
          """
          norm_ = torch.linalg_vector_norm(p_)
          length_ = torch.linalg_vector_norm(u_) * torch.abs(rate_)
          share_ = ratio(length_, norm_, 0.0)
          {most}{least}share_ = ratio(share_ * norm_, length_, 0.0)
          # Weights of zero have no share to move by: they move as the rule says.
          share_ = torch.where(norm_ > 0.0, share_, torch.ones_like(share_))
          p_.addcmul_(u_, rate_ * share_)
          """
              .replace("{most}", most.formatted(number(CEILING)))
              .replace("{least}", least.formatted(number(FLOOR)));
      return onMatrices(around(bounded), step);
    }
    return step;
  }

  /** A step with the decay where it belongs, each as one rounding of w. */
  private String around(String step) {
    String decayed = "if decay != 0.0:\n  %s\n";
    return switch (decay()) {
      case L2 -> step;
      case CAUTIOUS ->
          decayed.formatted("p_.addcmul_(p_ * torch.gt(u_ * p_, 0.0).to(p_.dtype), shrink_)")
              + step;
      case PROXIMAL -> step + decayed.formatted("p_.div_(1.0 - shrink_)");
      case LAST -> step + decayed.formatted("p_.addcmul_(p_, shrink_)");
      default -> decayed.formatted("p_.addcmul_(p_, shrink_)") + step;
    };
  }

  private static String onMatrices(String matrices, String others) {
    return "if p_.dim() >= 2:\n" + matrices.indent(2) + "else:\n" + others.indent(2);
  }
}
