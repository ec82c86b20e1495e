package io.adamant.config;

import io.adamant.base.InputException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A study: arms that are compared, each over the same seeds.
 *
 * <pre>
 * name: quickstart
 * title: SGDM against AdamW
 * base: {training: {steps: 300}}                  # sections of a run
 * arms:                                           # each laid over the base
 *   sgdm: {optimizer: {type: sgdm, lr: 1.0, beta1: 0.9}}
 *   adamw: {optimizer.lr: 4e-3}
 *   signum: {optimizer: {type: signum, beta1: 0.9, lr: match(adamw)}}    # by theory, with its decay
 * grid: {optimizer.weight_decay: [0, 0.1]}        # every combination, for every arm
 * seeds: [1, 2, 3]                                # default: the base's seed
 * confirm: {seeds: [11, 12, 13]}                  # fresh seeds for each arm's winner
 * stop: {first: 30, factor: 3}                    # the worse runs stop at steps 30 and 90
 * </pre>
 *
 * <p>Arms and grid are optional; without arms the base itself is the only one. An arm's own {@code
 * grid} replaces the study's. Where an arm's optimizer is of another type than the base's, none of
 * the base's optimizer settings reach it.
 *
 * @param name lower-case letters, digits, {@code . _ -}; names the study's directory
 * @param title a line of text for reports, may be empty
 * @param base the base run, resolved; what it says where no arm says otherwise
 * @param arms the arms in order, expanded
 * @param seeds the seeds in order, replacing those of the arms' runs
 * @param confirm what is trained after the grids; empty for nothing
 * @param stop at which steps which runs stop; empty where all are trained to their end
 */
public record StudyConfig(
    String name,
    String title,
    RunConfig base,
    List<Arm> arms,
    List<Long> seeds,
    Optional<ConfirmConfig> confirm,
    Optional<StopConfig> stop) {
  /** More runs than any study has; a grid beyond it is a typing error. */
  static final int MAX_RUNS = 10_000;

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  /**
   * Validates.
   *
   * @throws InputException if the name is malformed, there are no arms or seeds, two of them are
   *     the same, there are more than 10,000 runs, a seed or an arm of {@code confirm} is one that
   *     cannot be confirmed, or {@code stop} compares runs that cannot be compared at a rung
   */
  public StudyConfig {
    Checks.matching(
        "name",
        name,
        NAME,
        "at most 64 lower-case letters, digits, . _ - that begin with a letter or digit");
    Checks.text("title", title);
    arms = List.copyOf(arms);
    seeds = List.copyOf(seeds);
    if (arms.isEmpty()) {
      throw InputException.badValue("arms", "empty", "at least one arm");
    }
    if (arms.stream().map(Arm::name).distinct().count() < arms.size()) {
      throw InputException.badValue("arms", arms.stream().map(Arm::name).toList(), "unique names");
    }
    if (seeds.isEmpty() || seeds.stream().distinct().count() < seeds.size()) {
      throw InputException.badValue("seeds", seeds, "at least one seed, each of them once");
    }
    seeds.forEach(seed -> Checks.notNegative("seeds", seed));
    if (confirm.isPresent()) {
      checkConfirm(confirm.get(), arms, seeds);
    }
    long runs = arms.stream().mapToLong(arm -> arm.points().size()).sum() * seeds.size();
    if (runs > MAX_RUNS) {
      throw new InputException("the study has " + runs + " runs; allowed: at most " + MAX_RUNS);
    }
    if (stop.isPresent()) {
      stop.get().check(arms);
    }
  }

  /**
   * A study that confirms nothing and stops no run.
   *
   * @param name of its directory
   * @param title may be empty
   * @param base the base run
   * @param arms in order
   * @param seeds in order
   */
  public StudyConfig(String name, String title, RunConfig base, List<Arm> arms, List<Long> seeds) {
    this(name, title, base, arms, seeds, Optional.empty(), Optional.empty());
  }

  private static void checkConfirm(ConfirmConfig confirm, List<Arm> arms, List<Long> seeds) {
    if (confirm.seeds().stream().anyMatch(seeds::contains)) {
      throw InputException.badValue(
          "confirm.seeds", confirm.seeds(), "seeds that are not among the study's, " + seeds);
    }
    List<String> names = arms.stream().map(Arm::name).toList();
    for (String arm : confirm.arms()) {
      if (!names.contains(arm)) {
        throw InputException.badValue("confirm.arms", arm, "the study's arms, " + names);
      }
    }
  }

  /**
   * Every run of the study but those of {@code confirm}, which follow from their results: arms in
   * order, within them the points of their grids, within those the seeds.
   *
   * @return the runs, their labels unique
   */
  public List<PlannedRun> plan() {
    return StudyExpansion.plan(this);
  }
}
