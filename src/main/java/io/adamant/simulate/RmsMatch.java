package io.adamant.simulate;

import io.adamant.base.InputException;
import io.adamant.rules.Rules;
import io.adamant.theory.Formula;
import io.adamant.theory.FormulaTopic;
import io.adamant.theory.NoiseUpdate;
import io.adamant.theory.Parameter;
import io.adamant.theory.Parameter.Domain;
import io.adamant.theory.Unit;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Rate and decay at which another rule's updates are as large, and its weights turn as fast.
 *
 * <p>On pure noise, with U = RMS(u) and c = 1 + 2&nbsp;&Sigma;&rho;_k of each rule,
 *
 * <pre>
 * lr'·U' = lr·U,   lr'·decay'/c' = lr·decay/c
 * </pre>
 *
 * <p>so that the update RMS, the angle a step in equilibrium, &radic;(2·lr·decay/c), and with both
 * the weights' RMS are alike. It is no tuning: published best rates of AdamW and Signum at beta =
 * 0.95 differ by 16, equal updates ask for 6.3.
 *
 * <p>Source: theory.md &sect;12.4 and &sect;9.5.
 */
public final class RmsMatch implements FormulaTopic {

  private static final List<String> SETTINGS = List.of("beta1", "beta2", "beta3", "alpha", "gamma");
  private static final String VALID =
      "pure noise, snr = 0; equal size and angle of updates, which is not equal tuning";
  private static final String SOURCE = "derived here; theory.md §12";

  /** What a match multiplies the rate and the decay by. */
  record Factors(double rate, double decay) {

    static Factors of(NoiseUpdate from, NoiseUpdate to) {
      double rate = from.rms() / to.rms();
      return new Factors(rate, to.spread() / (from.spread() * rate));
    }
  }

  @Override
  public String name() {
    return "rms-match";
  }

  @Override
  public String summary() {
    return "rate and decay of another optimizer with the same update RMS and the same angle a step";
  }

  @Override
  public List<Parameter> parameters() {
    String[] rules = Rules.types().toArray(String[]::new);
    List<Parameter> all = new ArrayList<>();
    all.add(Parameter.choice("from", "whose updates are matched", first("adamw", rules)));
    all.add(Parameter.choice("to", "the optimizer that is to match them", first("signum", rules)));
    all.add(Parameter.number("lr", "its learning rate", Domain.POSITIVE, 4e-3));
    all.add(Parameter.number("weight-decay", "its decoupled decay", Domain.NON_NEGATIVE, 0.1));
    for (String setting : SETTINGS) {
      all.add(Parameter.optional(setting, "setting of the first optimizer, default its own"));
    }
    for (String setting : SETTINGS) {
      String fallback = setting.equals("beta1") ? "the first's" : "its own";
      all.add(Parameter.optional("to-" + setting, "setting of the other one, default " + fallback));
    }
    return List.copyOf(all);
  }

  private static String[] first(String word, String... words) {
    List<String> ordered = new ArrayList<>(List.of(words));
    ordered.remove(word);
    ordered.add(0, word);
    return ordered.toArray(String[]::new);
  }

  @Override
  public List<Formula> at(Values v) {
    Map<String, Object> own = settings(v, v.text("from"), "");
    Map<String, Object> others = settings(v, v.text("to"), "to-");
    if (Rules.defaults(v.text("to")).containsKey("beta1")
        && Rules.defaults(v.text("from")).containsKey("beta1")) {
      Object beta1 = own.getOrDefault("beta1", Rules.defaults(v.text("from")).get("beta1"));
      others.putIfAbsent("beta1", beta1);
    }
    return formulas(
        RuleUpdate.of(v.text("from"), own),
        RuleUpdate.of(v.text("to"), others),
        v.number("lr"),
        v.number("weight-decay"));
  }

  private static Map<String, Object> settings(Values v, String type, String prefix) {
    Map<String, Object> settings = new LinkedHashMap<>();
    for (String name : SETTINGS) {
      OptionalDouble value = v.optional(prefix + name);
      if (value.isPresent()) {
        if (!Rules.defaults(type).containsKey(name)) {
          throw new InputException(
              "--%s%s: %s has no such setting; it has: %s"
                  .formatted(prefix, name, type, String.join(", ", Rules.defaults(type).keySet())));
        }
        settings.put(name, value.getAsDouble());
      }
    }
    return settings;
  }

  private static List<Formula> formulas(RuleUpdate from, RuleUpdate to, double lr, double decay) {
    Factors factors = Factors.of(from.update(), to.update());
    double otherRate = lr * factors.rate();
    double otherDecay = decay * factors.decay();
    double off = Math.hypot(from.rmsError(), to.rmsError());
    double decayOff = Math.hypot(off, Math.hypot(from.spreadError(), to.spreadError()));
    String both = from.stated() + "; " + to.stated();
    String rateError = both + interval(off);
    String decayError = both + interval(decayOff);
    String of = to.name() + " in the place of " + from.name();
    List<Formula> all = new ArrayList<>();
    all.add(ratio("rate_factor", of + ": RMS(u)/RMS(u')", factors.rate(), rateError));
    all.add(ratio("decay_factor", of + ": RMS(u')·c'/(RMS(u)·c)", factors.decay(), decayError));
    all.add(formula("lr", "the other's rate", otherRate, Unit.LEARNING_RATE, rateError));
    all.add(formula("weight_decay", "the other's decay", otherDecay, Unit.DECAY, decayError));
    if (from.update().meanField() != from.update() || to.update().meanField() != to.update()) {
      Factors mean = Factors.of(from.update().meanField(), to.update().meanField());
      String error =
          String.format(
              Locale.ROOT,
              "here %+.1f %% and %+.1f %%; RMS(u) of adamw is up to 4.2 %% high for beta2 ≥ 0.9",
              100 * (mean.rate() / factors.rate() - 1),
              100 * (mean.decay() / factors.decay() - 1));
      all.add(ratio("rate_factor_mean_field", "the same with v constant", mean.rate(), error));
      all.add(ratio("decay_factor_mean_field", "the same with v constant", mean.decay(), error));
    }
    if (decay > 0 && lr * decay < 1 && otherRate * otherDecay < 1) {
      double first = from.update().angle(lr, decay);
      double second = to.update().angle(otherRate, otherDecay);
      all.add(
          new Formula(
              "angle",
              "a step of both in equilibrium, √(2·lr·weightDecay/c)",
              Math.sqrt(2 * lr * decay / from.spread()),
              Unit.ANGLE,
              String.format(
                  Locale.ROOT,
                  "by the law of cosines %.4g and %.4g; %s",
                  first,
                  second,
                  from.stated()),
              VALID + "; lr·weightDecay·t of 3 or more",
              SOURCE));
      all.add(
          new Formula(
              "weight_rms",
              "of both in equilibrium, lr·RMS(u)/angle",
              lr * from.rms() / Math.sqrt(2 * lr * decay / from.spread()),
              Unit.WEIGHT,
              String.format(
                  Locale.ROOT,
                  "by sums over steps %.4g and %.4g; %s",
                  from.update().weightRms(lr, decay),
                  to.update().weightRms(otherRate, otherDecay),
                  from.stated()),
              VALID + "; lr·weightDecay·t of 3 or more",
              SOURCE));
    }
    all.add(
        formula("update_rms", "RMS(u) of " + from.name(), from.rms(), Unit.UPDATE, from.stated()));
    all.add(
        formula(
            "spread",
            "c = 1 + 2·Σ ρ_k of " + from.name(),
            from.spread(),
            Unit.RATIO,
            from.stated()));
    all.add(
        formula("other_update_rms", "RMS(u) of " + to.name(), to.rms(), Unit.UPDATE, to.stated()));
    all.add(formula("other_spread", "c of " + to.name(), to.spread(), Unit.RATIO, to.stated()));
    return all;
  }

  private static String interval(double off) {
    return off > 0 ? String.format(Locale.ROOT, "; together ± %.2g %% (95 %%)", 100 * off) : "";
  }

  private static Formula ratio(String key, String title, double value, String stated) {
    return formula(key, title, value, Unit.RATIO, stated);
  }

  private static Formula formula(String key, String title, double value, Unit unit, String stated) {
    return new Formula(key, title, value, unit, stated, VALID, SOURCE);
  }
}
