package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section.FactTable;
import io.adamant.results.Manifest;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
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
  static List<FactTable> of(StudyData study) {
    return Stream.of(differences(study), troubles(study)).flatMap(Optional::stream).toList();
  }

  /** What a reader may look up: what all arms share, data, machine and versions. */
  static List<FactTable> details(StudyData study) {
    return Stream.of(shared(study), provenance(study))
        .filter(table -> !table.rows().isEmpty())
        .toList();
  }

  private static Optional<FactTable> differences(StudyData study) {
    List<Map<String, String>> settings =
        study.arms().stream().map(arm -> arm.runs().get(0).setting()).toList();
    List<String> keys = Differences.keys(settings);
    List<String> arms = study.arms().stream().map(ArmRuns::name).toList();
    if (keys.isEmpty()) {
      return Optional.empty();
    }
    List<List<String>> byArm =
        settings.stream()
            .map(setting -> keys.stream().map(key -> setting.getOrDefault(key, "")).toList())
            .toList();
    boolean wide = keys.size() > arms.size();
    return Optional.of(
        new FactTable(
            "How the arms differ",
            with(wide ? "setting" : "arm", wide ? arms : Differences.shortened(keys)),
            wide ? rows(keys, transposed(byArm)) : rows(arms, byArm)));
  }

  private static List<List<String>> rows(List<String> names, List<List<String>> cells) {
    return IntStream.range(0, names.size())
        .mapToObj(i -> with(names.get(i), cells.get(i)))
        .toList();
  }

  private static List<List<String>> transposed(List<List<String>> rows) {
    return IntStream.range(0, rows.get(0).size())
        .mapToObj(column -> rows.stream().map(row -> row.get(column)).toList())
        .toList();
  }

  private static List<String> with(String first, List<String> rest) {
    return Stream.concat(Stream.of(first), rest.stream()).toList();
  }

  private static Optional<FactTable> troubles(StudyData study) {
    List<List<String>> rows =
        study.runs().stream()
            .filter(run -> troubled(run.summary()))
            .map(OverviewTables::trouble)
            .toList();
    List<String> headings =
        List.of("run", "seed", "status", "steps done", "planned", "skipped", "first bad", "reason");
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(new FactTable("Runs that did not finish or skipped steps", headings, rows));
  }

  private static boolean troubled(RunSummary summary) {
    return summary.status() != RunStatus.FINISHED || summary.skippedSteps() > 0;
  }

  private static List<String> trouble(RunData run) {
    RunSummary summary = run.summary();
    String firstBad =
        summary.firstBadStep().isPresent()
            ? "step " + Digits.count(summary.firstBadStep().getAsLong())
            : "";
    return List.of(
        run.label(),
        Long.toString(run.seed()),
        summary.status().word(),
        Digits.count(summary.steps()),
        Digits.count(run.config().training().steps()),
        Digits.count(summary.skippedSteps()),
        firstBad,
        summary.reason());
  }

  private static FactTable shared(StudyData study) {
    List<Map<String, String>> settings =
        study.arms().stream().map(arm -> arm.runs().get(0).setting()).toList();
    return facts("What all arms share", Differences.shared(settings));
  }

  /** Every value that occurs, since the runs of a study may come from several machines. */
  private static FactTable provenance(StudyData study) {
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

  private static FactTable facts(String caption, Map<String, String> facts) {
    List<List<String>> rows =
        facts.entrySet().stream().map(e -> List.of(e.getKey(), e.getValue())).toList();
    return new FactTable(caption, List.of("key", "value"), rows);
  }
}
