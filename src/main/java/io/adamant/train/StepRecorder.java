package io.adamant.train;

import io.adamant.config.DivergencePolicy;
import io.adamant.config.NonFinitePolicy;
import io.adamant.config.TrainConfig;
import io.adamant.optim.GradientClipping;
import io.adamant.results.RunDirectory;
import io.adamant.results.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Turns the device's ring buffer into lines of metrics, keeps count of skipped steps and of time,
 * and decides when a run has diverged.
 */
final class StepRecorder {

  private static final int TRAIN_LOSS_WINDOW = 10;

  /** A step whose outcome still lies on the device. */
  private record Pending(long step, double learningRate) {}

  private final TrainConfig config;
  private final int context;
  private final GradientClipping clipping;
  private final RunDirectory directory;
  private final ProgressListener listener;
  private final DivergenceDoctor doctor;
  private final List<String> tensors; // names in the order of the gradients
  private final List<Pending> pending = new ArrayList<>();
  private final List<StepMetrics> lines = new ArrayList<>(); // read, not yet written
  private final List<Double> recentLosses = new ArrayList<>();
  private final List<Double> throughputs = new ArrayList<>();
  private long lastStep;
  private long skipped;
  private OptionalLong firstBadStep = OptionalLong.empty();
  private long skippedInARow;
  private boolean diverged;
  private long metricsLength;
  private double secondsBefore;
  private long sessionStart;
  private long clockStart;
  private double clock; // seconds of training since the last read

  StepRecorder(
      TrainConfig config,
      int context,
      GradientClipping clipping,
      RunDirectory directory,
      ProgressListener listener,
      DivergenceDoctor doctor,
      List<String> tensors) {
    this.config = config;
    this.context = context;
    this.clipping = clipping;
    this.directory = directory;
    this.listener = listener;
    this.doctor = doctor;
    this.tensors = tensors;
  }

  /** Restores the state saved in a checkpoint. */
  void restore(long step, TrainState.Recorded state) {
    lastStep = step;
    skipped = state.skippedSteps();
    skippedInARow = state.skippedInARow();
    clipping.restoreSkipped(skippedInARow);
    firstBadStep =
        state.firstBadStep() == null ? OptionalLong.empty() : OptionalLong.of(state.firstBadStep());
    recentLosses.addAll(state.recentLosses());
    secondsBefore = state.seconds();
    metricsLength = state.metricsLength();
  }

  /** What the next process needs to resume, once everything is flushed. */
  TrainState.Recorded state() {
    return new TrainState.Recorded(
        metricsLength,
        seconds(),
        skipped,
        skippedInARow,
        firstBadStep.isPresent() ? (Long) firstBadStep.getAsLong() : null,
        recentLosses);
  }

  void start(long done) {
    long kept = directory.openMetrics(metricsLength);
    if (kept < metricsLength) {
      listener.message(
          "metrics.jsonl is truncated: it has %s bytes, the checkpoint recorded %s; lines are missing"
              .formatted(kept, metricsLength));
      metricsLength = kept;
    }
    sessionStart = System.nanoTime();
    clock = 0;
    resume();
    listener.started(done, config.steps());
  }

  /** Steps in a row that the guard may skip before the run has diverged. */
  static long maxSkipped(TrainConfig config) {
    return config.onNonfinite() == NonFinitePolicy.STOP ? 0 : config.maxSkipped();
  }

  /** A step was queued on the device; {@code step} is 1 for the first. */
  void add(long step, double learningRate) {
    pending.add(new Pending(step, learningRate));
  }

  /** Whether the ring buffer must be read before the next step. */
  boolean full() {
    return pending.size() == clipping.capacity();
  }

  /** Tokens of the first steps. */
  private long tokens(long steps) {
    return config.sequences(steps) * context;
  }

  /** Steps whose outcomes have been read. */
  long lastStep() {
    return lastStep;
  }

  /** Stops the clock of throughput: evaluation, checkpoints and reports are no training. */
  void pause() {
    clock += (System.nanoTime() - clockStart) / 1e9;
  }

  void resume() {
    clockStart = System.nanoTime();
  }

  /**
   * Waits for the device and reads the outcomes of all queued steps.
   *
   * @return the last step's line
   */
  StepMetrics read() {
    if (pending.isEmpty()) {
      return lines.get(lines.size() - 1);
    }
    long first = pending.get(0).step() - 1;
    GradientClipping.StepOutcome[] outcomes = clipping.read(first, first + pending.size());
    pause();
    double throughput = (tokens(first + pending.size()) - tokens(first)) / clock;
    throughputs.add(throughput);
    clock = 0;
    resume();
    for (int i = 0; i < outcomes.length && !diverged; i++) {
      record(pending.get(i), outcomes[i], throughput);
    }
    pending.clear(); // steps after a divergence changed nothing: the device's guard had shut
    return lines.get(lines.size() - 1);
  }

  private void record(Pending step, GradientClipping.StepOutcome outcome, double throughput) {
    if (outcome.taken()) {
      skippedInARow = 0;
      examine(step.step(), outcome.loss());
      recentLosses.add(outcome.loss());
      if (recentLosses.size() > TRAIN_LOSS_WINDOW) {
        recentLosses.remove(0);
      }
    } else {
      skipped++;
      skippedInARow++;
      doctor.skipped(step.step(), outcome.firstBad() < 0 ? "" : tensors.get(outcome.firstBad()));
      if (firstBadStep.isEmpty()) {
        firstBadStep = OptionalLong.of(step.step());
        listener.message(
            "step "
                + step.step()
                + ": the loss or the gradient is not finite; the step is skipped");
      }
      diverged = skippedInARow > maxSkipped(config);
    }
    lastStep = step.step();
    lines.add(
        new StepMetrics(
            step.step(),
            tokens(step.step()),
            step.learningRate(),
            outcome.loss(),
            outcome.gradientNorm(),
            throughput,
            !outcome.taken(),
            clipping.fields(outcome)));
  }

  private void examine(long step, double loss) {
    int before = doctor.findings().size();
    doctor.taken(step, loss);
    doctor.findings().stream()
        .skip(before)
        .forEach(f -> listener.message("step " + f.step() + ": " + f.kind() + ": " + f.detail()));
    diverged |= config.onDivergence() == DivergencePolicy.STOP && doctor.worse();
  }

  /** Adds fields to the last line that was read. */
  void amend(Map<String, Object> fields) {
    int last = lines.size() - 1;
    lines.set(last, lines.get(last).with(fields));
  }

  /** Writes all lines that no hook or evaluation can add to any more. */
  void writeFinishedLines() {
    if (!lines.isEmpty()) {
      StepMetrics last = lines.get(lines.size() - 1);
      metricsLength = directory.append(lines);
      lines.clear();
      listener.progressed(last.step(), last);
    }
  }

  /** Reads and writes everything there is. */
  void flush() {
    if (!pending.isEmpty()) {
      read();
    }
    writeFinishedLines();
    directory.forceMetrics();
  }

  boolean diverged() {
    return diverged;
  }

  long skipped() {
    return skipped;
  }

  OptionalLong firstBadStep() {
    return firstBadStep;
  }

  double seconds() {
    return secondsBefore + sessionSeconds();
  }

  /** Seconds since this process began. */
  double sessionSeconds() {
    return (System.nanoTime() - sessionStart) / 1e9;
  }

  /** Mean loss of the last steps taken, NaN before the first. */
  double trainLoss() {
    return recentLosses.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  /** Median throughput, NaN before the first read. */
  double tokensPerSecond() {
    List<Double> sorted = throughputs.stream().sorted().toList();
    return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
  }
}
