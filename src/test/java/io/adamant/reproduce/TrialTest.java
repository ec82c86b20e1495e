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

  /** The seeds that choose a rate see it at its luckiest; those that compare it do not. */
  @Test
  void whatIsComparedChoseNothing() {
    claims.withSeedsApart();
    Claim claim = claims.read().named("order");
    Trial trial =
        Claims.completed(
            claim.designs().get(Scale.TINY),
            table,
            wanted ->
                bowl(2e-3).applyAsDouble(wanted)
                    + (wanted.config().training().seed() > 20 ? 0.02 : 0)
                    + (wanted.arm().equals("signum") ? 0.06 : 0));
    assertThat(trial.used()).hasSize(24 + 2 * 3);
    Tuned tuned = trial.best("adamw").orElseThrow();
    assertThat(tuned.best().stream().map(RunRow::seed)).containsExactly(21L, 22L, 23L);
    assertThat(tuned.quantity("val_loss")).containsOnly(4.02);
    assertThat(tuned.rows().get(2e-3).stream().map(RunRow::seed)).containsExactly(11L, 12L, 13L);
    assertThat(Evidence.of(claim, trial).values().iterator().next().value())
        .isEqualTo(0.06, within(1e-9));
  }

  @Test
  void aSupersededClaimIsComparedAsItWas() {
    claims.withSeedsApart().write("order.yaml", superseded());
    assertThat(design("order").apart()).isFalse();
    assertThat(design("slope").apart()).isTrue();
  }

  private String superseded() {
    return """
    superseded_by: slope
    title: The order
    claim: Signum ends above AdamW.
    published: [{what: the gap, value: '.061', source: the paper}]
    checks:
      a: {rule: difference, quantity: val_loss, of: signum, minus: adamw, at_least: 0}
    tune: arms
    tiny:
      arms:
        adamw: {optimizer: {type: adamw}, grid: {optimizer.lr: [1.0e-3, 2.0e-3]}}
        signum: {optimizer: {type: signum}, grid: {optimizer.lr: [1.0e-3, 2.0e-3]}}
    """;
  }

  /** A bowl in log2 of 1 − β1 too. */
  private static ToDoubleFunction<PlannedRun> bowl(double rate, double beta) {
    return wanted -> {
      double own = (Double) wanted.config().optimizer().settings().get("beta1");
      double x = BestRate.log2((1 - own) / (1 - beta));
      return bowl(rate).applyAsDouble(wanted) + 0.1 * x * x;
    };
  }

  @Test
  void anArmGrowsInMomentumWhereTheBestOneLiesOnAnEdge() {
    claims.withSeedsApart().write("slope.yaml", arms("signum", ""));
    Trial trial = Claims.completed(design("slope"), table, bowl(2e-3, 0.6));
    assertThat(trial.best("signum").orElseThrow().cell().beta1()).isEqualTo(0.6);
    assertThat(trial.grids().keySet().stream().map(GridCell::beta1))
        .containsExactly(0.8, 0.9, 0.95, 0.6, 0.2);
    assertThat(trial.grids().keySet().stream().map(GridCell::label)).contains("signum beta1=0.6");
  }

  @Test
  void equalBetasGrowTogether() {
    claims.withSeedsApart().write("slope.yaml", arms("adamw", "optimizer.beta2: [0.8, 0.9, 0.95]"));
    Trial trial = Claims.completed(design("slope"), table, bowl(2e-3, 0.97));
    GridCell best = trial.best("adamw").orElseThrow().cell();
    assertThat(best.beta1()).isEqualTo(0.975);
    assertThat(best.beta2()).isEqualTo(0.975);
    assertThat(best.label()).isEqualTo("adamw beta1=0.975 beta2=0.975");
  }

  private static String arms(String type, String second) {
    return """
    title: The best
    claim: One.
    published: [{what: slope, value: 1, source: the paper}]
    checks:
      value: {rule: value, quantity: val_loss, of: %1$s, at_least: 0}
    tune: arms
    tiny:
      arms:
        %1$s:
          optimizer: {type: %1$s}
          grid:
            zip: {optimizer.beta1: [0.8, 0.9, 0.95], %2$s}
            optimizer.lr: [1.0e-3, 2.0e-3, 4.0e-3]
    """
        .formatted(type, second);
  }

  /** A tuned arm that never came off the edge proves nothing, whatever its loss. */
  @Test
  void anArmOnAnEdgeLeavesItsChecksUndecided() {
    claims.withSeedsApart();
    Claim claim = claims.read().named("order");
    Trial trial =
        Claims.completed(
            claim.designs().get(Scale.TINY),
            table,
            wanted ->
                wanted.arm().equals("signum")
                    ? 4 + rate(wanted)
                    : bowl(2e-3).applyAsDouble(wanted));
    Verdict verdict = Verdict.of(Evidence.of(claim, trial));
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_DECIDED);
    assertThat(verdict.checks().get(0).check().undecided())
        .isEqualTo("the best rate of signum lies on an edge of what was tried");
  }

  /** On one seed the parabola's vertex lies beyond the rates that its neighbours needed. */
  @Test
  void aSlopeTakesOnlyBestRatesThatEverySeedHasWithinItsGrid() {
    claims.withSeedsApart();
    Claim claim = claims.read().named("slope");
    ToDoubleFunction<PlannedRun> law =
        wanted -> {
          double beta = (Double) wanted.config().optimizer().settings().get("beta1");
          boolean odd = wanted.config().training().seed() == 13;
          return bowl(0.02 * (1 - beta) * (odd ? 2.5 : 1)).applyAsDouble(wanted);
        };
    Trial trial = Claims.completed(claim.designs().get(Scale.TINY), table, law);
    assertThat(trial.tuned()).noneMatch(Tuned::onEdge).hasSize(3);
    assertThat(trial.tuned().get(0).rows().keySet()).containsExactly(2e-3, 4e-3, 8e-3, 1.6e-2);
    Estimate slope = Evidence.of(claim, trial).get(claim.checks().get(0));
    assertThat(slope.value()).isEqualTo(1, within(1e-6));

    RunTable other = RunTable.read(temp.resolve("other.csv"));
    Trial falling =
        Claims.completed(
            claim.designs().get(Scale.TINY),
            other,
            wanted ->
                wanted.config().training().seed() == 13
                    ? 4 - rate(wanted) // no best rate on this seed
                    : law.applyAsDouble(wanted));
    assertThat(falling.tuned()).allMatch(Tuned::onEdge);
    Verdict verdict = Verdict.of(Evidence.of(claim, falling));
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_DECIDED);
    assertThat(verdict.checks().get(0).check().undecided())
        .isEqualTo("the best rate of signum lies within what was tried at 0 of 3 momenta");
  }

  /** Of each β1 the best β2 on the grid's seed and the equal one, on seeds that chose neither. */
  @Test
  void equalBetasAreHeldAgainstTheBestOnes() {
    claims
        .withSeedsApart()
        .write(
            "slope.yaml",
            arms("adamw", "")
                .replace("rule: value, quantity: val_loss,", "rule: equal_gap,")
                .replace("at_least: 0", "at_most: 0.01")
                .replace("tune: arms", "tune: equal")
                .replace(
                    "zip: {optimizer.beta1: [0.8, 0.9, 0.95], }",
                    "optimizer.beta1: [0.8, 0.9]\n" + "        optimizer.beta2: [0.8, 0.9, 0.95]"));
    Claim claim = claims.read().named("slope");
    Trial trial =
        Claims.completed(
            claim.designs().get(Scale.TINY),
            table,
            wanted -> {
              double beta2 = (Double) wanted.config().optimizer().settings().get("beta2");
              return bowl(2e-3).applyAsDouble(wanted) + (0.95 - beta2) / 10;
            });
    assertThat(trial.tuned().stream().map(each -> each.cell().label()))
        .containsExactlyInAnyOrder(
            "adamw beta1=0.8 beta2=0.8", "adamw beta1=0.8 beta2=0.95",
            "adamw beta1=0.9 beta2=0.9", "adamw beta1=0.9 beta2=0.95");
    assertThat(trial.used()).hasSize(2 * 3 * 3 + 4 * 3);
    Estimate gap = Evidence.of(claim, trial).get(claim.checks().get(0));
    assertThat(gap.value()).isEqualTo((0.015 + 0.005) / 2, within(1e-9));

    // Where the equal one is the best, it is not held against itself.
    Trial equal =
        Claims.completed(
            claim.designs().get(Scale.TINY),
            RunTable.read(temp.resolve("other.csv")),
            wanted -> {
              var settings = wanted.config().optimizer().settings();
              double x = (Double) settings.get("beta1") - (Double) settings.get("beta2");
              return bowl(2e-3).applyAsDouble(wanted) + Math.abs(x) / 10;
            });
    gap = Evidence.of(claim, equal).get(claim.checks().get(0));
    assertThat(gap.value()).isEqualTo(-(0.01 + 0.005) / 2, within(1e-9));
  }

  @Test
  void halvesOfOneArmsSeedsAreCompared() {
    claims.write(
        "same.yaml",
        """
        kind: control
        must: reproduced
        title: A/A
        claim: Equal.
        checks:
          a: {rule: halves, quantity: val_loss, of: adamw, at_least: -0.05, at_most: 0.05}
        tune: fixed
        tiny:
          seeds: [1, 2, 3, 4]
          arms:
            adamw: {optimizer: {type: adamw, lr: 1.0e-3}}
        """
            .replace("[1, 2", "[5, 6"));
    Claim claim = claims.read().named("same");
    Trial trial =
        Claims.completed(
            claim.designs().get(Scale.TINY), table, wanted -> wanted.config().training().seed());
    assertThat(Evidence.of(claim, trial).values().iterator().next().value())
        .isEqualTo((5 + 6 - 3 - 4) / 2.0);
  }

  @Test
  void aRunFailsThatDivergesOrEndsANatAboveAnotherOnItsSeed() {
    claims.write(
        "failures.yaml",
        """
        kind: reading
        title: Failures
        claim: Some fail.
        published: [{what: failures, value: some, source: the paper}]
        checks:
          a: {rule: failed_share, arms: good bad, against: good, at_least: 0.1}
        tune: fixed
        tiny:
          arms:
            good: {optimizer: {type: adamw, lr: 1.0e-3}}
            bad: {optimizer: {type: adamw, lr: 2.0e-3}}
        """);
    Claim claim = claims.read().named("failures");
    Map<Long, Double> bad = Map.of(11L, Double.NaN, 12L, 6.01, 13L, 6.49); // good: 5, 5, 5.5
    Trial trial =
        Claims.completed(
            claim.designs().get(Scale.TINY),
            table,
            wanted -> {
              long seed = wanted.config().training().seed();
              return wanted.arm().equals("bad") ? bad.get(seed) : seed == 13 ? 5.5 : 5;
            });
    Estimate share = Evidence.of(claim, trial).values().iterator().next();
    assertThat(share.count()).isEqualTo(2);
    assertThat(share.samples()).isEqualTo(6);
    assertThat(share.share()).isTrue();
  }
}
