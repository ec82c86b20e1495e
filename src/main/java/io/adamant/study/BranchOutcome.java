package io.adamant.study;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.results.Metrics;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.stats.Interval;
import io.adamant.stats.MeanEstimate;
import io.adamant.stats.PooledNoise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the branches of a run came to.
 *
 * <p>The margin is twice the standard deviation of the final losses of the three branches with the
 * batch as it was. It is computed and written to {@code margin.json} before any larger batch is
 * trained. A batch is within it if its mean loss is at most that much above theirs; a lower one is
 * within. The critical batch is the largest up to which all are.
 *
 * @param margin in nats
 * @param rows one a multiplier, rising
 * @param simple B_simple = tr &Sigma;/&#8214;&mu;&#8214;&sup2; in sequences where the branches
 *     begin
 * @param curved B_noise = tr(&Sigma;H)/&mu;&#7488;H&mu; there
 */
public record BranchOutcome(double margin, List<Row> rows, Scale simple, Scale curved) {

  private static final double LEVEL = 0.95;
  private static final String MARGIN = "margin.json";

  /**
   * The branches of one batch.
   *
   * @param multiplier k
   * @param batch sequences a step
   * @param steps of each branch
   * @param rateFactor on the rates
   * @param losses final validation losses, nats per token; NaN of one that did not finish
   * @param loss their mean
   * @param halfWidth of its 95 % interval, from the spread within all batches, which is taken to be
   *     one
   * @param difference to the batch as it was
   * @param within the margin
   */
  public record Row(
      int multiplier,
      int batch,
      int steps,
      double rateFactor,
      List<Double> losses,
      double loss,
      double halfWidth,
      double difference,
      boolean within) {
    /** Takes a copy. */
    public Row {
      losses = List.copyOf(losses);
    }
  }

  /**
   * A noise scale, from the three branches.
   *
   * @param value in sequences; NaN if no signal was seen
   * @param low the lower end of its 95 % interval; NaN if unknown
   * @param high the upper end; infinite if none is known
   */
  public record Scale(double value, double low, double high) {}

  /** Takes a copy. */
  public BranchOutcome {
    rows = List.copyOf(rows);
  }

  /**
   * Fixes the margin, unless it is fixed.
   *
   * @param study the branches
   * @param items the branches with the batch as it was
   * @param directory with their results
   * @return whether it is fixed; not if one of them did not finish
   * @throws InputException if the margin that is written is another
   */
  public static boolean fix(
      BranchStudy study, List<StudyPlan.Item> items, StudyDirectory directory) {
    double[] losses = items.stream().mapToDouble(item -> loss(item, directory)).toArray();
    if (Arrays.stream(losses).anyMatch(loss -> !Double.isFinite(loss))) {
      return false;
    }
    double deviation = PooledNoise.of(List.of(losses), LEVEL).orElseThrow().standardDeviation();
    Path file = directory.root().resolve(MARGIN);
    if (Files.exists(file)) {
      if (Math.abs(Json.number(Json.object(file), "margin") - 2 * deviation) > 1e-12) {
        throw new InputException(file + " is not that of these branches; use another --results");
      }
      return true;
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("run", study.runId());
    map.put("step", study.step());
    map.put("rule", "twice the standard deviation of the losses, fixed before any larger batch");
    map.put("losses", losses);
    map.put("deviation", deviation);
    map.put("margin", 2 * deviation);
    DurableFiles.write(file, Json.pretty(map));
    return true;
  }

  private static double loss(StudyPlan.Item item, StudyDirectory directory) {
    return directory
        .published(item.id())
        .filter(summary -> summary.status() == RunStatus.FINISHED)
        .map(summary -> summary.valLoss())
        .orElse(Double.NaN);
  }

  /**
   * Reads the results.
   *
   * @param study the branches
   * @param plan their runs, all with a result
   * @param directory with the margin
   */
  public static BranchOutcome of(BranchStudy study, StudyPlan plan, StudyDirectory directory) {
    double margin = Json.number(Json.object(directory.root().resolve(MARGIN)), "margin");
    Map<Integer, double[]> losses = new LinkedHashMap<>();
    for (int k : study.multipliers()) {
      losses.put(
          k,
          items(plan, study.arm(k)).stream().mapToDouble(item -> loss(item, directory)).toArray());
    }
    PooledNoise noise =
        PooledNoise.of(
                losses.values().stream()
                    .filter(all -> Arrays.stream(all).allMatch(Double::isFinite))
                    .toList(),
                LEVEL)
            .orElseThrow();
    List<Row> rows = new ArrayList<>();
    for (int k : study.multipliers()) {
      double[] of = losses.get(k);
      double mean = Arrays.stream(of).average().orElse(Double.NaN);
      double difference = k == 1 ? 0 : mean - rows.get(0).loss();
      rows.add(
          new Row(
              k,
              k * study.origin().training().batch(),
              study.steps(k),
              study.scale().factor(k),
              Arrays.stream(of).boxed().toList(),
              mean,
              noise.halfWidth(of.length),
              difference,
              difference <= margin));
    }
    return measured(study, items(plan, study.arm(1)), directory, margin, rows);
  }

  /**
   * The branches of one batch.
   *
   * @param plan of all
   * @param arm name of the batch's branches
   */
  public static List<StudyPlan.Item> items(StudyPlan plan, String arm) {
    return plan.items().stream().filter(item -> item.arm().equals(arm)).toList();
  }

  /** Each of the three has probed its gradient by fresh batches after its first step. */
  private static BranchOutcome measured(
      BranchStudy study,
      List<StudyPlan.Item> items,
      StudyDirectory directory,
      double margin,
      List<Row> rows) {
    List<Double> snr = new ArrayList<>();
    List<Double> curved = new ArrayList<>();
    for (StudyPlan.Item item : items) {
      Metrics metrics = RunDirectory.metrics(directory.run(item.id()));
      double at = study.probed();
      snr.add(metrics.curve(Metrics.group(Metrics.ALL, Metrics.SNR_PROBE)).valueAt(at));
      String probe = Metrics.PROBE + ".";
      curved.add(
          metrics.curve(probe + Metrics.GRADIENT_CURVATURE).valueAt(at)
              / metrics.curve(probe + Metrics.NOISE_CURVATURE).valueAt(at));
    }
    int batch = study.origin().training().batch();
    return new BranchOutcome(margin, rows, scale(snr, batch), scale(curved, batch));
  }

  /** B over the mean ratio of signal to noise. */
  private static Scale scale(List<Double> ratios, int batch) {
    double[] found = ratios.stream().mapToDouble(x -> x).filter(Double::isFinite).toArray();
    if (found.length < 2) {
      return new Scale(Double.NaN, Double.NaN, Double.POSITIVE_INFINITY);
    }
    MeanEstimate mean = MeanEstimate.of(found, LEVEL);
    Interval interval = mean.interval();
    return new Scale(
        mean.mean() > 0 ? batch / mean.mean() : Double.NaN,
        interval.high() > 0 ? batch / interval.high() : Double.NaN,
        interval.low() > 0 ? batch / interval.low() : Double.POSITIVE_INFINITY);
  }

  /** The largest batch up to which all are within the margin. */
  public Row critical() {
    Row critical = rows.get(0);
    for (Row row : rows) {
      if (!row.within()) {
        break;
      }
      critical = row;
    }
    return critical;
  }

  /** Whether no batch left the margin, so that the critical one may be larger. */
  public boolean open() {
    return critical().equals(rows.get(rows.size() - 1));
  }

  /**
   * The outcome as JSON has it.
   *
   * @param study the branches
   */
  public Map<String, Object> json(BranchStudy study) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("run", study.runId());
    map.put("step", study.step());
    map.put("scale", study.scale().word());
    map.put("margin", margin);
    map.put("critical_batch", critical().batch());
    map.put("critical_batch_is_lower_bound", open());
    map.put("b_simple", json(simple));
    map.put("b_noise", json(curved));
    List<Map<String, Object>> list = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("multiplier", row.multiplier());
      line.put("batch", row.batch());
      line.put("steps", row.steps());
      line.put("rate_factor", row.rateFactor());
      line.put("losses", row.losses().stream().map(BranchOutcome::orNull).toList());
      line.put("loss", orNull(row.loss()));
      line.put("half_width", orNull(row.halfWidth()));
      line.put("difference", orNull(row.difference()));
      line.put("within", row.within());
      list.add(line);
    }
    map.put("batches", list);
    return map;
  }

  private static Map<String, Object> json(Scale scale) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("value", orNull(scale.value()));
    map.put("low", orNull(scale.low()));
    map.put("high", orNull(scale.high()));
    return map;
  }

  private static Double orNull(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
