package io.adamant.config;

import io.adamant.base.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Asynchronous successive halving (ASHA): Li et al. 2020, "A System for Massively Parallel
 * Hyperparameter Tuning", arXiv:1810.05934, algorithm 2. A run that reaches a rung goes on if its
 * setting is among the best 1/&eta; of those that have reached the rung so far; otherwise it stops
 * there, with a checkpoint, until later results put it among them.
 *
 * <pre>
 * stop: {first: 100, factor: 4}               # rungs at 100, 400, 1600, ...
 * stop: {rungs: [100, 300], factor: 3, within: study}
 * </pre>
 *
 * @param rungs steps of the rungs, rising; empty where they follow from {@code first}
 * @param first step r of the first rung; the others are &lfloor;r &eta;^k&rfloor;, k = 1, 2, ...; 0
 *     where {@code rungs} lists them
 * @param factor reduction factor &eta;, above 1
 * @param within which settings are compared with one another
 */
public record StopConfig(List<Long> rungs, long first, double factor, Within within) {

  /** The reduction factor of the paper's experiments, and of those who do not name one. */
  public static final double USUAL_FACTOR = 4;

  private static final int MAX_RUNGS = 100;

  /** Which settings are compared with one another. */
  public enum Within {
    /** Those of one arm: every arm is tuned, and keeps its best. */
    ARM,
    /** All: an arm may end without a finished run. */
    STUDY
  }

  /**
   * Validates.
   *
   * @throws InputException if there are neither rungs nor a first one, or both, or they do not
   *     rise, or the factor is not above 1
   */
  public StopConfig {
    rungs = List.copyOf(rungs);
    if (rungs.isEmpty() == (first == 0)) {
      throw InputException.badValue(
          "stop",
          rungs.isEmpty() ? "a mapping without rungs" : "a mapping with rungs and first",
          "either rungs: [100, 300] or first: 100");
    }
    if (first < 0) {
      throw InputException.badValue("stop.first", first, "a step of at least 1");
    }
    long before = 0;
    for (long rung : rungs) {
      if (rung <= before) {
        throw InputException.badValue("stop.rungs", rungs, "rising steps of at least 1");
      }
      before = rung;
    }
    if (rungs.size() > MAX_RUNGS) {
      throw InputException.badValue("stop.rungs", rungs.size() + " steps", "at most " + MAX_RUNGS);
    }
    if (!(factor > 1) || Double.isInfinite(factor)) {
      throw InputException.badValue("stop.factor", factor, "a number above 1, such as 4");
    }
  }

  /**
   * The rungs of a run.
   *
   * @param steps of the run
   * @return steps below its last, rising
   */
  public List<Long> below(long steps) {
    if (!rungs.isEmpty()) {
      return rungs.stream().filter(rung -> rung < steps).toList();
    }
    List<Long> all = new ArrayList<>();
    for (double rung = first; rung < steps && all.size() < MAX_RUNGS; rung *= factor) {
      long step = (long) Math.floor(rung * (1 + 1e-12)); // 100 * 1.1 is no less than 110
      if (step < steps && !all.contains(step)) {
        all.add(step);
      }
    }
    return List.copyOf(all);
  }

  /**
   * How many settings go on from a rung.
   *
   * @param reached settings that have reached it
   * @param closed whether no other one can reach it any more
   * @return &lfloor;reached/&eta;&rfloor;; of a closed rung at least 1, so that something finishes
   */
  public int kept(int reached, boolean closed) {
    int kept = (int) Math.floor(reached / factor * (1 + 1e-12));
    return closed && reached > 0 ? Math.max(1, kept) : kept;
  }

  /** Refuses runs whose losses at a rung cannot be compared. */
  void check(List<Arm> arms) {
    for (Arm arm : arms) {
      for (Arm.Point point : arm.points()) {
        Arm other = within == Within.STUDY ? arms.get(0) : arm;
        check(arm.name(), point.config(), other.points().get(0).config());
      }
    }
  }

  private void check(String arm, RunConfig run, RunConfig other) {
    int steps = run.training().steps();
    long last = rungs.isEmpty() ? first : rungs.get(rungs.size() - 1);
    if (last >= steps) {
      throw InputException.badValue(
          rungs.isEmpty() ? "stop.first" : "stop.rungs",
          rungs.isEmpty() ? first : rungs,
          "steps below training.steps, " + steps + " in arm " + arm);
    }
    boolean equal = steps == other.training().steps() && run.tokens() == other.tokens();
    for (long rung : below(steps)) {
      equal &= run.tokens(rung) == other.tokens(rung);
    }
    if (!equal) {
      throw InputException.badValue(
          "stop",
          "given, and arm " + arm + " compares runs of other steps or other tokens in a step",
          "runs that are equally far at a rung");
    }
    if (!run.data().equals(other.data())
        || run.training().evalTokens() != other.training().evalTokens()) {
      throw InputException.badValue(
          "stop",
          "given, and arm " + arm + " compares runs with other data or training.eval_tokens",
          "losses on the same text");
    }
  }
}
