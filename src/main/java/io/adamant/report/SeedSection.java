package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.stats.Design;
import io.adamant.stats.Interval;

/** Whose loss is lower by more than noise. */
final class SeedSection {
  private SeedSection() {}

  static Section of(StudyData study, ComparisonTable table) {
    Section.Builder section = Section.of("seeds", "Differences and noise");
    SeedStatistics.of(study, table)
        .ifPresent(
            s -> {
              if (study.confirmed().stream().anyMatch(Confirmed::winner)) {
                section.say("The winners of the grids are compared on their fresh seeds.");
              }
              section.say(sentence(s)).table(comparison(s));
            });
    return section.done();
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
        + (s.tooFew()
            ? " There are too few seeds to say what difference they would detect."
            : s.detectable()
                .map(
                    d ->
                        " With these seeds a true difference of %s nats (%s to %s: the noise is an estimate) is detected with 80 %% probability."
                            .formatted(number(d[0]), number(d[1]), number(d[2])))
                .orElse(""));
  }

  private static Table comparison(SeedStatistics s) {
    return new Table.Columns<SeedStatistics.Row>()
        .text("arm", row -> row.arm().name())
        .whole("seeds", row -> row.mean().n())
        .text(
            "mean",
            row -> Digits.plusMinus(row.mean().mean(), row.mean().interval().halfWidth(), 4))
        .text(
            "median (bootstrap)",
            row -> number(row.median().median()) + " " + interval(row.median().interval()))
        .text("group", SeedStatistics.Row::group)
        .text(
            "behind the best by",
            row -> row.behind().map(t -> interval(ordered(t.interval()))).orElse("best"))
        .number("p (Holm)", SeedSection::pValue, SeedStatistics.Row::adjustedP)
        .text("more seeds to resolve", row -> row.moreSeeds().map(n -> "about " + n).orElse(""))
        .of("Validation loss in nats per token; intervals of 95 %", s.rows());
  }

  private static String pValue(double p) {
    return Double.isNaN(p) ? "" : Digits.format("%.2g", p);
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
    return Digits.fixed(value, 4);
  }
}
