package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names, defaults and refusals. */
class RulesTest {
  @Test
  void typesAreTheOnesOfTheStudy() {
    assertThat(Rules.types())
        .startsWith(
            "sgd",
            "sgdm",
            "signsgd",
            "signum",
            "emasign",
            "rmsprop",
            "adamw",
            "softsign_sgd",
            "softsign_adam",
            "adavar",
            "lion",
            "muon");
  }

  @Test
  void defaultsAreNamed() {
    assertThat(Rules.defaults("sgd")).isEmpty();
    assertThat(Rules.defaults("sgdm"))
        .isEqualTo(Map.of("beta1", 0.9, "dampening", "ema", "coordinate_clip", 0.0));
    assertThat(Rules.defaults("adamw"))
        .isEqualTo(
            Map.of(
                "beta1",
                0.95,
                "beta2",
                0.95,
                "eps",
                1e-8,
                "bias_correction",
                true,
                "init",
                "zero"));
    assertThat(Rules.defaults("muon"))
        .containsOnlyKeys(
            "beta1", "nesterov", "ns_steps", "rms_scale", "adam_beta1", "adam_beta2", "adam_eps");
  }

  /** Whatever defaults() says is what an empty map means. */
  @Test
  void defaultsSpelledOutChangeNothing() {
    double[][] g = RuleRuns.normal(1, 20, 6);
    for (String type : Rules.types()) {
      Rule bare = Rules.create(type, Map.of(), 2, 3);
      Rule spelled = Rules.create(type, Rules.defaults(type), 2, 3);
      RuleInputs inputs = (kind, k, size) -> RuleRuns.normal(k, 1, size)[0];
      bare.takeFrom(inputs);
      spelled.takeFrom(inputs);
      assertThat(RuleRuns.directions(spelled, g)).isDeepEqualTo(RuleRuns.directions(bare, g));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "adamw,beta1,1.0",
    "adamw,beta2,-0.1",
    "adamw,eps,-1e-8",
    "adamw,eps,NaN",
    "rmsprop,beta2,1.5",
    "sgdm,beta1,NaN",
    "sgdm,dampening,1.5",
    "sgdm,coordinate_clip,Infinity",
    "signum,mollifier,-1",
    "adavar,tau,1",
    "adavar,gamma,-1",
    "muon,ns_steps,2.5",
    "muon,ns_steps,0",
    "muon,adam_beta2,1"
  })
  void refusesANumberOutOfRange(String type, String key, double value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rules.create(type, Map.of(key, value), 2, 2))
        .withMessageStartingWith(type + ": " + key + " is " + value + "; allowed is ");
  }

  @Test
  void refusesWhatIsNotOfTheKind() {
    refuses(
        "softsign_adam", Map.of("denominator", "under"), "denominator is under; allowed is inside");
    refuses("adamw", Map.of("init", "warm"), "init is warm; allowed is zero or gradient");
    refuses("adamw", Map.of("beta1", "0.9"), "beta1 is 0.9; allowed is a number");
    refuses("rmsprop", Map.of("bias_correction", 1.0), "bias_correction is 1.0; allowed is true");
    refuses("sgdm", Map.of("dampening", "torch"), "dampening is torch; allowed is ema or a number");
    refuses("signsgd", Map.of("beta1", 0.9), "unknown setting beta1; it has []");
    refuses("lion", Map.of("eps", 0.9), "unknown setting eps; it has [beta1, beta2]");
  }

  /** From the first gradient there is no bias left to correct. */
  @Test
  void refusesToCorrectABiasThatIsNotThere() {
    refuses(
        "adamw",
        Map.of("init", "gradient", "bias_correction", true),
        "bias_correction is true; allowed is false with init gradient");
    Map<String, Object> off = Map.of("init", "gradient", "bias_correction", false);
    assertThat(Rules.create("adamw", off, 1).steps()).isZero();
  }

  @Test
  void refusesAnUnknownTypeAndAnEmptyShape() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rules.create("adam", Map.of(), 1))
        .withMessageStartingWith("unknown optimizer adam; there are [sgd, ");
    for (int[] shape : new int[][] {{}, {0}, {2, -1}, {1 << 16, 1 << 16}, {1 << 30, 8, 1 << 30}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Rules.create("sgd", Map.of(), shape))
          .withMessageStartingWith("shape is [");
    }
  }

  private static void refuses(String type, Map<String, Object> settings, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rules.create(type, settings, 1))
        .withMessageStartingWith(type + ": " + reason);
  }
}
