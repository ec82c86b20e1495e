package io.adamant.report;

import io.adamant.chart.Csv;
import io.adamant.chart.Digits;
import io.adamant.config.Configs;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code runs.csv}: one line a run, its results and then its flattened configuration, every digit
 * kept; blank where unknown.
 */
public final class RunsCsv {
  private static final List<String> RESULTS =
      List.of(
          "arm",
          "label",
          "seed",
          "id",
          "status",
          "val_loss",
          "val_ppl",
          "train_loss",
          "tokens_per_s",
          "seconds",
          "steps",
          "tokens",
          "weights_sha256",
          "stage");

  private RunsCsv() {}

  /**
   * Writes the runs of a study. Column {@code stage} says {@code grid}, or {@code confirm} for a
   * run on a fresh seed.
   *
   * @param study the runs, those on fresh seeds last
   * @return CSV with a header line; a setting that a run lacks is blank
   */
  public static String of(StudyData study) {
    List<RunData> runs = new ArrayList<>(study.runs());
    int grid = runs.size();
    study.confirmed().forEach(point -> runs.addAll(point.runs().runs()));
    List<Map<String, String>> settings =
        runs.stream().map(run -> Configs.flatten(run.config())).toList();
    Set<String> keys = new LinkedHashSet<>();
    settings.forEach(setting -> keys.addAll(setting.keySet()));
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(RESULTS);
    header.addAll(keys);
    lines.add(header);
    for (int i = 0; i < runs.size(); i++) {
      List<String> line = new ArrayList<>(results(runs.get(i)));
      line.add(i < grid ? "grid" : "confirm");
      Map<String, String> setting = settings.get(i);
      keys.forEach(key -> line.add(setting.getOrDefault(key, "")));
      lines.add(line);
    }
    return Csv.text(lines);
  }

  private static List<String> results(RunData run) {
    Summary summary = run.summary();
    return List.of(
        run.arm(),
        run.label(),
        Long.toString(run.seed()),
        run.id(),
        summary.status().word(),
        Digits.exact(summary.valLoss()),
        Digits.exact(summary.valPerplexity()),
        Digits.exact(summary.trainLoss()),
        Digits.exact(summary.tokensPerSecond()),
        Digits.exact(summary.seconds()),
        Long.toString(summary.steps()),
        Long.toString(summary.tokens()),
        summary.weightsSha256());
  }
}
