package io.adamant.reproduce;

import io.adamant.stats.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.DoubleStream;

/**
 * What the evidence says of a claim.
 *
 * <p>A check is reproduced if the 95 % interval of its number lies within the margin. It is
 * contradicted if the interval lies wholly outside, at the level 1 − 0.05/k for a claim of k checks
 * (Bonferroni), so that a true claim of many checks is contradicted by chance no more often than a
 * true claim of one. Anything else is not resolved. A claim is reproduced if all its checks are,
 * contradicted if any is. A check whose file says that it is undecided gets no verdict, nor does
 * its claim: what was run is not what the claim is about.
 *
 * @param outcome for the whole claim
 * @param checks one a check of the claim, in its order
 * @param p of the outcome: of a reproduced claim the largest of its numbers' p-values, since all
 *     must hold; of a contradicted one the smallest, times k; NaN of any other
 * @param needed samples that would resolve what is not; empty where that is unknown or not needed
 */
public record Verdict(Outcome outcome, List<Finding> checks, double p, OptionalLong needed) {

  static final double LEVEL = 0.95;

  /** Takes a copy. */
  public Verdict {
    checks = List.copyOf(checks);
  }

  /**
   * What the evidence says of a check.
   *
   * @param check the check
   * @param estimate its number
   * @param interval at 95 %
   * @param outcome for this check
   * @param p of the test that the true value is the margin's nearest end, two-sided: below 0.05
   *     where the interval does not reach it
   * @param needed samples that would resolve it, where it is not
   */
  public record Finding(
      ClaimCheck check,
      Estimate estimate,
      Interval interval,
      Outcome outcome,
      double p,
      OptionalLong needed) {}

  /**
   * Judges a claim.
   *
   * @param numbers an estimate for every check, in order; empty stands for a claim not yet run
   * @return the verdict
   */
  static Verdict of(Map<ClaimCheck, Estimate> numbers) {
    if (numbers.isEmpty()) {
      return new Verdict(Outcome.NOT_RUN, List.of(), Double.NaN, OptionalLong.empty());
    }
    List<Finding> findings = new ArrayList<>();
    numbers.forEach((check, number) -> findings.add(judge(check, number, numbers.size())));
    Outcome outcome = Outcome.REPRODUCED;
    long needed = 0;
    for (Finding finding : findings) {
      if (finding.outcome().compareTo(outcome) > 0) {
        outcome = finding.outcome();
      }
      needed = Math.max(needed, finding.needed().orElse(0));
    }
    boolean open = outcome == Outcome.NOT_RESOLVED && needed > 0;
    return new Verdict(
        outcome,
        findings,
        p(outcome, findings),
        open ? OptionalLong.of(needed) : OptionalLong.empty());
  }

  private static double p(Outcome outcome, List<Finding> findings) {
    DoubleStream values =
        findings.stream().filter(f -> f.outcome() == outcome).mapToDouble(Finding::p);
    return switch (outcome) {
      case REPRODUCED -> values.max().orElse(Double.NaN);
      case CONTRADICTED -> Math.min(1, findings.size() * values.min().orElse(Double.NaN));
      default -> Double.NaN;
    };
  }

  private static Finding judge(ClaimCheck check, Estimate number, int checks) {
    Interval interval = number.interval(LEVEL);
    Interval wide = number.interval(1 - (1 - LEVEL) / checks);
    OptionalLong needed = OptionalLong.empty();
    Outcome outcome = Outcome.NOT_RESOLVED;
    if (!check.undecided().isEmpty()) {
      outcome = Outcome.NOT_DECIDED;
    } else if (check.holds(interval.low()) && check.holds(interval.high())) {
      outcome = Outcome.REPRODUCED;
    } else if (wide.high() < check.low() || wide.low() > check.high()) {
      outcome = Outcome.CONTRADICTED;
    } else {
      needed = number.needed(check.distance(number.value()));
    }
    double p = Math.max(p(number, check.low()), p(number, check.high()));
    return new Finding(check, number, interval, outcome, p, needed);
  }

  /** An open end is infinitely far. */
  private static double p(Estimate number, double end) {
    return Double.isInfinite(end) ? 0 : number.pValue(end);
  }
}
