package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.config.Arm;
import io.adamant.config.Configs;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunId;
import io.adamant.config.StudyConfig;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lr: match(ARM)} in the arms of a study. */
class RateMatchingTest {

  private static StudyConfig study(String arms) {
    return Configs.parseStudy("name: s\narms:\n" + arms.indent(2), List.of());
  }

  private static List<OptimizerConfig> optimizers(StudyConfig study, String name) {
    return study.arms().stream()
        .filter(arm -> arm.name().equals(name))
        .flatMap(arm -> arm.points().stream())
        .map(point -> point.config().optimizer())
        .toList();
  }

  private static final String ADAMW =
      "adamw: {optimizer: {type: adamw, lr: 4e-3, beta1: 0.9, beta2: 0.9, weight_decay: 0.1}}\n";
  private static final String SIGNUM =
      "signum: {optimizer: {type: signum, beta1: 0.9, lr: match(adamw)}}\n";

  @Test
  void aMatchIsRateAndDecayOfFourDigits() {
    StudyConfig study = study(SIGNUM + ADAMW); // the order of the arms does not matter
    OptimizerConfig signum = optimizers(study, "signum").get(0);

    assertThat(signum.lr()).isEqualTo(9.029e-4);
    assertThat(signum.weightDecay()).isEqualTo(0.3037);
    assertThat(study.arms().get(0).matches()).contains("adamw");
    assertThat(study.arms().get(1).matches()).isEmpty();
  }

  /** A matched run and the same one with its numbers written out are one run. */
  @Test
  void theIdentityIsThatOfTheNumbers() {
    StudyConfig written =
        study(
            "signum: {optimizer: {type: signum, beta1: 0.9, lr: 9.029e-4, weight_decay: 0.3037}}");
    StudyConfig matched = study(ADAMW + SIGNUM);
    String hash = "0".repeat(64);

    assertThat(RunId.of(matched.plan().get(1).config(), hash, 1))
        .isEqualTo(RunId.of(written.plan().get(0).config(), hash, 1));
    assertThat(Configs.toYaml(matched.plan().get(1).config())).doesNotContain("match");
  }

  @Test
  void eachRateOfASweepGetsItsMatch() {
    StudyConfig study =
        study(
            "adamw: {optimizer: {beta1: 0.9, beta2: 0.9}, grid: {optimizer.lr: [1e-3, 4e-3]}}\n"
                + SIGNUM);

    assertThat(optimizers(study, "signum").stream().map(OptimizerConfig::lr))
        .containsExactly(2.257e-4, 9.029e-4);
    assertThat(study.plan().stream().map(run -> run.label()))
        .contains("signum lr=0.0002257", "signum lr=0.0009029");
  }

  /** What both arms vary is paired, and the study's grid of rates is not also laid over a match. */
  @Test
  void aGridOfTheStudyIsPaired() {
    StudyConfig study =
        Configs.parseStudy(
            """
            name: s
            arms:
              a: {optimizer: {type: adamw, beta2: 0.95}}
              b: {optimizer: {type: signum, lr: match(a)}}
            grid: {optimizer.lr: [1e-3, 2e-3], optimizer.beta1: [0.8, 0.9]}
            """,
            List.of());
    List<OptimizerConfig> signum = optimizers(study, "b");

    assertThat(signum).hasSize(4);
    for (OptimizerConfig one : signum) {
      double factor = one.settings().get("beta1").equals(0.8) ? 0.3260 : 0.2262;
      assertThat(Math.min(one.lr() / factor % 1e-3, 1e-3 - one.lr() / factor % 1e-3))
          .isLessThan(1e-5); // 1e-3 or 2e-3
    }
  }

  @Test
  void aDecayOfItsOwnIsKept() {
    OptimizerConfig signum =
        optimizers(
                study(
                    ADAMW
                        + "s: {optimizer: {type: signum, beta1: 0.9, lr: match(adamw), weight_decay: 0.2}}"),
                "s")
            .get(0);

    assertThat(signum.lr()).isEqualTo(9.029e-4);
    assertThat(signum.weightDecay()).isEqualTo(0.2);
  }

  @Test
  void independentDecayIsAShareOfItsOwn() {
    OptimizerConfig signum =
        optimizers(
                study(
                    ADAMW
                        + "s: {optimizer: {type: signum, beta1: 0.9, lr: match(adamw), decay: independent}}"),
                "s")
            .get(0);

    assertThat(signum.weightDecay()).isCloseTo(9.029e-4 * 0.3037, Percentage.withPercentage(0.1));
  }

  @Test
  void aMatchOfAMatchIsOne() {
    StudyConfig study =
        study(
            ADAMW
                + SIGNUM
                + "e: {optimizer: {type: adamw, beta1: 0.9, beta2: 0.9, lr: match(signum)}}");

    assertThat(optimizers(study, "e").get(0).lr()).isCloseTo(4e-3, Percentage.withPercentage(0.1));
    assertThat(optimizers(study, "e").get(0).weightDecay())
        .isCloseTo(0.1, Percentage.withPercentage(0.1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: {optimizer: {lr: match(b)}} | match(b); allowed: a number, since configuration has no other arm",
        "a: {optimizer: {lr: match(x)}}\\nb: {} | allowed: match of another arm of configuration: b",
        "a: {optimizer: {lr: match(a)}} | match(a); allowed: an arm whose rate is a number",
        "a: {optimizer: {lr: match(b)}}\\nb: {optimizer: {lr: match(a)}} | leads back: a → b → a",
        "a: {optimizer: {type: sgdm, lr: 1}}\\nb: {optimizer: {lr: match(a)}}"
            + " | no theory of the updates of sgdm: their size goes with the gradient's",
        "a: {optimizer: {lr: 1e-3, decay: l2}}\\nb: {optimizer: {lr: match(a)}}"
            + " | optimizer.decay is l2; allowed: with a match, coupled, independent",
        "a: {optimizer: {lr: 1e-3}}\\nb: {optimizer: {lr: match(a)}, grid: {optimizer.lr: [1, 2]}}"
            + " | or a grid of its own over the rate, not both",
        "a: {optimizer: {lr: 0}}\\nb: {optimizer: {lr: match(a)}} | a rate of 0 has no match"
      })
  void aMatchWithoutAnAnswerIsRefused(String arms, String because) {
    assertThatThrownBy(() -> study(arms.replace("\\n", "\n")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(because)
        .hasMessageStartingWith("configuration:")
        .hasMessageNotContaining("\n");
  }

  @Test
  void anArmWithoutAMatchStaysAsItWas() {
    Arm arm = study(ADAMW).arms().get(0);

    assertThat(arm.points()).hasSize(1);
    assertThat(arm.points().get(0).coordinates()).isEmpty();
  }
}
