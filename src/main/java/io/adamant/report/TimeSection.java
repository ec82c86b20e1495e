package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.config.RunConfig;
import io.adamant.results.Metrics;
import io.adamant.results.RunStatus;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * Time to loss: when the best arm reaches what the others reach at their end, in steps and tokens.
 */
final class TimeSection {
  private static final String LOSS = Metrics.VAL_LOSS;

  private TimeSection() {}

  static Section of(List<ArmCurves> arms) {
    List<ArmCurves> ranked =
        arms.stream()
            .filter(arm -> arm.arm().status() == RunStatus.FINISHED)
            .filter(arm -> arm.median(LOSS).size() > 1)
            .sorted(Comparator.comparingDouble(TimeSection::end))
            .toList();
    Section.Builder section = Section.of("time", "Time to loss");
    if (ranked.size() < 2) {
      return section.done();
    }
    ArmCurves best = ranked.get(0);
    return section
        .say(
            "When %1$s reaches the final validation loss of each other arm (medians over seeds, linear between validations), and how many times as long the other arm took. At that step the learning rate of %1$s had not decayed yet: a run planned to end there would be better, so the true slowdown is larger."
                .formatted(best.name()))
        .table(table(best, ranked.subList(1, ranked.size())))
        .done();
  }

  private static double end(ArmCurves arm) {
    return arm.median(LOSS).last();
  }

  private static double steps(ArmCurves arm) {
    return arm.arm().mean(run -> run.summary().steps());
  }

  private static Table table(ArmCurves best, List<ArmCurves> others) {
    RunConfig config = best.arm().config();
    ToDoubleFunction<ArmCurves> step =
        other -> best.median(LOSS).reaches(end(other)).orElse(Double.NaN);
    DoubleFunction<String> slowdown = x -> Double.isNaN(x) ? "" : Digits.fixed(x, 2) + " ×";
    return new Table.Columns<ArmCurves>()
        .text("arm", ArmCurves::name)
        .number("its final loss", Digits.fixed(4), TimeSection::end)
        .number("its steps", Digits::count, TimeSection::steps)
        .number("its tokens", Digits::count, other -> other.arm().mean(r -> r.summary().tokens()))
        .number("reached at step", x -> Double.isNaN(x) ? "never" : Digits.count(x), step)
        .number("after tokens", Digits::count, other -> tokens(config, step.applyAsDouble(other)))
        .number("slowdown", slowdown, other -> steps(other) / step.applyAsDouble(other))
        .text("over seeds", other -> overSeeds(best, other))
        .of("Slowdown against " + best.name(), others);
  }

  /** Tokens of the first steps, between two of them in proportion. */
  private static double tokens(RunConfig config, double steps) {
    double whole = Math.floor(steps);
    long before = config.tokens((long) whole);
    return before + (steps - whole) * (config.tokens((long) whole + 1) - before);
  }

  /** The span of the slowdowns against each seed of the best arm. */
  private static String overSeeds(ArmCurves best, ArmCurves other) {
    DoubleSummaryStatistics slowdowns =
        best.seeds(LOSS).stream()
            .flatMapToDouble(seed -> seed.reaches(end(other)).stream())
            .map(at -> steps(other) / at)
            .summaryStatistics();
    return slowdowns.getCount() < 2
        ? ""
        : Digits.fixed(slowdowns.getMin(), 2) + " to " + Digits.fixed(slowdowns.getMax(), 2);
  }
}
