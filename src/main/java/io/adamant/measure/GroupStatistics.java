package io.adamant.measure;

import io.adamant.optim.LearningRate;
import io.adamant.optim.ParameterGroup;
import io.adamant.results.Metrics;
import io.adamant.train.StepView;
import io.adamant.train.TrainingHook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

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
 *       none. Standard error {@code snr_se}, which takes coordinates for independent: a lower
 *       bound.
 *   <li>{@code noise_scale}: B_simple = tr &Sigma;/&#8214;&mu;&#8214;&sup2; = batch/snr, in
 *       sequences.
 *   <li>{@code snr_micro}: from the step's micro-batches where there are two or more (of a batch
 *       that still grows, four or more), unbiased, see {@code GradientGram}; {@code _se}, and
 *       {@code _low, _high}, the ends of its 95 % interval.
 *   <li>{@code snr_probe}: the same from fresh batches, on steps with a probe. Like all of these it
 *       is that of the step's batch; fresh batches are whole ones.
 *   <li>{@code snr_independent}: the probe's in a run that probes, else the micro-batches'. It
 *       touches neither m nor v nor u; so does {@code noise_scale_independent}.
 *   <li>{@code update_rms_independent}: second order (theory.md &sect;4) from it, with the ends of
 *       its interval; {@code update_rms_residual} is measured over that, less 1. Stated error for
 *       beta2 &ge; 0.9 and t beyond a few 1/(1 &minus; beta2): &minus;0.9&hellip;+0.2 %. What
 *       {@code Assumptions} says of the residual stands beside it.
 *   <li>{@code weight_rms_signal}: the recursion with the independent snr of all measurements so
 *       far, pooled, and a mean whose direction never turns: an upper bound. {@code
 *       weight_rms_predicted} is no lower bound: a mean that turns back within the momentum's
 *       memory leaves weights smaller than pure noise does.
 *   <li>{@code sign_flips}: share of coordinates whose momentum m changed its sign in the step; m
 *       before it follows from m and g. Coordinates whose gradient is zero are left out, and those
 *       whose m had been zero. {@code sign_flips_predicted}: that of white Gaussian noise,
 *       arccos(&rho;_1)/&pi;, where &rho;_1 = &beta; once the average is filled; exact. Below it
 *       lie a mean, and gradients whose size varies (heavy tails): most steps then leave m as it
 *       was. Above it lie gradients that turn back and forth, and those that are zero in most
 *       steps: when one comes, m has faded. The standard error of the share p over n independent
 *       coordinates is &radic;(p(1 &minus; p)/n), a lower bound.
 *   <li>{@code angle}: &eta;&middot;RMS(u)/RMS(&theta;), how far the weights turn in a step, in
 *       radians, and {@code angle_predicted}, where decay and noise balance:
 *       &radic;(2&eta;&lambda;r) for AdamW. Null without decay.
 *   <li>for equal betas {@code noise_dominated}, the share of coordinates with |m| &lt; &sigma;,
 *       &sigma;&sup2; = v&#770; &minus; m&#770;&sup2;; {@code mollification}, the mean over
 *       coordinates of |u| = 1/&radic;(1 + &sigma;&sup2;/m&sup2;); {@code ratio_histogram}, shares
 *       of coordinates by log2 |m/&sigma;| from &minus;8 to 4 in halves. Of tensors of more than
 *       20,000 coordinates the first and the last take every fifth one, which is known to 0.8 % or
 *       better.
 * </ul>
 *
 * <p>With {@code tensors} the same by parameter tensor. On steps with a probe, {@code probe} holds
 * slope, sharpness and best rate along the update and the curved noise scale, see {@code
 * Curvature}.
 *
 * <p>Predictions treat the coordinates of a group alike. Where the snr is spread over coordinates,
 * the few with a large gradient make the snr of the group, and the many others the update RMS,
 * which then lies below its prediction; so do coordinates whose gradient is exactly zero, such as
 * the embeddings of tokens that no batch held. Signum's weights start below their prediction
 * without warm-up, because theory has its momentum in the stationary state (&minus;9 % after 10
 * steps at beta1 = 0.95, &minus;4 % after 70).
 *
 * <p>What is undefined is null: see the table in {@code Predictions}. Beyond that, snr at the first
 * step, where m is a multiple of g, and where gradients shrink so fast that &#8214;m&#8214; exceeds
 * &#8214;g&#8214;; noise_scale without a positive snr; a prediction of the weights where checkpoint
 * or hook began later than the run, or where a step would flip every weight.
 *
 * <p>A group may hold parameters with different optimizers, rates and decays; each is predicted by
 * its own rule, and mean squares are averaged over coordinates. The only memory of this hook is the
 * initial weight RMS, which checkpoints keep: a resumed run measures and predicts the same.
 */
public final class GroupStatistics implements TrainingHook {

  private static final String INITIAL = "initial_weight_rms";
  private static final String SIGNAL = "independent_signal";
  private static final String NOISE = "independent_noise";

  private final MeasurePlan plan;
  private final Function<String, String> grouping;
  private final LearningRate learningRate;
  private final MicroBatches micro = new MicroBatches();
  private final Map<String, Double> initialRms = new LinkedHashMap<>();
  private final Map<String, WeightPrediction> weightPredictions = new LinkedHashMap<>();
  private final Map<String, Double> signal = new LinkedHashMap<>(); // by group, over measurements
  private final Map<String, Double> noise = new LinkedHashMap<>();
  private Kernels kernels;

  /**
   * Creates the hook of one run.
   *
   * @param plan what is measured when
   * @param grouping from a parameter's stable name to its group, such as {@code attention}; the
   *     name {@code all} is taken
   * @param learningRate the run's schedule
   */
  public GroupStatistics(
      MeasurePlan plan, Function<String, String> grouping, LearningRate learningRate) {
    this.plan = plan;
    this.grouping = grouping;
    this.learningRate = learningRate;
  }

  @Override
  public String name() {
    return "group_statistics";
  }

  @Override
  public boolean wants(long step) {
    return plan.measures(step) || plan.probes(step);
  }

  @Override
  public Cost cost(long step, int accumulation) {
    int copies = MeasureCost.copies(accumulation);
    return plan.probes(step)
        ? new Cost(
            MeasureCost.probeGradients(plan.probeBatches()),
            copies + MeasureCost.probeCopies(plan.probeBatches()))
        : new Cost(0, copies);
  }

  @Override
  public void begin(List<ParameterGroup> groups) {
    List<TensorReading> readings = TensorReading.read(kernels(groups), groups, 0, Optional.empty());
    for (Function<String, String> parts : parts()) {
      for (Cell cell : Cell.of(readings, List.of(), parts)) {
        initialRms.put(cell.key(), cell.sums().rms(cell.sums().weight()));
      }
    }
  }

  /** Groups, and tensors if they are asked for. */
  private List<Function<String, String>> parts() {
    return plan.tensors() ? List.of(grouping, name -> name) : List.of(grouping);
  }

  private Kernels kernels(List<ParameterGroup> groups) {
    if (kernels == null) {
      kernels = new Kernels(groups.get(0).state().steps().getManager());
    }
    return kernels;
  }

  @Override
  public Map<String, Object> state() {
    return Map.of(
        INITIAL, Map.copyOf(initialRms), SIGNAL, Map.copyOf(signal), NOISE, Map.copyOf(noise));
  }

  @Override
  public void restore(Map<String, Object> state) {
    restore(state.get(INITIAL), initialRms);
    restore(state.get(SIGNAL), signal);
    restore(state.get(NOISE), noise);
  }

  private static void restore(Object saved, Map<String, Double> into) {
    if (saved instanceof Map<?, ?> map) {
      map.forEach((key, value) -> into.put((String) key, ((Number) value).doubleValue()));
    }
  }

  @Override
  public void accumulated(long step, int done, int count, List<ParameterGroup> groups) {
    micro.add(kernels(groups), step, done, count, groups, plan.apart());
  }

  @Override
  public Map<String, Object> observe(StepView view) {
    Kernels device = kernels(view.groups());
    Optional<MicroBatches> gathered =
        micro.ready(view.step(), growing(view.step())) ? Optional.of(micro) : Optional.empty();
    double ratio = gathered.map(MicroBatches::ratio).orElse(1.0);
    List<TensorReading> readings = TensorReading.read(device, view.groups(), view.step(), gathered);
    micro.clear();
    Map<String, Object> fields = new LinkedHashMap<>();
    List<GradientGram> probe = List.of();
    if (plan.probes(view.step()) && view.probe().isPresent()) {
      ProbeReading reading = ProbeReading.take(device, view, plan.probeBatches(), readings);
      probe = reading.grams();
      fields.put(Metrics.PROBE, reading.curvature().fields(plan.batch()));
    }
    fields.put(Metrics.GROUPS, lines(Cell.of(readings, probe, grouping), view, ratio, true));
    if (plan.tensors()) {
      fields.put(
          Metrics.TENSORS, lines(Cell.of(readings, probe, name -> name), view, ratio, false));
    }
    return fields;
  }

  /** Whether the batch of a step is not whole yet. */
  private boolean growing(long step) {
    return plan.batches().applyAsInt(step) < plan.batch();
  }

  private Map<String, Object> lines(
      List<Cell> cells, StepView view, double microRatio, boolean withAll) {
    Map<String, List<Cell>> groups = new LinkedHashMap<>();
    if (withAll) {
      groups.put(Metrics.ALL, cells);
    }
    for (Cell cell : cells) {
      groups.computeIfAbsent(cell.statistic(), group -> new ArrayList<>()).add(cell);
    }
    Map<String, Object> lines = new LinkedHashMap<>();
    groups.forEach(
        (group, members) -> {
          GroupLine line =
              new GroupLine(
                  members,
                  view.step(),
                  view.learningRate(),
                  plan.batches().applyAsInt(view.step()),
                  plan.batch(),
                  microRatio,
                  plan.probeEvery() > 0);
          Map<String, Object> fields = line.fields();
          fields.put(Metrics.WEIGHT_RMS_PREDICTED, GroupLine.orNull(weightRms(line, null)));
          String key = withAll ? group : "tensor " + group;
          pool(key, line.independent());
          if (signal.containsKey(key)) {
            double snr = signal.get(key) / noise.get(key);
            fields.put(Metrics.WEIGHT_RMS_SIGNAL, GroupLine.orNull(weightRms(line, snr)));
          }
          lines.put(group, fields);
        });
    return lines;
  }

  /**
   * Signal and noise of all measurements, each in units of its gradient: one snr for the weights.
   */
  private void pool(String key, SnrEstimate snr) {
    if (snr.known()) {
      double whole = snr.split().signal() + snr.split().noise();
      signal.merge(key, snr.split().signal() / whole, Double::sum);
      noise.merge(key, snr.split().noise() / whole, Double::sum);
    }
  }

  private double weightRms(GroupLine line, Double snr) {
    return line.rmsOver(
        cell -> {
          WeightPrediction prediction =
              weightPredictions.computeIfAbsent(
                  cell.key(),
                  key ->
                      new WeightPrediction(
                          cell.parameters(),
                          initialRms.getOrDefault(key, Double.NaN),
                          learningRate));
          return (snr == null
                  ? prediction.meanSquare(line.step())
                  : prediction.meanSquareWithSignal(line.step(), snr))
              .orElse(Double.NaN);
        });
  }
}
