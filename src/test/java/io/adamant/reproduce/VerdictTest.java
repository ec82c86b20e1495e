package io.adamant.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.base.InputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Verdicts follow from intervals and margins alone. */
class VerdictTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  private static ClaimCheck check(String name, double low, double high) {
    return new ClaimCheck(name, CheckRule.SIMULATED, Map.of("of", name), low, high, "", "");
  }

  private static Verdict judge(double low, double high, double... samples) {
    return Verdict.of(Map.of(check("a", low, high), Estimate.of(samples)));
  }

  @Test
  void anIntervalWithinTheMarginReproduces() {
    assertThat(judge(0.05, INF, 0.20, 0.21, 0.22).outcome()).isEqualTo(Outcome.REPRODUCED);
    assertThat(judge(-INF, 0.5, 0.20, 0.21, 0.22).outcome()).isEqualTo(Outcome.REPRODUCED);
    assertThat(judge(0.1, 0.3, 0.20, 0.21, 0.22).outcome()).isEqualTo(Outcome.REPRODUCED);
  }

  @Test
  void anIntervalOverAnEndOfTheMarginResolvesNothingAndSaysHowManySeedsWould() {
    Verdict verdict = judge(0.05, INF, 0.00, 0.10, 0.20); // mean .1, half width .25
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_RESOLVED);
    // Paired t-test, s = .1, difference .05, alpha .05, power .8: 34 by tables (Cohen 1988).
    assertThat(verdict.needed().orElse(0)).isBetween(33L, 35L);
    assertThat(judge(0.05, 0.25, 0.1, 0.2, 0.3).outcome()).isEqualTo(Outcome.NOT_RESOLVED);
  }

  @Test
  void onlyAnIntervalOutsideTheMarginContradicts() {
    assertThat(judge(0.05, INF, -0.01, 0.00, 0.01).outcome()).isEqualTo(Outcome.CONTRADICTED);
    assertThat(judge(-INF, 0.05, 0.20, 0.21, 0.22).outcome()).isEqualTo(Outcome.CONTRADICTED);
    // A mean outside is not enough: half width .025 reaches into the margin.
    assertThat(judge(0.02, INF, -0.01, 0.00, 0.01).outcome()).isEqualTo(Outcome.NOT_RESOLVED);
  }

  @Test
  void theEndsOfTheMarginBelongToIt() {
    ClaimCheck check = check("a", 1, 2);
    for (double end : new double[] {1, 2}) {
      assertThat(Verdict.of(Map.of(check, Estimate.exact(end))).outcome())
          .isEqualTo(Outcome.REPRODUCED);
    }
    for (double beyond : new double[] {Math.nextDown(1.0), Math.nextUp(2.0)}) {
      assertThat(Verdict.of(Map.of(check, Estimate.exact(beyond))).outcome())
          .isEqualTo(Outcome.CONTRADICTED);
    }
  }

  @Test
  void oneSeedAndDivergedArmsResolveNothing() {
    assertThat(judge(0.05, INF, 0.5).outcome()).isEqualTo(Outcome.NOT_RESOLVED);
    Estimate unknown = new Estimate(Double.NaN, Double.NaN, 1, 1);
    Verdict verdict = Verdict.of(Map.of(check("a", 0.05, INF), unknown));
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_RESOLVED);
    assertThat(verdict.needed()).isEqualTo(OptionalLong.empty());
    assertThat(Verdict.of(Map.of()).outcome()).isEqualTo(Outcome.NOT_RUN);
  }

  @Test
  void aClaimIsWhatItsWorstCheckIs() {
    Map<ClaimCheck, Estimate> numbers = new LinkedHashMap<>();
    numbers.put(check("good", 0, INF), Estimate.of(new double[] {1, 1.1, 1.2}));
    assertThat(Verdict.of(numbers).outcome()).isEqualTo(Outcome.REPRODUCED);
    numbers.put(check("open", 0, INF), Estimate.of(new double[] {-1, 0, 2}));
    assertThat(Verdict.of(numbers).outcome()).isEqualTo(Outcome.NOT_RESOLVED);
    numbers.put(check("bad", 5, INF), Estimate.of(new double[] {1, 1.01, 1.02}));
    assertThat(Verdict.of(numbers).outcome()).isEqualTo(Outcome.CONTRADICTED);
    assertThat(Verdict.of(numbers).needed()).isEmpty();
  }

  @Test
  void anUndecidedCheckGetsNoVerdictAndTakesItFromItsClaim() {
    ClaimCheck open =
        new ClaimCheck(
            "a", CheckRule.SIMULATED, Map.of("of", "a"), 0, INF, "", "one of two was run");
    Map<ClaimCheck, Estimate> numbers = new LinkedHashMap<>();
    numbers.put(check("bad", 5, INF), Estimate.of(new double[] {1, 1.01, 1.02}));
    for (double value : new double[] {1, -1}) {
      numbers.put(open, Estimate.of(new double[] {value, value + 0.01, value + 0.02}));
      Verdict verdict = Verdict.of(numbers);
      assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_DECIDED);
      assertThat(verdict.checks().stream().map(Verdict.Finding::outcome))
          .containsExactly(Outcome.CONTRADICTED, Outcome.NOT_DECIDED);
    }
  }

  /** s = .01, n = 3: half width .0248 at 95 %, .0442 at 98.3 %. */
  @Test
  void manyChecksMustEachBeContradictedMoreClearly() {
    Estimate number = Estimate.of(new double[] {-0.01, 0, 0.01});
    Map<ClaimCheck, Estimate> numbers = new LinkedHashMap<>();
    numbers.put(check("a", 0.03, INF), number);
    assertThat(Verdict.of(numbers).outcome()).isEqualTo(Outcome.CONTRADICTED);
    numbers.put(check("b", -1, INF), number);
    numbers.put(check("c", -1, INF), number);
    assertThat(Verdict.of(numbers).outcome()).isEqualTo(Outcome.NOT_RESOLVED);
  }

  /** Two equal arms: "above" is neither reproduced nor contradicted in 95 % of the cases. */
  @Test
  void equalArmsAreSeldomTaken() {
    Random random = new Random(5);
    Map<Outcome, Integer> counts = new LinkedHashMap<>();
    for (int i = 0; i < 800; i++) {
      double[] d = new double[3];
      for (int s = 0; s < 3; s++) {
        double one = random.nextGaussian();
        double other = random.nextGaussian();
        d[s] = 0.02 * (one - other);
      }
      counts.merge(judge(0, INF, d).outcome(), 1, Integer::sum);
    }
    assertThat(counts.get(Outcome.REPRODUCED)).isBetween(7, 36); // 2.5 % of 800
    assertThat(counts.get(Outcome.CONTRADICTED)).isBetween(7, 36);
  }

  @Test
  void aMarginOpenAtBothEndsOrEmptyIsRefused() {
    assertThatThrownBy(() -> check("a", -INF, INF)).isInstanceOf(InputException.class);
    assertThatThrownBy(() -> check("a", 2, 1)).isInstanceOf(InputException.class);
  }

  /** Ends by SciPy's binomtest(k, n).proportion_ci(method="exact"). */
  @Test
  void aShareHasTheIntervalOfItsCount() {
    Estimate none = Estimate.share(0, 24);
    assertThat(none.interval(0.95).low()).isZero();
    assertThat(none.interval(0.95).high()).isEqualTo(0.14247, within(1e-5));
    Estimate some = Estimate.share(3, 10);
    assertThat(some.interval(0.95).low()).isEqualTo(0.06674, within(1e-5));
    assertThat(some.interval(0.95).high()).isEqualTo(0.65245, within(1e-5));
    assertThat(Estimate.share(8, 8).interval(0.95).low()).isEqualTo(0.63058, within(1e-5));
    assertThat(Estimate.share(8, 8).interval(0.95).high()).isEqualTo(1);
    // The interval ends where the test's p-value is what its level leaves.
    assertThat(some.pValue(some.interval(0.95).high())).isEqualTo(0.05, within(1e-9));
    assertThat(none.pValue(none.interval(0.9).high())).isEqualTo(0.1, within(1e-9));
    assertThat(none.unvaried()).isEmpty();
    assertThat(Verdict.of(Map.of(check("a", -INF, 0.15), none)).outcome())
        .isEqualTo(Outcome.REPRODUCED);
    assertThat(Verdict.of(Map.of(check("a", -INF, 0.14), none)).outcome())
        .isEqualTo(Outcome.NOT_RESOLVED);
  }
}
