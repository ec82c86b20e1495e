package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Grids by formula: computed, spaced and zipped values. */
class GridFormulaTest {

  private static List<String> values(String grid, String key) {
    String yaml =
        "name: g\nbase: {optimizer: {beta1: 0.95, lr: 1e-3}, training: {batch: 16}}\ngrid:\n"
            + grid;
    return Configs.parseStudy(yaml, List.of()).plan().stream()
        .map(run -> Configs.flatten(run.config()).get(key))
        .toList();
  }

  @Test
  void aFormulaFollowsAnotherKeyOfItsSection() {
    assertThat(values("  optimizer.beta2: 1 - {4,2,1,.5,.25}*(1-beta1)", "optimizer.beta2"))
        .containsExactly("0.8", "0.9", "0.95", "0.975", "0.9875");
  }

  @Test
  void aFormulaSeesTheGridsEarlierKeys() {
    assertThat(
            values(
                "  optimizer.beta1: [0.9, 0.8]\n  optimizer.beta2: 1 - {1,.5}*(1-beta1)",
                "optimizer.beta2"))
        .containsExactly("0.9", "0.95", "0.8", "0.9");
  }

  @Test
  void valuesOfEqualRatiosAndOfEqualDistances() {
    assertThat(values("  optimizer.lr: log(1e-4, 1e-2, 5)", "optimizer.lr"))
        .containsExactly("0.0001", "0.000316227766017", "0.001", "0.00316227766017", "0.01");
    assertThat(values("  optimizer.lr: lin(1, 2, 3)", "optimizer.lr"))
        .containsExactly("1.0", "1.5", "2.0");
    assertThat(values("  optimizer.lr: 2*sqrt(training.batch) - -1/2", "optimizer.lr").get(0))
        .isEqualTo("8.5");
  }

  @Test
  void zippedListsVaryTogether() {
    String grid = "  zip: {training.batch: [8, 16, 32], training.steps: [40, 20, 20]}";
    assertThat(values(grid, "training.batch")).containsExactly("8", "16", "32");
    assertThat(values(grid, "training.steps")).containsExactly("40", "20", "20");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "optimizer.lr: 1 - {1,2 | grid optimizer.lr: the formula 1 - {1,2 is not complete; expected: }",
        "optimizer.lr: '{1,2}*{3,4}' | one list of values only",
        "optimizer.lr: log(1, 2, 1) | a count from 2 to 1000 in place of 1",
        "optimizer.lr: 2*(gamma) | grid optimizer.lr names optimizer.gamma, which is not set",
        "optimizer.lr: log(0, 1, 3) | grid optimizer.lr is NaN; allowed: a formula with finite",
        "optimizer.lr: (1) (2) | expected: an operator before (",
        "zip: {training.batch: [1, 2], training.steps: [1]} | lists of lengths [2, 1]; allowed: equal",
      })
  void aWrongFormulaIsRefusedInOneLine(String grid, String message) {
    assertThatThrownBy(() -> values("  " + grid, "optimizer.lr"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("configuration:4: ")
        .hasMessageContaining(message);
  }
}
