package io.adamant.reproduce;

import io.adamant.base.Csv;
import io.adamant.chart.Digits;
import io.adamant.chart.Table;
import io.adamant.config.OptimizerConfig;
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

  static final List<String> COLUMNS = columns().of("", List.of()).headings();

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
    Table table = columns().of("", List.of(new Done(run, run.metrics(), scale, claims)));
    Map<String, String> cells = new LinkedHashMap<>();
    for (int i = 0; i < COLUMNS.size(); i++) {
      String cell = table.rows().get(0).get(i);
      cells.put(COLUMNS.get(i), cell.replaceAll("[,\"\\r\\n]+", " ").strip());
    }
    return new RunRow(cells);
  }

  /** A run, and who asked for it. */
  private record Done(RunData run, Metrics metrics, Scale scale, List<String> claims) {
    OptimizerConfig optimizer() {
      return run.config().optimizer();
    }

    String setting(String key) {
      Object value = optimizer().settings().get(key);
      return value == null ? "" : value.toString();
    }

    String clip() {
      double clip = run.config().clip().globalNorm();
      return clip > 0 ? Double.toString(clip) : "none";
    }

    String fact(Manifest.Key key) {
      return run.manifest().text(key);
    }

    Curve curve(String group, String quantity) {
      return metrics.curve(Metrics.group(group, quantity));
    }
  }

  private static Table.Columns<Done> columns() {
    return new Table.Columns<Done>()
        .text("id", done -> done.run().id())
        .text("config", done -> ConfigKey.of(done.run().config()))
        .text("scale", done -> done.scale().word())
        .text("claims", done -> String.join(" ", done.claims()))
        .text("arm", done -> done.run().arm())
        .whole("seed", done -> done.run().seed())
        .text("optimizer", done -> done.optimizer().name())
        .exact("lr", done -> done.optimizer().lr())
        .exact("weight_decay", done -> done.optimizer().weightDecay())
        .text("beta1", done -> done.setting("beta1"))
        .text("beta2", done -> done.setting("beta2"))
        .text("eps", done -> done.setting("eps"))
        .text("clip", Done::clip)
        .text("coordinate_clip", done -> done.setting("coordinate_clip"))
        .text("status", done -> done.run().summary().status().word())
        .number(Metrics.VAL_LOSS, Csv::number, done -> done.run().summary().valLoss())
        .number(Metrics.TRAIN_LOSS, Csv::number, done -> done.run().summary().trainLoss())
        .number(
            Metrics.UPDATE_RMS,
            Csv::number,
            done -> secondHalf(done.curve(Metrics.ALL, Metrics.UPDATE_RMS)))
        .number(
            Metrics.WEIGHT_RMS, Csv::number, done -> done.curve("mlp", Metrics.WEIGHT_RMS).last())
        .number(
            Metrics.SIGN_FLIPS,
            Csv::number,
            done -> secondHalf(done.curve(Metrics.ALL, Metrics.SIGN_FLIPS)))
        .whole("steps", done -> done.run().summary().steps())
        .whole("tokens", done -> done.run().summary().tokens())
        .number("seconds", Csv::number, done -> done.run().summary().seconds())
        .text("corpus", done -> ConfigKey.name(done.run().config().data().corpus()))
        .text("parameters", done -> done.fact(Manifest.Key.PARAMETERS))
        .text("numerics", done -> done.fact(Manifest.Key.NUMERICS))
        .text("commit", done -> done.fact(Manifest.Key.COMMIT))
        .text("started", done -> done.fact(Manifest.Key.STARTED))
        .text(
            "train_curve",
            done ->
                parts(
                    done.metrics().curve(Metrics.TRAIN_LOSS),
                    done.run().config().training().steps()));
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

  String line(List<String> columns) {
    return columns.stream().map(this::text).collect(Collectors.joining(","));
  }
}
