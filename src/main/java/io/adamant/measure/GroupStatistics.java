package io.adamant.measure;

import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.LearningRate;
import io.adamant.optim.ParameterGroup;
import io.adamant.train.StepView;
import io.adamant.train.TrainingHook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Update RMS, weight RMS and gradient signal-to-noise ratio by group of parameters, beside what
 * theory predicts: the key {@code groups} of {@code metrics.jsonl}, a map a group ({@code all}
 * first) with
 *
 * <ul>
 *   <li>{@code update_rms}: RMS over coordinates of the direction u, recomputed from optimizer
 *       state.
 *   <li>{@code update_rms_predicted}: <em>self-consistent</em> mean field (theory.md &sect;4) from
 *       the snr below, with the start of the averages accounted for; nearly circular, since snr
 *       comes from the momentum that u is made of. A negative snr counts as 0. Stated error in the
 *       stationary state: &minus;3.2&hellip;+5.3 % for beta2 &ge; 0.9.
 *   <li>{@code update_rms_free}: what pure noise gives in the stationary state, from the settings
 *       alone: &radic;((1&minus;beta1)/(1+beta1)), or 1 for signs and where beta1 = 0.
 *   <li>{@code weight_rms}: RMS over coordinates of the weights.
 *   <li>{@code weight_rms_predicted}: the exact recursion of theory.md &sect;5 through every step
 *       so far, from the measured weight RMS before the first step, with the actual schedule and
 *       decay, on gradients that are pure noise (snr = 0). Measured weights above it have drifted:
 *       their updates agreed over steps more than noise does. A signal is left out on purpose: the
 *       recursion would hold its direction for the whole run, and a training run does not. Steps
 *       that the guard skipped count as taken.
 *   <li>{@code snr}: &#8214;&mu;&#8214;&sup2;/&#8214;&sigma;&#8214;&sup2; of the batch gradient, as
 *       the optimizer got it, by inversion of &#8214;m&#8214;&sup2;/&#8214;g&#8214;&sup2;.
 *       Gradients that resemble the ones before count as signal. Slightly below zero where there is
 *       none.
 *   <li>{@code noise_scale}: B_simple = tr &Sigma;/&#8214;&mu;&#8214;&sup2; = batch/snr, in
 *       sequences.
 * </ul>
 *
 * <p>What is undefined is null: see the table in {@code Predictions}. Beyond that, snr at the first
 * step, where m is a multiple of g, and noise_scale without a positive snr.
 *
 * <p>A group may hold parameters with different optimizers, rates and decays; each is predicted by
 * its own rule, and mean squares are averaged over coordinates. The only memory of this hook is the
 * initial weight RMS, which checkpoints keep: a resumed run measures and predicts the same.
 */
public final class GroupStatistics implements TrainingHook {

  private static final String ALL = "all";
  private static final String INITIAL = "initial_weight_rms";

  private final int every;
  private final long steps;
  private final int batch;
  private final Function<String, String> grouping;
  private final LearningRate learningRate;
  private final Map<String, Double> initialRms = new LinkedHashMap<>();
  private final Map<String, WeightPrediction> weightPredictions = new LinkedHashMap<>();

  /**
   * Creates the hook of one run.
   *
   * @param every steps between measurements, at least 1; the last step is measured in any case
   * @param steps of the run
   * @param batch sequences a step
   * @param grouping from a parameter's stable name to its group, such as {@code attention}; the
   *     name {@code all} is taken
   * @param learningRate the run's schedule
   * @throws IllegalArgumentException if {@code every} or {@code batch} is below 1
   */
  public GroupStatistics(
      int every,
      long steps,
      int batch,
      Function<String, String> grouping,
      LearningRate learningRate) {
    if (every < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "every = " + every + ", batch = " + batch + " is not allowed: both must be at least 1");
    }
    this.every = every;
    this.steps = steps;
    this.batch = batch;
    this.grouping = grouping;
    this.learningRate = learningRate;
  }

  @Override
  public String name() {
    return "group_statistics";
  }

  @Override
  public boolean wants(long step) {
    return step % every == 0 || step == steps;
  }

  @Override
  public void begin(List<ParameterGroup> groups) {
    for (Cell cell : Cell.read(groups, grouping)) {
      initialRms.put(cell.key(), cell.sums().rms(cell.sums().weight()));
    }
  }

  @Override
  public Map<String, Object> state() {
    return Map.of(INITIAL, Map.copyOf(initialRms));
  }

  @Override
  public void restore(Map<String, Object> state) {
    if (state.get(INITIAL) instanceof Map<?, ?> saved) {
      saved.forEach((key, rms) -> initialRms.put((String) key, ((Number) rms).doubleValue()));
    }
  }

  @Override
  public Map<String, Object> observe(StepView view) {
    Map<String, List<Cell>> groups = new LinkedHashMap<>();
    groups.put(ALL, new ArrayList<>());
    for (Cell cell : Cell.read(view.groups(), grouping)) {
      groups.get(ALL).add(cell);
      groups.computeIfAbsent(cell.statistic(), group -> new ArrayList<>()).add(cell);
    }
    Map<String, Object> lines = new LinkedHashMap<>();
    groups.forEach((group, cells) -> lines.put(group, line(cells, view.step())));
    return Map.of("groups", lines);
  }

  private Map<String, Object> line(List<Cell> cells, long step) {
    Sums sums = sum(cells);
    GradientSplit split = split(cells, step);
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("update_rms", orNull(sums.rms(sums.update())));
    line.put("update_rms_predicted", orNull(predictedUpdateRms(cells, step)));
    line.put("update_rms_free", orNull(freeUpdateRms(cells)));
    line.put("weight_rms", orNull(sums.rms(sums.weight())));
    line.put("weight_rms_predicted", orNull(predictedWeightRms(cells, step)));
    line.put("snr", orNull(split.snr().orElse(Double.NaN)));
    line.put("noise_scale", orNull(split.noiseScale(batch).orElse(Double.NaN)));
    return line;
  }

  private static Sums sum(List<Cell> cells) {
    return cells.stream().map(Cell::sums).reduce(Sums.ZERO, Sums::plus);
  }

  private static GradientSplit split(List<Cell> cells, long step) {
    return cells.stream()
        .map(cell -> cell.split(step))
        .reduce(GradientSplit.ZERO, GradientSplit::plus);
  }

  /** Cells of one optimizer are taken together: theirs is one mean field with one snr. */
  private static double predictedUpdateRms(List<Cell> cells, long step) {
    Map<FusedOptimizer, List<Cell>> byOptimizer = new LinkedHashMap<>();
    cells.forEach(
        cell ->
            byOptimizer
                .computeIfAbsent(cell.parameters().optimizer(), o -> new ArrayList<>())
                .add(cell));
    double total = 0;
    for (Map.Entry<FusedOptimizer, List<Cell>> entry : byOptimizer.entrySet()) {
      Sums sums = sum(entry.getValue());
      OptionalDouble snr = split(entry.getValue(), step).snr();
      double gradientSquare = sums.gradient() / sums.coordinates();
      total +=
          sums.coordinates()
              * Predictions.of(entry.getKey())
                  .meanSquare(snr, gradientSquare, step)
                  .orElse(Double.NaN);
    }
    return sum(cells).rms(total);
  }

  private static double freeUpdateRms(List<Cell> cells) {
    return rmsOver(
        cells,
        cell -> {
          double rms = Predictions.of(cell.parameters().optimizer()).freeRms().orElse(Double.NaN);
          return rms * rms;
        });
  }

  private double predictedWeightRms(List<Cell> cells, long step) {
    return rmsOver(
        cells,
        cell ->
            weightPredictions
                .computeIfAbsent(
                    cell.key(),
                    key ->
                        new WeightPrediction(
                            cell.parameters(),
                            initialRms.getOrDefault(key, Double.NaN),
                            learningRate))
                .meanSquare(step)
                .orElse(Double.NaN));
  }

  /** The RMS of cells whose mean squares are given. */
  private static double rmsOver(List<Cell> cells, ToDoubleFunction<Cell> meanSquare) {
    double total = 0;
    for (Cell cell : cells) {
      total += cell.sums().coordinates() * meanSquare.applyAsDouble(cell);
    }
    return sum(cells).rms(total);
  }

  /** JSON has no number for what is undefined. */
  private static Double orNull(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
