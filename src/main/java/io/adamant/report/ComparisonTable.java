package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.results.Metrics;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.stats.MeanEstimate;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The arms side by side, best validation loss first; arms with an unfinished run after those that
 * finished, arms with a diverged or failed run last.
 *
 * <p>Arms of different data are not ranked together: those of the first study's data come first.
 *
 * @param rows one an arm
 * @param warning that the losses of these rows have different units, where they have
 */
public record ComparisonTable(List<Row> rows, Optional<String> warning) {
  /** Confidence of the interval of the validation loss. */
  public static final double LEVEL = 0.95;

  /** Takes a copy. */
  public ComparisonTable {
    rows = List.copyOf(rows);
  }

  /**
   * One arm. Numbers are means over its finished seeds (see {@link ArmRuns#shown}) and NaN where
   * unknown; losses are in nats per token, RMS values those of the group "all" at each run's last
   * measured step.
   *
   * @param name name of the arm
   * @param optimizer type of its optimizer
   * @param runs number of its runs
   * @param averaged how many of them the numbers are of
   * @param status worst among its runs
   * @param valLoss mean final validation loss
   * @param valLossHalfWidth half-width of its 95 % t-interval; NaN where fewer than two seeds
   * @param perplexity exp(valLoss), the geometric mean of the seeds' perplexities
   * @param tokensPerSecond mean of the runs' medians
   * @param seconds mean wall time of training
   * @param updateRms measured RMS of the update direction u
   * @param updateRmsPredicted self-consistent mean field, theory §4
   * @param updateRmsFree parameter-free √((1−β1)/(1+β1)), theory §4
   * @param weightRms measured RMS of the weights
   * @param weightRmsPredicted theory §5
   * @param note what a reader must know: unfinished, diverged and failed runs, skipped steps
   */
  public record Row(
      String name,
      String optimizer,
      int runs,
      int averaged,
      RunStatus status,
      double valLoss,
      double valLossHalfWidth,
      double perplexity,
      double tokensPerSecond,
      double seconds,
      double updateRms,
      double updateRmsPredicted,
      double updateRmsFree,
      double weightRms,
      double weightRmsPredicted,
      String note) {

    /**
     * Whether no run of this arm survived.
     *
     * @return true if there is no finished or running seed to average
     */
    public boolean lost() {
      return averaged == 0;
    }
  }

  /**
   * Compares the arms of a study.
   *
   * @param study the study
   * @return the table
   */
  public static ComparisonTable of(StudyData study) {
    Comparator<Row> order =
        Comparator.<Row>comparingInt(ComparisonTable::rank)
            .thenComparingDouble(Row::valLoss) // NaN sorts last
            .thenComparing(Row::name);
    return new ComparisonTable(
        study.data().stream()
            .flatMap(
                data ->
                    study.arms().stream()
                        .filter(arm -> arm.data().equals(data))
                        .map(ComparisonTable::row)
                        .sorted(order))
            .toList(),
        study.warning());
  }

  private static int rank(Row row) {
    if (row.status() == RunStatus.FINISHED) {
      return 0;
    }
    if (!row.status().bad()) {
      return 1;
    }
    return row.lost() ? 3 : 2;
  }

  private static Row row(ArmRuns arm) {
    List<RunData> averaged =
        arm.shown().stream().filter(run -> !run.summary().status().bad()).toList();
    double[] losses = arm.values(run -> run.summary().valLoss());
    double loss = Statistics.mean(losses);
    double halfWidth =
        losses.length < 2 ? Double.NaN : MeanEstimate.of(losses, LEVEL).interval().halfWidth();
    return new Row(
        arm.name(),
        arm.optimizer(),
        arm.runs().size(),
        averaged.size(),
        arm.status(),
        loss,
        halfWidth,
        Math.exp(loss),
        arm.mean(run -> run.summary().tokensPerSecond()),
        arm.mean(run -> run.summary().seconds()),
        arm.mean(run -> run.measured(Metrics.UPDATE_RMS)),
        arm.mean(run -> run.measured(Metrics.UPDATE_RMS_PREDICTED)),
        arm.mean(run -> run.measured(Metrics.UPDATE_RMS_FREE)),
        arm.mean(run -> run.measured(Metrics.WEIGHT_RMS)),
        arm.mean(run -> run.measured(Metrics.WEIGHT_RMS_PREDICTED)),
        note(arm));
  }

  private static String note(ArmRuns arm) {
    Map<RunStatus, List<RunData>> byStatus =
        arm.runs().stream()
            .collect(
                Collectors.groupingBy(
                    run -> run.summary().status(), TreeMap::new, Collectors.toList()));
    List<String> parts = new ArrayList<>();
    byStatus.forEach(
        (status, runs) -> {
          if (status != RunStatus.FINISHED) {
            parts.add(statusNote(arm, status, runs));
          }
        });
    if (arm.skippedSteps() > 0) {
      parts.add(Digits.plural(arm.skippedSteps(), "step") + " skipped");
    }
    return String.join("; ", parts);
  }

  private static String statusNote(ArmRuns arm, RunStatus status, List<RunData> runs) {
    RunData first = runs.get(0);
    String who = arm.runs().size() == 1 ? "" : runs.size() + " of " + arm.runs().size() + " seeds ";
    long planned = first.config().training().steps();
    String where = " at step " + Digits.count(first.summary().steps());
    String of = status.bad() ? "" : " of " + Digits.count(planned);
    String why = first.summary().reason().isEmpty() ? "" : " (" + first.summary().reason() + ")";
    return who + status.word() + where + of + why;
  }
}
