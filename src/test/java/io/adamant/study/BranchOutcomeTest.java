package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.study.BranchStudy.Scale;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which batch is the critical one, and by which rule rates follow. */
class BranchOutcomeTest {

  private static final BranchOutcome.Scale NONE =
      new BranchOutcome.Scale(Double.NaN, Double.NaN, Double.POSITIVE_INFINITY);

  private static BranchOutcome outcome(boolean... within) {
    List<BranchOutcome.Row> rows = new java.util.ArrayList<>();
    for (int i = 0; i < within.length; i++) {
      int k = 1 << i;
      rows.add(new BranchOutcome.Row(k, 16 * k, 64 / k, 1, List.of(4.0), 4, 0.1, 0, within[i]));
    }
    return new BranchOutcome(0.1, rows, NONE, NONE);
  }

  /** A larger batch that is within again, by chance, does not count. */
  @Test
  void theCriticalBatchIsTheLastBeforeTheFirstThatLeavesTheMargin() {
    assertThat(outcome(true, true, false, true).critical().batch()).isEqualTo(32);
    assertThat(outcome(true, true, false, true).open()).isFalse();
    assertThat(outcome(true, false, false).critical().batch()).isEqualTo(16);
    assertThat(outcome(true, true).critical().batch()).isEqualTo(32);
    assertThat(outcome(true, true).open()).isTrue();
  }

  @Test
  void ratesFollowTheRootOfTheBatchButForSgd() {
    assertThat(Scale.of("adamw")).isEqualTo(Scale.SQRT);
    assertThat(Scale.of("signum")).isEqualTo(Scale.SQRT);
    assertThat(Scale.of("sgdm")).isEqualTo(Scale.LINEAR);
    assertThat(Scale.SQRT.factor(4)).isEqualTo(2);
    assertThat(Scale.LINEAR.factor(4)).isEqualTo(4);
    assertThat(Scale.NONE.factor(4)).isEqualTo(1);
  }
}
