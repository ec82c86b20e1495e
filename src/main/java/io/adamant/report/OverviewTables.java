package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Table;
import io.adamant.results.Manifest;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** How the arms differ, which runs had trouble, what all share, on which data and machine. */
final class OverviewTables {
  /** What of a manifest is shown; the rest, such as the host's name, identifies a place. */
  private static final List<Manifest.Key> FACTS =
      List.of(
          Manifest.Key.DATA_DESCRIPTION,
          Manifest.Key.TOKENIZER,
          Manifest.Key.TRAIN_TOKENS,
          Manifest.Key.VALIDATION_TOKENS,
          Manifest.Key.DOCUMENTS,
          Manifest.Key.EPOCHS,
          Manifest.Key.UNIGRAM_CROSS_ENTROPY,
          Manifest.Key.DATA_SHA256,
          Manifest.Key.PARAMETERS,
          Manifest.Key.TRAINED_PARAMETERS,
          Manifest.Key.CPU,
          Manifest.Key.CORES,
          Manifest.Key.THREADS,
          Manifest.Key.DEVICE,
          Manifest.Key.OS,
          Manifest.Key.JDK,
          Manifest.Key.DJL,
          Manifest.Key.LIBTORCH,
          Manifest.Key.KERNEL_PATH,
          Manifest.Key.VERSION,
          Manifest.Key.COMMIT,
          Manifest.Key.NUMERICS);

  private OverviewTables() {}

  /** What a reader needs first: differences between the arms, and trouble if there was any. */
  static List<Table> of(StudyData study) {
    return Stream.of(differences(study), troubles(study)).filter(OverviewTables::filled).toList();
  }

  /** What a reader may look up: what all arms share, data, machine and versions. */
  static List<Table> details(StudyData study) {
    return Stream.of(
            facts("What all arms share", Differences.shared(settings(study))), provenance(study))
        .filter(OverviewTables::filled)
        .toList();
  }

  private static boolean filled(Table table) {
    return table.columns().size() > 1 && !table.rows().isEmpty();
  }

  private static List<Map<String, String>> settings(StudyData study) {
    return study.arms().stream().map(ArmRuns::setting).toList();
  }

  /** In the direction that needs fewer columns. */
  private static Table differences(StudyData study) {
    List<String> keys = Differences.keys(settings(study));
    List<String> shortened = Differences.shortened(keys);
    String caption = "How the arms differ";
    if (keys.size() > study.arms().size()) {
      Table.Columns<String> columns = new Table.Columns<String>().text("setting", key -> key);
      for (ArmRuns arm : study.arms()) {
        columns.text(arm.name(), key -> arm.setting().getOrDefault(key, ""));
      }
      return columns.of(caption, keys);
    }
    Table.Columns<ArmRuns> columns = new Table.Columns<ArmRuns>().text("arm", ArmRuns::name);
    for (int i = 0; i < keys.size(); i++) {
      String key = keys.get(i);
      columns.text(shortened.get(i), arm -> arm.setting().getOrDefault(key, ""));
    }
    return columns.of(caption, study.arms());
  }

  private static Table troubles(StudyData study) {
    return new Table.Columns<RunData>()
        .text("run", RunData::label)
        .whole("seed", RunData::seed)
        .text("status", run -> run.summary().status().word())
        .number("steps done", Digits::count, run -> run.summary().steps())
        .number("planned", Digits::count, run -> run.config().training().steps())
        .number("skipped", Digits::count, run -> run.summary().skippedSteps())
        .text("first bad", OverviewTables::firstBad)
        .text("reason", run -> run.summary().reason())
        .of(
            "Runs that did not finish or skipped steps",
            study.runs().stream().filter(run -> troubled(run.summary())).toList());
  }

  private static boolean troubled(RunSummary summary) {
    return summary.status() != RunStatus.FINISHED || summary.skippedSteps() > 0;
  }

  private static String firstBad(RunData run) {
    OptionalLong step = run.summary().firstBadStep();
    return step.isPresent() ? "step " + Digits.count(step.getAsLong()) : "";
  }

  /** Every value that occurs, since the runs of a study may come from several machines. */
  private static Table provenance(StudyData study) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (Manifest.Key key : FACTS) {
      put(facts, key.path(), study.runs().stream().map(run -> run.manifest().text(key)));
    }
    put(
        facts,
        Manifest.Key.WARNINGS.path(),
        study.runs().stream().flatMap(run -> run.manifest().warnings().stream()));
    return facts("Data and machine", facts);
  }

  private static void put(Map<String, String> facts, String key, Stream<String> values) {
    List<String> distinct = values.filter(value -> !value.isEmpty()).distinct().toList();
    if (!distinct.isEmpty()) {
      facts.put(key, String.join(" | ", distinct));
    }
  }

  private static Table facts(String caption, Map<String, String> facts) {
    return new Table.Columns<Map.Entry<String, String>>()
        .text("key", Map.Entry::getKey)
        .text("value", Map.Entry::getValue)
        .of(caption, facts.entrySet());
  }
}
