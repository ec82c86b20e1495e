package io.adamant.reproduce;

import io.adamant.chart.Digits;
import io.adamant.config.RunConfig;
import io.adamant.results.Manifest;
import io.adamant.results.Metrics;
import io.adamant.results.RunData;
import io.adamant.stats.Curve;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A finished run, one line of {@code runs.csv}: all that verdicts and figures need of it.
 *
 * @param cells by column, texts without commas; {@link #COLUMNS} in order
 */
record RunRow(Map<String, String> cells) {

  static final List<String> COLUMNS =
      List.of(
          "id",
          "config",
          "scale",
          "claims",
          "arm",
          "seed",
          "optimizer",
          "lr",
          "weight_decay",
          "beta1",
          "beta2",
          "eps",
          "clip",
          "status",
          Metrics.VAL_LOSS,
          Metrics.TRAIN_LOSS,
          Metrics.UPDATE_RMS,
          Metrics.WEIGHT_RMS,
          "steps",
          "tokens",
          "seconds",
          "corpus",
          "parameters",
          "numerics",
          "commit",
          "started",
          "train_curve");

  /** Parts of a run whose mean training loss is kept. */
  static final int PARTS = 40;

  RunRow {
    Map<String, String> ordered = new LinkedHashMap<>();
    for (String column : COLUMNS) {
      ordered.put(column, cells.getOrDefault(column, ""));
    }
    cells = ordered;
  }

  /**
   * The line of a run.
   *
   * @param run its folder, read
   * @param scale of the claims
   * @param claims that asked for it
   */
  static RunRow of(RunData run, Scale scale, List<String> claims) {
    RunConfig config = run.config();
    Metrics metrics = run.metrics();
    Map<String, String> cells = new LinkedHashMap<>();
    cells.put("id", run.id());
    cells.put("config", ConfigKey.of(config));
    cells.put("scale", scale.word());
    cells.put("claims", String.join(" ", claims));
    cells.put("arm", run.arm());
    cells.put("seed", Long.toString(run.seed()));
    cells.put("optimizer", config.optimizer().type());
    cells.put("lr", Double.toString(config.optimizer().lr()));
    cells.put("weight_decay", Double.toString(config.optimizer().weightDecay()));
    for (String key : List.of("beta1", "beta2", "eps")) {
      Object value = config.optimizer().settings().get(key);
      cells.put(key, value == null ? "" : value.toString());
    }
    double clip = config.clip().globalNorm();
    cells.put("clip", clip > 0 ? Double.toString(clip) : "none");
    cells.put("status", run.summary().status().word());
    cells.put(Metrics.VAL_LOSS, number(run.summary().valLoss()));
    cells.put(Metrics.TRAIN_LOSS, number(run.summary().trainLoss()));
    cells.put(
        Metrics.UPDATE_RMS,
        number(secondHalf(metrics.curve(Metrics.group(Metrics.ALL, Metrics.UPDATE_RMS)))));
    cells.put(
        Metrics.WEIGHT_RMS, number(metrics.curve(Metrics.group("mlp", Metrics.WEIGHT_RMS)).last()));
    cells.put("steps", Long.toString(run.summary().steps()));
    cells.put("tokens", Long.toString(run.summary().tokens()));
    cells.put("seconds", number(run.summary().seconds()));
    cells.put("corpus", ConfigKey.name(config.data().corpus()));
    cells.put("parameters", run.manifest().text(Manifest.Key.PARAMETERS));
    cells.put("numerics", run.manifest().text(Manifest.Key.NUMERICS));
    cells.put("commit", run.manifest().text(Manifest.Key.COMMIT));
    cells.put("started", run.manifest().text(Manifest.Key.STARTED));
    cells.put("train_curve", parts(metrics.curve(Metrics.TRAIN_LOSS), config.training().steps()));
    cells.replaceAll((column, cell) -> cell.replaceAll("[,\"\\r\\n]+", " ").strip());
    return new RunRow(cells);
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  /** The mean over the later half of the measured steps: no warm-up in it. */
  private static double secondHalf(Curve curve) {
    double half = curve.size() == 0 ? 0 : curve.x(curve.size() - 1) / 2;
    double sum = 0;
    int count = 0;
    for (int i = 0; i < curve.size(); i++) {
      if (curve.x(i) > half && Double.isFinite(curve.y(i))) {
        sum += curve.y(i);
        count++;
      }
    }
    return count == 0 ? Double.NaN : sum / count;
  }

  /** Mean training loss of equal parts of the run; blank where a part has no step. */
  private static String parts(Curve loss, long steps) {
    double[] sum = new double[PARTS];
    int[] count = new int[PARTS];
    for (int i = 0; i < loss.size(); i++) {
      int part = (int) Math.min(PARTS - 1, (loss.x(i) - 1) * PARTS / Math.max(1, steps));
      if (Double.isFinite(loss.y(i))) {
        sum[part] += loss.y(i);
        count[part]++;
      }
    }
    List<String> parts = new ArrayList<>();
    for (int p = 0; p < PARTS; p++) {
      parts.add(count[p] == 0 ? "" : Digits.format("%.5f", sum[p] / count[p]));
    }
    return String.join(";", parts);
  }

  String text(String column) {
    return cells.getOrDefault(column, "");
  }

  /** A number, NaN where there is none. */
  double number(String column) {
    try {
      return Double.parseDouble(text(column));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  long seed() {
    return Long.parseLong(text("seed"));
  }

  /** A quantity of a run that came to its end, NaN for one that diverged. */
  double quantity(String column) {
    return text("status").equals("finished") ? number(column) : Double.NaN;
  }

  /** Mean training loss of {@link #PARTS} equal parts; empty if it was not kept. */
  double[] trainCurve() {
    String curve = text("train_curve");
    return curve.isEmpty()
        ? new double[0]
        : Arrays.stream(curve.split(";", -1))
            .mapToDouble(cell -> cell.isEmpty() ? Double.NaN : Double.parseDouble(cell))
            .toArray();
  }

  String line() {
    return cells.values().stream().collect(Collectors.joining(","));
  }
}
