package io.adamant.results;

import io.adamant.base.Csv;
import io.adamant.config.Configs;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code runs.csv}: one line per run: its results and then its flattened configuration, every digit
 * kept; blank where unknown.
 */
public final class RunsCsv {
  private static final List<String> RESULTS =
      List.of(
          ArmNames.ARM,
          ArmNames.LABEL,
          ArmNames.SEED,
          "id",
          RunSummary.STATUS,
          Metrics.VAL_LOSS,
          RunSummary.VAL_PERPLEXITY,
          Metrics.TRAIN_LOSS,
          Metrics.TOKENS_PER_SECOND,
          RunSummary.SECONDS,
          RunSummary.STEPS,
          Metrics.TOKENS,
          RunSummary.WEIGHTS_SHA256,
          "stage");

  private RunsCsv() {}

  /**
   * Writes the runs of a study. Column {@code stage} says {@code grid}, or {@code confirm} for a
   * run on a fresh seed.
   *
   * @param grid the runs of the grids
   * @param confirming those on fresh seeds
   * @return CSV with a header line; a setting that a run lacks is blank
   */
  public static String of(List<RunData> grid, List<RunData> confirming) {
    List<RunData> runs = new ArrayList<>(grid);
    runs.addAll(confirming);
    List<Map<String, String>> settings =
        runs.stream().map(run -> Configs.flatten(run.config())).toList();
    Set<String> keys = new LinkedHashSet<>();
    settings.forEach(setting -> keys.addAll(setting.keySet()));
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(RESULTS);
    header.addAll(keys);
    boolean bits = runs.stream().anyMatch(run -> Double.isFinite(run.summary().valBitsPerByte()));
    if (bits) {
      header.add(Metrics.VAL_BITS_PER_BYTE);
    }
    boolean readout = runs.stream().anyMatch(r -> Double.isFinite(r.summary().readoutValLoss()));
    if (readout) {
      header.add(Metrics.READOUT_VAL_LOSS);
    }
    lines.add(header);
    for (int i = 0; i < runs.size(); i++) {
      List<String> line = new ArrayList<>(results(runs.get(i)));
      line.add(i < grid.size() ? "grid" : "confirm");
      Map<String, String> setting = settings.get(i);
      keys.forEach(key -> line.add(setting.getOrDefault(key, "")));
      if (bits) {
        line.add(Csv.number(runs.get(i).summary().valBitsPerByte()));
      }
      if (readout) {
        line.add(Csv.number(runs.get(i).summary().readoutValLoss()));
      }
      lines.add(line);
    }
    return Csv.text(lines);
  }

  private static List<String> results(RunData run) {
    RunSummary summary = run.summary();
    return List.of(
        run.arm(),
        run.label(),
        Long.toString(run.seed()),
        run.id(),
        summary.status().word(),
        Csv.number(summary.valLoss()),
        Csv.number(summary.valPerplexity()),
        Csv.number(summary.trainLoss()),
        Csv.number(summary.tokensPerSecond()),
        Csv.number(summary.seconds()),
        Long.toString(summary.steps()),
        Long.toString(summary.tokens()),
        summary.weightsSha256());
  }
}
