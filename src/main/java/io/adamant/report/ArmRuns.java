package io.adamant.report;

import io.adamant.results.Manifest;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
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

  /**
   * Type of the optimizer.
   *
   * @return for example {@code adamw}
   */
  public String optimizer() {
    return runs.get(0).config().optimizer().type();
  }

  /**
   * The worst status among the runs, which decides where the arm is listed: a mean over the seeds
   * that survived would flatter an arm whose other seeds diverged.
   *
   * @return the status
   */
  public RunStatus status() {
    return runs.stream().map(run -> run.summary().status()).max(Comparator.naturalOrder()).get();
  }

  /**
   * The runs whose numbers are averaged and drawn: the finished ones; where none finished, those
   * that did not end badly; where there are none of these either, all.
   *
   * @return at least one run
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

  /**
   * A number of each shown run that has it.
   *
   * @param number for example a loss
   * @return finite values by rising seed
   */
  public double[] values(ToDoubleFunction<RunData> number) {
    return shown().stream().mapToDouble(number).filter(Double::isFinite).toArray();
  }

  /**
   * The mean of a number over the shown runs.
   *
   * @param number for example a loss
   * @return the mean of the finite values, NaN where there is none
   */
  public double mean(ToDoubleFunction<RunData> number) {
    return Statistics.mean(values(number));
  }

  /**
   * Steps that the guard left out, over all runs.
   *
   * @return at least 0
   */
  public long skippedSteps() {
    return runs.stream().mapToLong(run -> run.summary().skippedSteps()).sum();
  }

  ArmRuns named(String newName) {
    return new ArmRuns(newName, study, arm, runs);
  }

  /**
   * What its losses are measured on. Losses of other text, tokens or vocabulary have another unit.
   *
   * @return equal where the data are
   */
  String data() {
    RunData run = runs.get(0);
    Map<String, String> data = new TreeMap<>(run.setting());
    data.keySet().removeIf(key -> !key.startsWith("data."));
    String hash = run.manifest().text(Manifest.Key.DATA_SHA256);
    if (!hash.isEmpty()) {
      data.put("data.corpus", hash); // the same text wherever it lies
      data.remove("data.validation_corpus");
    }
    return data.toString();
  }
}
