package io.adamant.report;

import io.adamant.report.Section.FactTable;
import io.adamant.stats.Design;
import io.adamant.stats.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Whose loss is lower by more than noise, and how the loss depends on the learning rate. */
final class SeedSection {
  private static final String LR = "optimizer.lr";

  private SeedSection() {}

  static Section of(StudyData study, ComparisonTable table) {
    List<String> sentences = new ArrayList<>();
    List<FactTable> tables = new ArrayList<>();
    Optional<SeedStatistics> statistics = SeedStatistics.of(study, table);
    statistics.ifPresent(
        s -> {
          sentences.add(sentence(s));
          tables.add(comparison(s));
        });
    Map<String, NavigableMap<Double, ArmRuns>> rates = rates(study);
    rates.forEach((arm, points) -> edge(arm, points).ifPresent(sentences::add));
    List<Chart> charts = rates.isEmpty() ? List.of() : List.of(sensitivity(rates));
    return new Section("seeds", "Differences and noise", sentences, tables, charts, List.of());
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
            .map(d -> " A difference of " + number(d) + " nats would be found 8 times in 10.")
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

  /** By arm, the points of its grid that differ in nothing but the learning rate. */
  private static Map<String, NavigableMap<Double, ArmRuns>> rates(StudyData study) {
    Map<String, NavigableMap<Double, ArmRuns>> rates = new LinkedHashMap<>();
    for (ArmRuns arm : study.arms()) {
      Map<String, String> others = new LinkedHashMap<>(arm.runs().get(0).setting());
      others.remove(LR);
      String key = arm.study() + "/" + arm.arm() + others.hashCode();
      rates
          .computeIfAbsent(key, k -> new TreeMap<>())
          .put(arm.runs().get(0).config().optimizer().lr(), arm);
    }
    rates.values().removeIf(points -> points.size() < 2);
    Map<String, NavigableMap<Double, ArmRuns>> named = new LinkedHashMap<>();
    rates.values().forEach(points -> named.put(nameWithoutRate(points), points));
    return named;
  }

  private static String nameWithoutRate(NavigableMap<Double, ArmRuns> points) {
    return points.firstEntry().getValue().name().replaceFirst(" lr=\\S+", "");
  }

  /** A winner on the edge of its grid may not be the best rate. */
  private static Optional<String> edge(String arm, NavigableMap<Double, ArmRuns> points) {
    Optional<Double> best =
        points.keySet().stream()
            .filter(lr -> Double.isFinite(loss(points.get(lr))))
            .min(Comparator.comparingDouble(lr -> loss(points.get(lr))));
    return best.filter(lr -> lr.equals(points.firstKey()) || lr.equals(points.lastKey()))
        .map(
            lr ->
                arm
                    + ": the best learning rate, "
                    + Digits.words(lr)
                    + ", is on the edge of its grid; a "
                    + (lr.equals(points.firstKey()) ? "lower" : "higher")
                    + " one may be better still.");
  }

  private static double loss(ArmRuns arm) {
    return arm.status().bad() ? Double.NaN : arm.mean(run -> run.summary().valLoss());
  }

  private static Chart sensitivity(Map<String, NavigableMap<Double, ArmRuns>> rates) {
    List<Chart.Series> series = new ArrayList<>();
    rates.forEach(
        (name, points) -> {
          double[] x = points.keySet().stream().mapToDouble(Math::log10).toArray();
          double[] y = points.values().stream().mapToDouble(SeedSection::loss).toArray();
          series.add(
              new Chart.Series(
                  name,
                  "mean over seeds",
                  Chart.Style.SOLID,
                  series.size() % Palette.size(),
                  false,
                  Curve.of(x, y),
                  Optional.empty()));
        });
    return new Chart(
        "learning-rate-sensitivity",
        "Learning-rate sensitivity",
        new Chart.Axis("log10 of the peak learning rate", "", false, Optional.empty()),
        new Chart.Axis("validation loss", "nats per token", false, Optional.empty()),
        series);
  }
}
