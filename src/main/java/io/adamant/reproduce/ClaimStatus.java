package io.adamant.reproduce;

import java.util.List;
import java.util.Optional;

/**
 * How a claim stands.
 *
 * @param claim the claim
 * @param scale of its runs
 * @param since when its margins were noted, before its first run; empty before that
 * @param verdict what is said of it now
 * @param trial its runs; empty for a simulation, and where the scale has no runs for it
 * @param simulated its simulation; empty for one that trains, or before it was run
 */
record ClaimStatus(
    Claim claim,
    Scale scale,
    Optional<String> since,
    Verdict verdict,
    Optional<Trial> trial,
    Optional<Simulated> simulated) {

  /** The claim's name, with the scale where it is not the smallest. */
  String id() {
    return claim.trains() && scale != Scale.TINY ? claim.name() + "-" + scale.word() : claim.name();
  }

  /** Its title, with the scale where it is not the smallest. */
  String title() {
    return claim.trains() && scale != Scale.TINY
        ? claim.title() + " (" + scale.word() + ")"
        : claim.title();
  }

  /** Whether there is a verdict. */
  boolean run() {
    return verdict.outcome() != Outcome.NOT_RUN;
  }

  /** Whether it is counted: not corrected by another claim, and no test of the tests. */
  boolean counts() {
    return claim.supersededBy().isEmpty() && claim.kind() != Claim.Kind.CONTROL;
  }

  /** For lists: the verdict, or how far the runs are. */
  String state() {
    if (run() || trial.isEmpty()) {
      return claim.kind().words(verdict.outcome());
    }
    int done = trial.get().used().size();
    int missing = trial.get().missing().size();
    return done == 0 ? verdict.outcome().words() : done + " runs done, next " + missing;
  }

  /** Seconds of one thread behind the verdict. */
  double seconds() {
    double training =
        trial.map(Trial::used).orElse(List.of()).stream()
            .mapToDouble(row -> row.number("seconds"))
            .filter(Double::isFinite)
            .sum();
    return training + simulated.map(Simulated::seconds).orElse(0.0);
  }
}
