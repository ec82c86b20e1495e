package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.results.Metrics;
import io.adamant.results.RunStatus;
import io.adamant.stats.Curve;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

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
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves other : ranked.subList(Math.min(1, ranked.size()), ranked.size())) {
      rows.add(row(ranked.get(0), other));
    }
    if (rows.isEmpty()) {
      return new Section("time", "Time to loss", List.of(), List.of(), List.of(), List.of());
    }
    String best = ranked.get(0).name();
    String sentence =
        "When "
            + best
            + " reaches the final validation loss of each other arm (medians over seeds, linear"
            + " between validations), and how many times as long the other arm took. At that step"
            + " the learning rate of "
            + best
            + " had not decayed yet: a run planned to end there would be better, so the true "
            + "slowdown is larger.";
    FactTable table =
        new FactTable(
            "Slowdown against " + best,
            List.of(
                "arm",
                "its final loss",
                "its steps",
                "its tokens",
                "reached at step",
                "after tokens",
                "slowdown",
                "over seeds"),
            rows);
    return new Section(
        "time", "Time to loss", List.of(sentence), List.of(table), List.of(), List.of());
  }

  private static double end(ArmCurves arm) {
    return arm.median(LOSS).last();
  }

  private static List<String> row(ArmCurves best, ArmCurves other) {
    double target = end(other);
    double steps = other.arm().mean(run -> run.summary().steps());
    OptionalDouble step = best.median(LOSS).reaches(target);
    List<Double> slowdowns = new ArrayList<>();
    for (Curve seed : best.seeds(LOSS)) {
      seed.reaches(target).ifPresent(at -> slowdowns.add(steps / at));
    }
    double tokensPerStep = best.arm().runs().get(0).config().tokensPerStep();
    String seeds =
        slowdowns.size() < 2
            ? ""
            : Digits.fixed(slowdowns.stream().mapToDouble(s -> s).min().orElseThrow(), 2)
                + " to "
                + Digits.fixed(slowdowns.stream().mapToDouble(s -> s).max().orElseThrow(), 2);
    return List.of(
        other.name(),
        Digits.fixed(target, 4),
        Digits.count(steps),
        Digits.count(other.arm().mean(run -> run.summary().tokens())),
        step.isPresent() ? Digits.count(step.getAsDouble()) : "never",
        step.isPresent() ? Digits.count(step.getAsDouble() * tokensPerStep) : "",
        step.isPresent() ? Digits.fixed(steps / step.getAsDouble(), 2) + " ×" : "",
        seeds);
  }
}
