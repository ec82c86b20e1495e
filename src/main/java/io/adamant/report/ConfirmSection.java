package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.stats.MeanEstimate;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the grids' winners are worth on seeds that had no part in choosing them. */
final class ConfirmSection {
  private ConfirmSection() {}

  static Section of(StudyData study) {
    List<String> sentences = new ArrayList<>();
    List<FactTable> tables = new ArrayList<>();
    if (!study.confirmed().isEmpty()) {
      sentences.add(
          "Each arm's winner is the point of its grid with the lowest mean validation loss on the"
              + " study's own seeds. Its loss on those seeds is biased low, and more so the "
              + "more points there are; on fresh seeds it is not.");
      for (Confirmed winner : study.confirmed()) {
        if (winner.winner()) {
          overtaken(winner, study.confirmed()).ifPresent(sentences::add);
        }
      }
      tables.add(table(study.confirmed()));
    }
    return new Section(
        "confirmation", "Winners on fresh seeds", sentences, tables, List.of(), List.of());
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

  private static double[] losses(ArmRuns runs) {
    return runs.values(run -> run.summary().valLoss());
  }

  private static double mean(Confirmed point) {
    return point.runs().status().bad() ? Double.NaN : Statistics.mean(losses(point.runs()));
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
                        RateSection.rate(ArmGrid.value(other.runs(), ArmGrid.LR)),
                        Digits.fixed(mean(winner) - mean(other), 4)));
  }

  private static FactTable table(List<Confirmed> confirmed) {
    List<List<String>> rows = new ArrayList<>();
    for (Confirmed winner : winners(confirmed)) {
      rows.add(row(winner));
      confirmed.stream()
          .filter(other -> !other.winner() && other.arm().equals(winner.arm()))
          .forEach(other -> rows.add(row(other)));
    }
    return new FactTable(
        "Validation loss in nats per token, mean ± half-width of the 95 % t-interval",
        List.of(
            "point",
            "role",
            "learning rate",
            "on its own seeds"
                + in(confirmed, point -> point.selection().map(ConfirmSection::seeds)),
            "on fresh seeds" + in(confirmed, point -> Optional.of(seeds(point.runs()))),
            "difference",
            "each"),
        rows);
  }

  /** The seeds that all points share, for a heading. */
  private static String in(List<Confirmed> confirmed, Function<Confirmed, Optional<String>> seeds) {
    List<String> all = confirmed.stream().map(seeds).flatMap(Optional::stream).distinct().toList();
    return all.size() == 1 ? " (" + all.get(0) + ")" : "";
  }

  private static List<String> row(Confirmed point) {
    double before = point.selection().map(ArmGrid::loss).orElse(Double.NaN);
    double after = mean(point);
    double difference = after - before;
    return List.of(
        point.runs().name(),
        point.winner() ? "winner" : "next " + point.role() + " rate",
        RateSection.rate(ArmGrid.value(point.runs(), ArmGrid.LR)),
        point.selection().map(ConfirmSection::loss).orElse(""),
        loss(point.runs()),
        Double.isNaN(difference) ? "" : String.format(Locale.ROOT, "%+.4f", difference),
        point.runs().runs().stream().map(ConfirmSection::one).collect(Collectors.joining(", ")));
  }

  private static String seeds(ArmRuns runs) {
    return runs.runs().stream()
        .map(run -> Long.toString(run.seed()))
        .collect(Collectors.joining(", "));
  }

  /** With its interval where there are seeds for one. */
  private static String loss(ArmRuns runs) {
    double[] losses = losses(runs);
    if (runs.status().bad() || losses.length == 0) {
      return runs.status().word();
    }
    String mean = Digits.fixed(Arrays.stream(losses).average().orElse(Double.NaN), 4);
    return losses.length < 2
        ? mean
        : mean
            + " ± "
            + Digits.fixed(
                MeanEstimate.of(losses, ComparisonTable.LEVEL).interval().halfWidth(), 4);
  }

  private static String one(RunData run) {
    return run.summary().status() == RunStatus.FINISHED
        ? Digits.fixed(run.summary().valLoss(), 4)
        : run.summary().status().word();
  }
}
