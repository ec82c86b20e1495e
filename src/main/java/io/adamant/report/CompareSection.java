package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.stats.Interval;
import io.adamant.stats.Statistics;
import io.adamant.stats.TTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Several studies side by side: what their configurations differ in, and arms that they share. */
final class CompareSection {
  private CompareSection() {}

  static Section of(StudyData study) {
    List<FactTable> tables = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    if (study.studies().size() > 1) {
      FactTable settings = settings(study);
      if (settings.rows().isEmpty()) {
        sentences.add("All runs of these studies have the same settings.");
      } else {
        tables.add(settings);
      }
      FactTable arms = arms(study);
      if (arms.rows().isEmpty()) {
        sentences.add("No two arms have the same name and the same data.");
      } else {
        sentences.add(
            "Arms are matched by their names and by what varies within them; common seeds are "
                + "compared one by one (paired t-test), others as independent samples "
                + "(Welch's t-test). Differences are over the seeds compared.");
        tables.add(arms);
      }
    }
    return new Section("studies", "The studies compared", sentences, tables, List.of(), List.of());
  }

  /** Keys whose set of values is not the same in every study. */
  private static FactTable settings(StudyData study) {
    Map<String, List<Set<String>>> values = new LinkedHashMap<>();
    for (int i = 0; i < study.studies().size(); i++) {
      String name = study.studies().get(i);
      for (ArmRuns arm : study.arms()) {
        if (arm.study().equals(name)) {
          int place = i;
          ArmGrid.setting(arm)
              .forEach((key, value) -> sets(values, key, study).get(place).add(value));
        }
      }
      for (RunData run : study.runs()) {
        if (run.study().equals(name)) {
          sets(values, "seeds", study).get(i).add(Long.toString(run.seed()));
        }
      }
    }
    List<List<String>> rows = new ArrayList<>();
    values.forEach(
        (key, sets) -> {
          if (sets.stream().distinct().count() > 1) {
            List<String> row = new ArrayList<>(List.of(key));
            sets.forEach(set -> row.add(set.isEmpty() ? "(none)" : String.join(", ", set)));
            rows.add(row);
          }
        });
    List<String> headings = new ArrayList<>(List.of("setting"));
    headings.addAll(study.studies());
    return new FactTable("Differences between the configurations", headings, rows);
  }

  private static List<Set<String>> sets(
      Map<String, List<Set<String>>> values, String key, StudyData study) {
    return values.computeIfAbsent(
        key,
        k -> {
          List<Set<String>> sets = new ArrayList<>();
          study.studies().forEach(s -> sets.add(new TreeSet<>()));
          return sets;
        });
  }

  /** An arm of the first study and those of its name in the others. */
  private static FactTable arms(StudyData study) {
    String first = study.studies().get(0);
    List<List<String>> rows = new ArrayList<>();
    for (ArmRuns arm : study.arms()) {
      if (!arm.study().equals(first)) {
        continue;
      }
      for (ArmRuns other : study.arms()) {
        if (!other.study().equals(first)
            && bare(other).equals(bare(arm))
            && other.data().equals(arm.data())) {
          rows.add(row(arm, other));
        }
      }
    }
    return new FactTable(
        "Final validation loss of arms of the same name, in nats per token",
        List.of(
            "arm", first, "other study", "its loss", "difference", "95 % interval", "p", "seeds"),
        rows);
  }

  private static String bare(ArmRuns arm) {
    return arm.name()
        .substring(arm.name().indexOf(arm.study() + "/") == 0 ? arm.study().length() + 1 : 0);
  }

  private static List<String> row(ArmRuns arm, ArmRuns other) {
    double a = ArmGrid.loss(arm);
    double b = ArmGrid.loss(other);
    Map<Long, Double> own = bySeed(arm);
    Map<Long, Double> theirs = bySeed(other);
    List<Long> shared = own.keySet().stream().filter(theirs::containsKey).toList();
    boolean paired = shared.size() > 1;
    boolean possible = paired || (own.size() > 1 && theirs.size() > 1);
    String interval = "";
    String p = "";
    double difference = b - a;
    if (possible) {
      double[] x = paired ? at(theirs, shared) : values(theirs);
      double[] y = paired ? at(own, shared) : values(own);
      TTest test =
          paired
              ? TTest.paired(x, y, ComparisonTable.LEVEL)
              : TTest.welch(x, y, ComparisonTable.LEVEL);
      difference = Statistics.mean(x) - Statistics.mean(y);
      Interval between = test.interval();
      interval = "[" + signed(between.low()) + ", " + signed(between.high()) + "]";
      p = Digits.significant(test.pValue(), 2);
    }
    return List.of(
        bare(arm),
        Double.isNaN(a) ? arm.status().word() : Digits.fixed(a, 4),
        other.study(),
        Double.isNaN(b) ? other.status().word() : Digits.fixed(b, 4),
        Double.isNaN(difference) ? "" : signed(difference),
        interval,
        p,
        paired ? shared.size() + " shared" : own.size() + " and " + theirs.size());
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.4f", value);
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

  private static double[] at(Map<Long, Double> losses, List<Long> seeds) {
    return seeds.stream().mapToDouble(losses::get).toArray();
  }

  private static double[] values(Map<Long, Double> losses) {
    return losses.values().stream().mapToDouble(loss -> loss).toArray();
  }
}
