package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.stats.Statistics;
import io.adamant.stats.TTest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Several studies side by side: what their configurations differ in, and arms that they share. */
final class CompareSection {
  private CompareSection() {}

  static Section of(StudyData study) {
    Section.Builder section = Section.of("studies", "The studies compared");
    if (study.studies().size() > 1) {
      Table settings = settings(study);
      if (settings.rows().isEmpty()) {
        section.say("All runs of these studies have the same settings.");
      }
      Table arms = arms(study);
      section.say(
          arms.rows().isEmpty()
              ? "No two arms have the same name and the same data."
              : "Arms are matched by their names and by what varies within them; common seeds are "
                  + "compared one by one (paired t-test), others as independent samples "
                  + "(Welch's t-test). Differences are over the seeds compared.");
      section.table(settings).table(arms);
    }
    return section.done();
  }

  /** Keys whose set of values is not the same in every study. */
  private static Table settings(StudyData study) {
    Map<String, Map<String, Set<String>>> values = new LinkedHashMap<>(); // by key, by study
    for (String name : study.studies()) {
      for (ArmRuns arm : study.arms()) {
        if (arm.study().equals(name)) {
          arm.setting().forEach((key, value) -> set(values, key, name).add(value));
        }
      }
      for (RunData run : study.runs()) {
        if (run.study().equals(name)) {
          set(values, "seeds", name).add(Long.toString(run.seed()));
        }
      }
    }
    Table.Columns<String> columns = new Table.Columns<String>().text("setting", key -> key);
    for (String name : study.studies()) {
      columns.text(
          name,
          key ->
              set(values, key, name).isEmpty()
                  ? "(none)"
                  : String.join(", ", set(values, key, name)));
    }
    return columns.of(
        "Differences between the configurations",
        values.keySet().stream()
            .filter(
                key ->
                    study.studies().stream().map(s -> set(values, key, s)).distinct().count() > 1)
            .toList());
  }

  private static Set<String> set(
      Map<String, Map<String, Set<String>>> values, String key, String study) {
    return values
        .computeIfAbsent(key, k -> new HashMap<>())
        .computeIfAbsent(study, s -> new TreeSet<>());
  }

  /** An arm of the first study and those of its name in the others. */
  private static Table arms(StudyData study) {
    String first = study.studies().get(0);
    List<Pair> pairs = new ArrayList<>();
    for (ArmRuns arm : study.arms()) {
      for (ArmRuns other : study.arms()) {
        if (arm.study().equals(first)
            && !other.study().equals(first)
            && bare(other).equals(bare(arm))
            && other.data().equals(arm.data())) {
          pairs.add(Pair.of(arm, other));
        }
      }
    }
    return new Table.Columns<Pair>()
        .text("arm", pair -> bare(pair.arm()))
        .text(first, pair -> loss(pair.arm()))
        .text("other study", pair -> pair.other().study())
        .text("its loss", pair -> loss(pair.other()))
        .number("difference", CompareSection::signed, Pair::difference)
        .text("95 % interval", pair -> pair.test().map(CompareSection::interval).orElse(""))
        .text("p", pair -> pair.test().map(t -> Digits.significant(t.pValue(), 2)).orElse(""))
        .text("seeds", Pair::seeds)
        .of("Final validation loss of arms of the same name, in nats per token", pairs);
  }

  private static String bare(ArmRuns arm) {
    return arm.name()
        .substring(arm.name().indexOf(arm.study() + "/") == 0 ? arm.study().length() + 1 : 0);
  }

  private static String loss(ArmRuns arm) {
    double loss = arm.wholeLoss();
    return Double.isNaN(loss) ? arm.status().word() : Digits.fixed(loss, 4);
  }

  private static String interval(TTest test) {
    return "[" + signed(test.interval().low()) + ", " + signed(test.interval().high()) + "]";
  }

  private static String signed(double value) {
    return Digits.signed(value, 4);
  }

  /** Two arms, compared seed by seed where they share some. */
  private record Pair(
      ArmRuns arm, ArmRuns other, String seeds, double difference, Optional<TTest> test) {

    static Pair of(ArmRuns arm, ArmRuns other) {
      Map<Long, Double> own = bySeed(arm);
      Map<Long, Double> theirs = bySeed(other);
      List<Long> shared = own.keySet().stream().filter(theirs::containsKey).toList();
      boolean paired = shared.size() > 1;
      String seeds = paired ? shared.size() + " shared" : own.size() + " and " + theirs.size();
      if (!paired && (own.size() < 2 || theirs.size() < 2)) {
        return new Pair(arm, other, seeds, other.wholeLoss() - arm.wholeLoss(), Optional.empty());
      }
      double[] x = at(theirs, paired ? shared : theirs.keySet());
      double[] y = at(own, paired ? shared : own.keySet());
      TTest test =
          paired
              ? TTest.paired(x, y, ComparisonTable.LEVEL)
              : TTest.welch(x, y, ComparisonTable.LEVEL);
      double difference = Statistics.mean(x) - Statistics.mean(y);
      return new Pair(arm, other, seeds, difference, Optional.of(test));
    }

    private static Map<Long, Double> bySeed(ArmRuns arm) {
      Map<Long, Double> losses = new LinkedHashMap<>();
      for (RunData run : arm.runs()) {
        if (run.summary().status() == RunStatus.FINISHED
            && Double.isFinite(run.summary().valLoss())) {
          losses.put(run.seed(), run.summary().valLoss());
        }
      }
      return losses;
    }

    private static double[] at(Map<Long, Double> losses, Collection<Long> seeds) {
      return seeds.stream().mapToDouble(losses::get).toArray();
    }
  }
}
