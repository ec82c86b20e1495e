package io.adamant.simulate;

import io.adamant.base.InputException;
import io.adamant.rules.Rules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One optimizer of a toy study, with the rates to be tried.
 *
 * @param name shown to the reader, unique in a study
 * @param type rule type, as {@link Rules#create} takes it
 * @param settings of the rule
 * @param learningRates at least one
 */
public record ToyArm(
    String name, String type, Map<String, Object> settings, List<Double> learningRates) {
  private static final double BETA = 0.95;

  /**
   * Takes copies and checks.
   *
   * @throws InputException if the rule refuses its settings, or a rate is missing or not positive
   */
  public ToyArm {
    settings = Map.copyOf(settings);
    learningRates = List.copyOf(learningRates);
    if (!Rules.create(type, settings, ToyQuadratic.SIZE).inputs().isEmpty()) {
      throw new InputException(
          "arm %s: %s needs more than gradients, such as labels that a model draws; the quadratic has only those"
              .formatted(name, type));
    }
    if (learningRates.isEmpty()) {
      throw new InputException("arm " + name + " has no learning rate");
    }
    for (double rate : learningRates) {
      if (!(rate > 0 && Double.isFinite(rate))) {
        throw new InputException(
            "arm " + name + " has the learning rate " + rate + "; it must be finite and > 0");
      }
    }
  }

  /**
   * The arms of the study (theory.md §7), all at β = .95: SGDM, Signum and equal-beta Adam written
   * by Proposition 1, on the notebook's rates.
   *
   * @return three arms
   */
  public static List<ToyArm> study() {
    return List.of(
        new ToyArm("SGDM", "sgdm", Map.of("beta1", BETA), List.of(3e-5, 1e-4, 3e-4)),
        new ToyArm("Signum", "signum", Map.of("beta1", BETA), List.of(0.003, 0.01, 0.03)),
        new ToyArm(
            "Adam",
            "adavar",
            Map.of("beta1", BETA, "gamma", BETA, "tau", BETA, "eps", 1e-8),
            List.of(0.003, 0.01, 0.03)));
  }

  /**
   * Signum with a fixed mollifier m/(|m| + ε), ε = 10, 1, .1, .01 at the rate .01.
   *
   * @return four arms
   */
  public static List<ToyArm> mollifiers() {
    List<ToyArm> arms = new ArrayList<>();
    for (String eps : List.of("10", "1", "0.1", "0.01")) {
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("beta1", BETA);
      settings.put("mollifier", Double.valueOf(eps));
      arms.add(new ToyArm("Signum, mollifier " + eps, "signum", settings, List.of(0.01)));
    }
    return arms;
  }
}
