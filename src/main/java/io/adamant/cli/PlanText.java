package io.adamant.cli;

import io.adamant.base.Numbers;
import io.adamant.chart.Digits;
import io.adamant.config.Arm;
import io.adamant.config.StudyConfig;
import io.adamant.study.StudyEstimate;
import java.util.List;

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
