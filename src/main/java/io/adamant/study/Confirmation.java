package io.adamant.study;

import io.adamant.config.ConfirmConfig;
import io.adamant.config.RunConfig;
import io.adamant.results.Ladder;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.stats.RateGrid;
import io.adamant.train.RunIdentity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The second half of a study with {@code confirm}: each arm's winner, and where asked for its two
 * neighbours in learning rate, on fresh seeds.
 *
 * <p>The winner is the point of the arm's grid with the lowest mean of the final validation losses
 * over the study's seeds, all of which must have finished; of equal ones the first in the study's
 * order. It follows from published results alone, so every process of a study finds the same one,
 * and finds it only when all runs of the grids have a result, were given up or have stopped at a
 * rung for good.
 *
 * <p>A program that wants the outcome runs a {@link StudyWork} and then asks:
 *
 * <pre>{@code
 * for (Confirmation.Choice choice : Confirmation.of(plan, directory).orElseThrow().choices()) {
 *   for (StudyStatus.Line run : StudyStatus.read(choice.items(), directory).runs()) {
 *     run.summary().map(RunSummary::valLoss)   // of choice.arm(), choice.role(), on a fresh seed
 *   }
 * }
 * }</pre>
 *
 * @param choices winners in the order of the arms, then neighbours in that order
 * @param without names of the arms that have no point all of whose seeds finished
 */
public record Confirmation(List<Choice> choices, List<String> without) {

  /** What a confirmed point is to its arm. */
  public enum Role {
    /** The point that the study's seeds chose. */
    WINNER,
    /** The point with the next lower learning rate. */
    LOWER,
    /** The point with the next higher learning rate. */
    HIGHER
  }

  /**
   * A point of an arm's grid that fresh seeds are spent on.
   *
   * @param arm name of the arm
   * @param role why it was chosen
   * @param label of the point, without a seed
   * @param selectionLoss mean validation loss on the study's own seeds; NaN where one diverged
   * @param items its runs on the fresh seeds
   */
  public record Choice(
      String arm, Role role, String label, double selectionLoss, List<StudyPlan.Item> items) {

    /** Takes a copy. */
    public Choice {
      items = List.copyOf(items);
    }
  }

  /** Takes copies. */
  public Confirmation {
    choices = List.copyOf(choices);
    without = List.copyOf(without);
  }

  /**
   * Selects.
   *
   * @param plan of the study
   * @param directory with its results
   * @return empty if the plan confirms nothing, or the grids are not done
   */
  public static Optional<Confirmation> of(StudyPlan plan, StudyDirectory directory) {
    if (plan.confirm().isEmpty()) {
      return Optional.empty();
    }
    Optional<Ladder> ladder = plan.ladder(directory);
    for (StudyPlan.Item item : plan.items()) {
      if (directory.published(item.id()).isEmpty()
          && directory.givenUp(item.id()).isEmpty()
          && ladder.filter(l -> l.isStopped(item.id())).isEmpty()) {
        return Optional.empty();
      }
    }
    ConfirmConfig confirm = plan.confirm().get();
    List<Choice> winners = new ArrayList<>();
    List<Choice> neighbours = new ArrayList<>();
    List<String> without = new ArrayList<>();
    points(plan)
        .forEach(
            (arm, points) -> {
              ToDoubleFunction<GridPoint> loss = point -> point.loss(directory);
              Optional<GridPoint> winner = RateGrid.best(points, loss);
              if (winner.isEmpty()) {
                without.add(arm);
                return;
              }
              winners.add(choice(arm, Role.WINNER, winner.get(), confirm, directory));
              if (confirm.neighbours()) {
                double lr = winner.get().lr();
                RateGrid<GridPoint> row = new RateGrid<>(loss);
                points.stream().filter(winner.get()::alike).forEach(p -> row.put(p.lr(), p));
                for (double rate : row.neighbours(lr)) {
                  Role role = rate < lr ? Role.LOWER : Role.HIGHER;
                  GridPoint point = row.points().get(rate);
                  neighbours.add(choice(arm, role, point, confirm, directory));
                }
              }
            });
    winners.addAll(neighbours);
    return Optional.of(new Confirmation(winners, without));
  }

  /**
   * All runs on fresh seeds, each identity once.
   *
   * @return winners first
   */
  public List<StudyPlan.Item> items() {
    Map<String, StudyPlan.Item> items = new LinkedHashMap<>();
    choices.forEach(c -> c.items().forEach(item -> items.putIfAbsent(item.id(), item)));
    return List.copyOf(items.values());
  }

  /**
   * As many runs as a confirmation can need, whatever the grids will say: of each arm the points
   * with the most tokens.
   *
   * @param plan of the study
   * @return none if the plan confirms nothing
   */
  public static List<StudyPlan.Item> atMost(StudyPlan plan) {
    List<StudyPlan.Item> items = new ArrayList<>();
    plan.confirm()
        .ifPresent(
            confirm ->
                points(plan)
                    .forEach(
                        (arm, points) ->
                            points.stream()
                                .sorted(Comparator.comparingDouble(GridPoint::tokens).reversed())
                                .limit(confirm.neighbours() ? Role.values().length : 1)
                                .forEach(p -> items.addAll(p.on(confirm.seeds())))));
    return items;
  }

  /** The points of the arms that are to be confirmed, in the study's order. */
  private static Map<String, List<GridPoint>> points(StudyPlan plan) {
    ConfirmConfig confirm = plan.confirm().orElseThrow();
    Map<String, Map<RunConfig, List<StudyPlan.ArmRun>>> grouped = new LinkedHashMap<>();
    for (StudyPlan.ArmRun armRun : plan.armRuns()) {
      if (confirm.has(armRun.arm())) {
        grouped
            .computeIfAbsent(armRun.arm(), arm -> new LinkedHashMap<>())
            .computeIfAbsent(GridPoint.seedless(armRun), config -> new ArrayList<>())
            .add(armRun);
      }
    }
    Map<String, List<GridPoint>> points = new LinkedHashMap<>();
    grouped.forEach(
        (arm, byConfig) -> points.put(arm, byConfig.values().stream().map(GridPoint::of).toList()));
    return points;
  }

  private static Choice choice(
      String arm, Role role, GridPoint point, ConfirmConfig confirm, StudyDirectory directory) {
    return new Choice(arm, role, point.label(), point.loss(directory), point.on(confirm.seeds()));
  }

  /**
   * The runs of a study that differ in nothing but their seed.
   *
   * @param label without a seed
   * @param armRuns one a seed
   */
  private record GridPoint(String label, List<StudyPlan.ArmRun> armRuns) {

    static GridPoint of(List<StudyPlan.ArmRun> armRuns) {
      StudyPlan.ArmRun first = armRuns.get(0);
      String seed = " seed=" + first.item().config().training().seed();
      String label =
          first.label().endsWith(seed)
              ? first.label().substring(0, first.label().length() - seed.length())
              : first.label();
      return new GridPoint(label, armRuns);
    }

    static RunConfig seedless(StudyPlan.ArmRun armRun) {
      RunConfig config = armRun.item().config();
      return config.with("training.seed", 0);
    }

    private RunConfig config() {
      return armRuns.get(0).item().config();
    }

    double tokens() {
      return config().tokens();
    }

    /** NaN unless all seeds finished. */
    double loss(StudyDirectory directory) {
      double sum = 0;
      for (StudyPlan.ArmRun armRun : armRuns) {
        Optional<RunSummary> summary =
            directory.published(armRun.item().id()).filter(s -> s.status() == RunStatus.FINISHED);
        sum += summary.map(RunSummary::valLoss).orElse(Double.NaN);
      }
      return sum / armRuns.size();
    }

    /** These settings on other seeds. */
    List<StudyPlan.Item> on(List<Long> seeds) {
      StudyPlan.ArmRun first = armRuns.get(0);
      List<StudyPlan.Item> items = new ArrayList<>();
      for (long seed : seeds) {
        RunConfig config = config().with("training.seed", seed);
        items.add(
            new StudyPlan.Item(
                first.arm(),
                label + " seed=" + seed,
                config,
                first.item().data(),
                RunIdentity.of(config, first.item().data())));
      }
      return items;
    }

    private double lr() {
      return config().optimizer().lr();
    }

    /** Whether two points differ in nothing but learning rate and seed. */
    private boolean alike(GridPoint other) {
      RunConfig theirs = seedless(other.armRuns.get(0));
      return seedless(armRuns.get(0))
          .with("optimizer.lr", 1)
          .equals(theirs.with("optimizer.lr", 1));
    }
  }
}
