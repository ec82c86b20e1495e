package io.adamant.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.config.PlannedRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which runs a claim asks for, stage by stage. */
class TrialTest {
  @TempDir Path temp;
  private Claims claims;
  private RunTable table;

  @BeforeEach
  void begin() {
    claims = new Claims(temp.resolve("claims")).withOrder().withSlope();
    table = RunTable.read(temp.resolve("runs.csv"));
  }

  private TrialDesign design(String claim) {
    return claims.read().named(claim).designs().get(Scale.TINY);
  }

  private static double rate(PlannedRun wanted) {
    return wanted.config().optimizer().lr();
  }

  /** A bowl in log2 of the rate. */
  private static ToDoubleFunction<PlannedRun> bowl(double best) {
    return wanted -> {
      double x = BestRate.log2(rate(wanted) / best);
      return 4 + 0.1 * x * x;
    };
  }

  private void answer(Trial trial, ToDoubleFunction<PlannedRun> loss) {
    for (PlannedRun wanted : trial.missing()) {
      table.append(Claims.row(wanted, loss.applyAsDouble(wanted)));
    }
  }

  @Test
  void firstTheGridsOnOneSeedThenWinnersWithNeighboursOnFreshSeeds() {
    TrialDesign design = design("order");
    Trial trial = Trial.of(design, table);
    assertThat(trial.missing()).hasSize(6);
    assertThat(trial.missing()).allMatch(wanted -> wanted.config().training().seed() == 1);
    answer(trial, bowl(2e-3));
    trial = Trial.of(design, table);
    assertThat(trial.missing()).hasSize(2 * 3 * 3);
    assertThat(trial.missing().stream().map(w -> w.config().training().seed()).distinct())
        .containsExactly(11L, 12L, 13L);
    answer(trial, bowl(2e-3));
    trial = Trial.of(design, table);
    assertThat(trial.complete()).isTrue();
    assertThat(trial.used()).hasSize(24);
    assertThat(trial.best("adamw").orElseThrow().rate()).isEqualTo(2e-3);
    assertThat(trial.best("adamw").orElseThrow().onEdge()).isFalse();
  }

  @Test
  void aGridGrowsWhereItsBestRateLiesOnAnEdge() {
    Trial up = Claims.completed(design("order"), table, bowl(8e-3));
    Tuned tuned = up.best("signum").orElseThrow();
    assertThat(tuned.rate()).isEqualTo(8e-3);
    assertThat(tuned.grid().keySet()).containsExactly(1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2);
    assertThat(tuned.rows().keySet()).containsExactly(4e-3, 8e-3, 1.6e-2);
    assertThat(tuned.onEdge()).isFalse();
  }

  @Test
  void aGridGrowsOnlySoFarAndSaysSo() {
    Trial trial = Claims.completed(design("order"), table, wanted -> 4 + rate(wanted));
    Tuned tuned = trial.best("adamw").orElseThrow();
    // Two rates below the grid by its own growth, two more on fresh seeds.
    assertThat(tuned.rate()).isEqualTo(1e-3 / 16);
    assertThat(tuned.onEdge()).isTrue();
  }

  @Test
  void ofThreeRatesTheBestOnFreshSeedsCountsAndItsOuterNeighbourIsTriedToo() {
    Trial trial =
        Claims.completed(
            design("order"),
            table,
            wanted ->
                bowl(wanted.config().training().seed() == 1 ? 2e-3 : 4e-3).applyAsDouble(wanted));
    Tuned tuned = trial.best("adamw").orElseThrow();
    assertThat(tuned.rate()).isEqualTo(4e-3);
    assertThat(tuned.rows().keySet()).containsExactly(1e-3, 2e-3, 4e-3, 8e-3);
  }

  @Test
  void aRateAtWhichASeedDivergedIsNotChosen() {
    Trial trial =
        Claims.completed(
            design("order"),
            table,
            wanted ->
                rate(wanted) > 3e-3 && wanted.config().training().seed() == 12
                    ? Double.NaN
                    : bowl(3.9e-3).applyAsDouble(wanted));
    Tuned tuned = trial.best("adamw").orElseThrow();
    assertThat(tuned.rate()).isEqualTo(2e-3);
    assertThat(tuned.quantity("val_loss")).doesNotContain(Double.NaN);
  }

  @Test
  void everyCellIsTunedWhereTheClaimComparesThem() {
    Trial trial =
        Claims.completed(
            design("slope"),
            table,
            wanted -> {
              double beta = (Double) wanted.config().optimizer().settings().get("beta1");
              return bowl(0.02 * (1 - beta)).applyAsDouble(wanted);
            });
    assertThat(trial.tuned()).hasSize(3);
    assertThat(trial.tuned().stream().map(Tuned::rate)).containsExactly(4e-3, 2e-3, 1e-3);
    Claim claim = claims.read().named("slope");
    Estimate slope = Evidence.of(claim, trial).get(claim.checks().get(0));
    assertThat(slope.value()).isEqualTo(1, within(1e-6));
    assertThat(slope.samples()).isEqualTo(3);
  }

  @Test
  void twoClaimsShareTheRunsThatAreTheSame() {
    Claims.completed(design("order"), table, bowl(2e-3));
    int missing = Trial.of(design("slope"), table).missing().size();
    assertThat(missing).isEqualTo(6); // nine points, three of them Signum's at beta1 = 0.9
  }

  @Test
  void evidenceIsPairedBySeed() {
    Claim claim = claims.read().named("order");
    Map<Long, Double> shift = Map.of(1L, 0.0, 11L, 0.5, 12L, 0.0, 13L, -0.5);
    Trial trial =
        Claims.completed(
            claim.designs().get(Scale.TINY),
            table,
            wanted ->
                bowl(2e-3).applyAsDouble(wanted)
                    + shift.get(wanted.config().training().seed())
                    + (wanted.arm().equals("signum") ? 0.06 : 0));
    Map<ClaimCheck, Estimate> numbers = Evidence.of(claim, trial);
    Estimate gap = numbers.get(claim.checks().get(0));
    assertThat(gap.value()).isEqualTo(0.06, within(1e-9));
    assertThat(gap.standardError()).isLessThan(1e-9); // the seeds' own spread is 0.5
    assertThat(Verdict.of(numbers).outcome()).isEqualTo(Outcome.REPRODUCED);
  }

  @Test
  void noEvidenceBeforeAllRunsAreThere() {
    Claim claim = claims.read().named("order");
    Trial trial = Trial.of(claim.designs().get(Scale.TINY), table);
    answer(trial, bowl(2e-3));
    assertThat(Evidence.of(claim, Trial.of(claim.designs().get(Scale.TINY), table))).isEmpty();
    assertThat(List.copyOf(table.rows())).hasSize(6);
  }
}
