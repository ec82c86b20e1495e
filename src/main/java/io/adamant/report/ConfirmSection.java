package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the grids' winners are worth on seeds that had no part in choosing them. */
final class ConfirmSection {
  private ConfirmSection() {}

  static Section of(StudyData study) {
    Section.Builder section =
        Section.of("confirmation", "Winners on fresh seeds")
            .say(
                "Each arm's winner is the point of its grid with the lowest mean validation loss on"
                    + " the study's own seeds. Its loss on those seeds is biased low, and more so"
                    + " the more points there are; on fresh seeds it is not.");
    study.confirmed().stream()
        .filter(Confirmed::winner)
        .forEach(winner -> section.say(overtaken(winner, study.confirmed())));
    return section.table(table(study.confirmed())).done();
  }

  /** The best winner on fresh seeds, in a sentence. */
  static Optional<String> headline(StudyData study) {
    List<Confirmed> winners = winners(study.confirmed());
    return winners.stream()
        .filter(winner -> Double.isFinite(mean(winner)))
        .findFirst()
        .map(
            best ->
                "On fresh seeds, which had no part in the choice, the lowest of "
                    + Digits.plural(winners.size(), "winner")
                    + " is "
                    + best.runs().name()
                    + " with "
                    + loss(best.runs())
                    + ".");
  }

  /** Best first. */
  private static List<Confirmed> winners(List<Confirmed> confirmed) {
    return confirmed.stream()
        .filter(Confirmed::winner)
        .sorted(Comparator.comparingDouble(ConfirmSection::mean))
        .toList();
  }

  private static double mean(Confirmed point) {
    return point.runs().status().bad() ? Double.NaN : point.runs().valLoss();
  }

  /** A neighbour that is better on fresh seeds: the choice of the rate does not hold. */
  private static Optional<String> overtaken(Confirmed winner, List<Confirmed> all) {
    return all.stream()
        .filter(other -> !other.winner() && other.arm().equals(winner.arm()))
        .filter(other -> mean(other) < mean(winner))
        .min(Comparator.comparingDouble(ConfirmSection::mean))
        .map(
            other ->
                "%s: on fresh seeds the %s rate is better, %s by %s nats; the choice of the rate is within the noise."
                    .formatted(
                        winner.arm(),
                        other.role().equals("lower") ? "next lower" : "next higher",
                        Digits.rate(other.runs().setting(ArmGrid.LR)),
                        Digits.fixed(mean(winner) - mean(other), 4)));
  }

  private static Table table(List<Confirmed> confirmed) {
    List<Confirmed> points = new ArrayList<>();
    for (Confirmed winner : winners(confirmed)) {
      points.add(winner);
      confirmed.stream()
          .filter(other -> !other.winner() && other.arm().equals(winner.arm()))
          .forEach(points::add);
    }
    return new Table.Columns<Confirmed>()
        .text("point", point -> point.runs().name())
        .text("role", point -> point.winner() ? "winner" : "next " + point.role() + " rate")
        .number("learning rate", Digits::rate, point -> point.runs().setting(ArmGrid.LR))
        .text(
            "on its own seeds"
                + in(confirmed, point -> point.selection().map(ConfirmSection::seeds)),
            point -> point.selection().map(ConfirmSection::loss).orElse(""))
        .text(
            "on fresh seeds" + in(confirmed, point -> Optional.of(seeds(point.runs()))),
            point -> loss(point.runs()))
        .number("difference", d -> Digits.signed(d, 4), ConfirmSection::difference)
        .text(
            "each",
            p ->
                p.runs().runs().stream().map(ConfirmSection::one).collect(Collectors.joining(", ")))
        .of("Validation loss in nats per token, mean ± half-width of the 95 % t-interval", points);
  }

  /** The seeds that all points share, for a heading. */
  private static String in(List<Confirmed> confirmed, Function<Confirmed, Optional<String>> seeds) {
    List<String> all = confirmed.stream().map(seeds).flatMap(Optional::stream).distinct().toList();
    return all.size() == 1 ? " (" + all.get(0) + ")" : "";
  }

  private static double difference(Confirmed point) {
    return mean(point) - point.selection().map(ArmRuns::wholeLoss).orElse(Double.NaN);
  }

  private static String seeds(ArmRuns runs) {
    return runs.runs().stream()
        .map(run -> Long.toString(run.seed()))
        .collect(Collectors.joining(", "));
  }

  /** With its interval where there are seeds for one. */
  private static String loss(ArmRuns runs) {
    return runs.status().bad() || runs.losses().length == 0
        ? runs.status().word()
        : Digits.plusMinus(runs.valLoss(), runs.valLossHalfWidth(), 4);
  }

  private static String one(RunData run) {
    return run.summary().status() == RunStatus.FINISHED
        ? Digits.fixed(run.summary().valLoss(), 4)
        : run.summary().status().word();
  }
}
