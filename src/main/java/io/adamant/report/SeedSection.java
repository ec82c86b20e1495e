package io.adamant.report;

import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.stats.Design;
import io.adamant.stats.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whose loss is lower by more than noise. */
final class SeedSection {
  private SeedSection() {}

  static Section of(StudyData study, ComparisonTable table) {
    List<String> sentences = new ArrayList<>();
    List<FactTable> tables = new ArrayList<>();
    Optional<SeedStatistics> statistics = SeedStatistics.of(study, table);
    statistics.ifPresent(
        s -> {
          if (study.confirmed().stream().anyMatch(Confirmed::winner)) {
            sentences.add("The winners of the grids are compared on their fresh seeds.");
          }
          sentences.add(sentence(s));
          tables.add(comparison(s));
        });
    return new Section("seeds", "Differences and noise", sentences, tables, List.of(), List.of());
  }

  private static String sentence(SeedStatistics s) {
    String pairing =
        s.design() == Design.PAIRED
            ? "Arms share their seeds (the same data in the same order, the same initial weights)"
                + " and are compared seed by seed (paired t-tests"
            : "Arms have different seeds and are compared as independent samples (Welch's t-tests";
    return pairing
        + ", Holm's correction over all pairs, 5 % error for the family). Arms that share a letter"
        + " do not differ significantly."
        + s.detectable()
            .map(
                d ->
                    " With these seeds a true difference of "
                        + number(d)
                        + " nats is detected with 80 % probability.")
            .orElse("");
  }

  /** The table that is also written as files. */
  static FactTable comparison(SeedStatistics s) {
    List<List<String>> rows = new ArrayList<>();
    for (SeedStatistics.Row row : s.rows()) {
      rows.add(
          List.of(
              row.arm().name(),
              Integer.toString(row.mean().n()),
              number(row.mean().mean()) + " ± " + number(row.mean().interval().halfWidth()),
              number(row.median().median()) + " " + interval(row.median().interval()),
              row.group(),
              row.behind().map(t -> interval(ordered(t.interval()))).orElse("best"),
              Double.isNaN(row.adjustedP())
                  ? ""
                  : String.format(Locale.ROOT, "%.2g", row.adjustedP()),
              row.moreSeeds().map(n -> "about " + n).orElse("")));
    }
    return new FactTable(
        "Validation loss in nats per token; intervals of 95 %",
        List.of(
            "arm",
            "seeds",
            "mean",
            "median (bootstrap)",
            "group",
            "behind the best by",
            "p (Holm)",
            "more seeds to resolve"),
        rows);
  }

  /** The test is of best minus other; people read how far the other is behind. */
  private static Interval ordered(Interval difference) {
    return difference.low() + difference.high() < 0
        ? new Interval(-difference.high(), -difference.low(), difference.level())
        : difference;
  }

  private static String interval(Interval interval) {
    return "[" + number(interval.low()) + ", " + number(interval.high()) + "]";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
