package io.adamant.report;

import io.adamant.base.Numbers;
import io.adamant.config.RunConfig;
import io.adamant.results.Manifest;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.stats.MeanEstimate;
import io.adamant.stats.Statistics;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * The runs that differ in nothing but their seed: one row of a comparison.
 *
 * @param name unique in its report: the arm, with what varies within it where something does
 * @param study name of the study
 * @param arm name of the arm in its study
 * @param runs one a seed, by rising seed; at least one
 */
public record ArmRuns(String name, String study, String arm, List<RunData> runs) {

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if there is no run
   */
  public ArmRuns {
    runs = runs.stream().sorted(Comparator.comparingLong(RunData::seed)).toList();
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("arm " + name + " has no run");
    }
  }

  /** The configuration of its first run. */
  RunConfig config() {
    return runs.get(0).config();
  }

  /** Type of the optimizer, for example {@code adamw}. */
  String optimizer() {
    return config().optimizer().name();
  }

  /** What decides which runs are seeds of one another, by dotted key. */
  Map<String, String> setting() {
    return runs.get(0).setting();
  }

  /** A number of its setting; NaN where there is none. */
  double setting(String key) {
    return Numbers.parse(setting().getOrDefault(key, "")).orElse(Double.NaN);
  }

  /**
   * The worst status among the runs, which decides where the arm is listed: a mean over the seeds
   * that survived would flatter an arm whose other seeds diverged.
   */
  public RunStatus status() {
    return runs.stream().map(run -> run.summary().status()).max(Comparator.naturalOrder()).get();
  }

  /**
   * The runs whose numbers are averaged and drawn: the finished ones; where none finished, those
   * that did not end badly; where there are none of these either, all.
   */
  public List<RunData> shown() {
    List<RunData> finished =
        runs.stream().filter(run -> run.summary().status() == RunStatus.FINISHED).toList();
    if (!finished.isEmpty()) {
      return finished;
    }
    List<RunData> alive = runs.stream().filter(run -> !run.summary().status().bad()).toList();
    return alive.isEmpty() ? runs : alive;
  }

  /** Those of the shown runs that did not end badly. */
  List<RunData> averaged() {
    return shown().stream().filter(run -> !run.summary().status().bad()).toList();
  }

  /** Whether there is no finished or running seed to average. */
  boolean lost() {
    return averaged().isEmpty();
  }

  /** The finite values of a number of the shown runs, by rising seed. */
  double[] values(ToDoubleFunction<RunData> number) {
    return shown().stream().mapToDouble(number).filter(Double::isFinite).toArray();
  }

  /** The mean of a number over the shown runs; NaN where none has it. */
  double mean(ToDoubleFunction<RunData> number) {
    return Statistics.mean(values(number));
  }

  /** The mean of a measurement of each run's last measured step, over all parameters. */
  double measured(String quantity) {
    return mean(run -> run.measured(quantity));
  }

  /** Final validation losses of the shown runs that have one, by rising seed. */
  double[] losses() {
    return values(run -> run.summary().valLoss());
  }

  /** Mean final validation loss in nats per token. */
  double valLoss() {
    return Statistics.mean(losses());
  }

  /** The same in bits per byte of the validation text; NaN where its bytes are unknown. */
  double bitsPerByte() {
    return mean(run -> run.summary().valBitsPerByte());
  }

  /** The loss of the weights that its runs read out; NaN where these are the trained ones. */
  double readoutValLoss() {
    return mean(run -> run.summary().readoutValLoss());
  }

  /** Half-width of its 95 % t-interval; NaN where there are fewer than two seeds. */
  double valLossHalfWidth() {
    double[] losses = losses();
    return losses.length < 2
        ? Double.NaN
        : MeanEstimate.of(losses, ComparisonTable.LEVEL).interval().halfWidth();
  }

  /** Mean validation loss; NaN unless all seeds finished. */
  double wholeLoss() {
    return status() == RunStatus.FINISHED ? valLoss() : Double.NaN;
  }

  /** Steps that the guard left out, over all runs. */
  long skippedSteps() {
    return runs.stream().mapToLong(run -> run.summary().skippedSteps()).sum();
  }

  ArmRuns named(String newName) {
    return new ArmRuns(newName, study, arm, runs);
  }

  /** What its losses are measured on. Losses of other text, tokens or vocabulary differ in unit. */
  String data() {
    Map<String, String> data = new TreeMap<>(setting());
    data.keySet().removeIf(key -> !key.startsWith("data."));
    String hash = runs.get(0).manifest().text(Manifest.Key.DATA_SHA256);
    if (!hash.isEmpty()) {
      data.put("data.corpus", hash); // the same text wherever it lies
      data.remove("data.validation_corpus");
    }
    return data.toString();
  }
}
