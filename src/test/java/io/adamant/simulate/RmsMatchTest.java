package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.base.InputException;
import io.adamant.theory.Formula;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rates and decays that match, against weights that are trained on pure noise. */
class RmsMatchTest {

  private static Map<String, Formula> at(String... options) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < options.length; i += 2) {
      given.put(options[i], options[i + 1]);
    }
    return new RmsMatch().at(given).stream().collect(Collectors.toMap(Formula::key, f -> f));
  }

  @Test
  void adamwToSignumAtEqualBetas() {
    Map<String, Formula> match =
        at("from", "adamw", "lr", "4e-3", "beta1", ".9", "beta2", ".9", "to", "signum");

    assertThat(match.get("rate_factor_mean_field").value()).isCloseTo(0.229, within(5e-4));
    assertThat(match.get("decay_factor_mean_field").value()).isCloseTo(3.05, within(5e-3));
    assertThat(match.get("rate_factor").value()).isCloseTo(0.2257, within(5e-4)); // theory.md §4
    assertThat(match.get("decay_factor").value()).isCloseTo(3.05, Percentage.withPercentage(1));
    assertThat(match.get("lr").value()).isCloseTo(4e-3 * 0.2257, Percentage.withPercentage(0.1));
    assertThat(match.get("lr").statedError()).contains("adamw RMS(u) exact", "signum exact");
    // The published ratio of best rates is 16, not this one.
    assertThat(1 / at("beta1", "0.95", "beta2", "0.95").get("rate_factor").value())
        .isCloseTo(6.3, within(0.05));
  }

  /** What is predicted to be alike is so in weights that are trained by both. */
  @ParameterizedTest
  @CsvSource({"adamw,signum", "signum,emasign", "emasign,adamw", "adamw,cautious_adamw"})
  void weightsTurnAlike(String from, String to) {
    Map<String, Formula> match =
        at(
            "from",
            from,
            "to",
            to,
            "lr",
            "0.01",
            "weight-decay",
            "0.2",
            "beta1",
            "0.8",
            "to-beta1",
            "0.6");
    double[] first = trained(from, 0.01, 0.2, 0.8);
    double[] second = trained(to, match.get("lr").value(), match.get("weight_decay").value(), 0.6);

    assertThat(second[0]).isCloseTo(first[0], Percentage.withPercentage(4)); // angle
    assertThat(second[1]).isCloseTo(first[1], Percentage.withPercentage(4)); // weight RMS
    assertThat(first[0]).isCloseTo(match.get("angle").value(), Percentage.withPercentage(3));
    assertThat(first[1]).isCloseTo(match.get("weight_rms").value(), Percentage.withPercentage(4));
  }

  private static double[] trained(String type, double lr, double decay, double beta1) {
    Map<String, Object> settings = Map.of("beta1", beta1);
    io.adamant.rules.Rule rule = io.adamant.rules.Rules.create(type, settings, 1, 3000);
    GaussianSource noise = new GaussianSource(7);
    double[] w = new double[3000];
    double[] g = new double[3000];
    noise.fill(w);
    java.util.Arrays.setAll(w, i -> 0.1 * w[i]);
    double angle = 0;
    double square = 0;
    for (int t = 0; t < 3000; t++) {
      double[] before = w.clone();
      noise.fill(g);
      rule.step(w, g, lr, decay);
      if (t >= 1500) {
        angle += EquilibriumExperiments.angle(before, w) / 1500;
        square += RandomQuadratic.dot(w, w) / 3000 / 1500;
      }
    }
    return new double[] {angle, Math.sqrt(square)};
  }

  @Test
  void aRuleWithoutAFormulaIsSimulatedAndSaysHowWell() {
    // AdamW on plain averages and by a Monte Carlo of its rule: a mask of nothing is no formula.
    RuleUpdate formula = RuleUpdate.of("signum", Map.of("beta1", 0.8));
    RuleUpdate simulated = RuleUpdate.of("scion_others", Map.of("beta1", 0.8));

    assertThat(formula.rmsError()).isZero();
    assertThat(simulated.stated()).contains("Monte Carlo", "32 × 32", "(95 %)");
    assertThat(simulated.spreadError()).isBetween(1e-3, 0.2);
    // Both are signs; this one of an average that leans on the newest gradient, or not.
    assertThat(simulated.update().correlation(1)).isEqualTo(simulated.spread());
  }

  @Test
  void theMonteCarloAgreesWithAFormula() {
    // NAdamW is AdamW with Nesterov's average, which has no formula under this name.
    RuleUpdate formula = RuleUpdate.of("nadamw", Map.of("beta1", 0.8, "beta2", 0.9));
    RuleUpdate simulated =
        RuleUpdate.of("adamw", Map.of("beta1", 0.8, "beta2", 0.9, "momentum", "nesterov"));

    assertThat(simulated.rmsError()).isPositive();
    assertThat(simulated.rms())
        .isCloseTo(formula.rms(), Percentage.withPercentage(150 * simulated.rmsError()));
    assertThat(simulated.spread())
        .isCloseTo(formula.spread(), Percentage.withPercentage(150 * simulated.spreadError() + 1));
  }

  @ParameterizedTest
  @CsvSource({
    "sgdm,size goes with the gradient's",
    "softsign_sgd,size goes with the gradient's",
    "schedulefree_adamw,do not follow from the gradients alone",
    "sophiag,do not follow from the gradients alone",
    "mine,allowed: sgd",
    "prodigy,no theory"
  })
  void aRuleWithoutAnUpdateOfItsOwnIsRefused(String type, String because) {
    assertThatThrownBy(() -> RuleUpdate.of(type, Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(type)
        .hasMessageContaining(because);
  }

  @Test
  void aSettingThatARuleLacksIsRefused() {
    assertThatThrownBy(() -> at("from", "adamw", "to", "signum", "to-beta2", "0.9"))
        .isInstanceOf(InputException.class)
        .hasMessage("--to-beta2: signum has no such setting; it has: beta1, mollifier, init");
    assertThat(List.of(at("from", "signsgd", "to", "signum").get("decay_factor").value()))
        .allMatch(Double::isFinite);
  }
}
