package io.adamant.cli;

import io.adamant.base.Numbers;
import io.adamant.chart.Digits;
import io.adamant.config.Arm;
import io.adamant.config.StudyConfig;
import io.adamant.results.Ladder;
import io.adamant.study.StudyEstimate;
import io.adamant.study.StudyPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a study will cost, in one line. */
final class PlanText {

  private static final double MEGABYTE = 1e6;

  private PlanText() {}

  /** What matched rates came to: a line a run, without its seeds. */
  static List<String> matches(StudyConfig study) {
    return study.arms().stream()
        .filter(arm -> arm.matches().isPresent())
        .flatMap(
            arm ->
                arm.points().stream()
                    .map(Arm.Point::config)
                    .map(
                        run ->
                            "%s: lr: match(%s) is %s, with weight_decay %s"
                                .formatted(
                                    arm.name(),
                                    arm.matches().get(),
                                    Numbers.text(run.optimizer().lr()),
                                    Numbers.text(run.optimizer().weightDecay()))))
        .toList();
  }

  /** What stopping at rungs saves, in one line. */
  static String saved(StudyPlan plan, Ladder ladder) {
    Map<String, Long> least = new HashMap<>(); // steps
    ladder.least().forEach(share -> least.merge(share.id(), share.steps(), Math::max));
    double all = 0;
    double few = 0;
    for (StudyPlan.Item item : plan.items()) {
      all += item.config().tokens();
      few += item.config().tokens(least.get(item.id()));
    }
    long stopped = plan.items().stream().filter(item -> ladder.isStopped(item.id())).count();
    return Digits.format(
        "stop: the grids take from %,.0f of their %,.0f tokens, if each rung is reached by all before"
            + " one goes on (%.0f %% saved), up to nearly all, if each run is better than those before it%s",
        few,
        all,
        100 * (1 - few / all),
        stopped == 0 ? "" : "; " + Digits.plural(stopped, "run") + " have stopped");
  }

  static String of(StudyEstimate plan, int workers) {
    String time =
        plan.seconds().isEmpty()
            ? "time unknown (a run needs more memory than there is)"
            : "about "
                + ProgressDisplay.duration(plan.seconds().getAsDouble() / workers)
                + (workers == 1
                    ? ""
                    : " with " + workers + " workers, if they do not slow one another");
    String disk =
        plan.bytes().isEmpty()
            ? "disk unknown"
            : Digits.format("%,.1f MB of disk", plan.bytes().getAsDouble() / MEGABYTE);
    return Digits.format(
        "%d runs%s, %d of them done; the others: %,.0f tokens, %s, %s",
        plan.runs(),
        plan.atMost() == 0
            ? ""
            : " at most (" + plan.atMost() + " of them confirm the winners on fresh seeds)",
        plan.done(),
        plan.tokens(),
        time,
        disk);
  }
}
