package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.adamant.base.Host;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.huggingface.HuggingFaceModel;
import io.adamant.model.KernelPath;
import io.adamant.parallel.Ranks;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.results.RunSummary.Performance;
import io.adamant.tensor.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** One process's part of a run: from the last checkpoint to the end, or until asked to stop. */
final class RunAttempt implements TrainingLoop.Events {

  /** Runs longer than this, in seconds, can afford the two-second measurement. */
  private static final double WORTH_MEASURING = 60;

  private final RunConfig config;
  private final String runId;
  private final Session session;
  private final RunDirectory directory;
  private final KernelPath path;
  private final List<TrainingHook> hooks;
  private final ProgressListener listener;
  private final CheckpointStore checkpoints;
  private final DivergenceDoctor doctor;
  private final StepRecorder recorder;
  private final RankOrders orders;
  private final Evaluation evaluation;
  private final List<TrainState.Part> parts = new ArrayList<>();
  private TrainState.Validation validation = TrainState.Validation.NONE;

  RunAttempt(
      RunConfig config,
      String runId,
      Session session,
      RunDirectory directory,
      KernelPath path,
      List<TrainingHook> hooks,
      ProgressListener listener,
      RankOrders orders) {
    this.config = config;
    this.orders = orders;
    this.runId = runId;
    this.session = session;
    this.directory = directory;
    this.path = path;
    this.hooks = hooks;
    this.listener = listener;
    checkpoints = new CheckpointStore(directory.checkpoints());
    int context = config.model().context();
    doctor = new DivergenceDoctor(UnboundedUpdates.of(session.groups()));
    recorder =
        new StepRecorder(
            config.training(),
            context,
            session.clipping(),
            directory,
            listener,
            doctor,
            session.tensorNames());
    evaluation =
        new Evaluation(
            session.model(),
            session.manager(),
            session.validation(),
            context,
            config.training().microBatch(),
            session.sum(),
            orders);
  }

  RunSummary run(BooleanSupplier stop, Rungs rungs) {
    long done = restore();
    orders.share(session);
    int ranks = session.sum().ranks().size();
    begin(
        new TrainState.Part(
            done, config.training().threads(), Host.name(), ranks == 1 ? null : (Integer) ranks));
    if (validation.initial() == null) {
      validation = validation.withInitial(evaluation.loss(config.training().evalTokens()));
    }
    directory.openSinks(config.measure(), done);
    double before = session.sum().ranks().exchangeSeconds();
    TrainingLoop loop =
        new TrainingLoop(
            session, config.training(), recorder, hooks, evaluation, this, rungs, orders);
    RunSummary summary =
        switch (loop.run(done, stop)) {
          case STOPPED -> interrupted(recorder.lastStep());
          case AT_RUNG ->
              summary(RunStatus.STOPPED, loop.reason(), recorder.lastStep(), loop.evaluatedLoss());
          case DIVERGED -> summary(RunStatus.DIVERGED, divergence(), recorder.lastStep());
          case DONE -> finished();
        };
    directory.write(summary);
    listener.ended(summary);
    tellExchange(before);
    return summary;
  }

  /** Says what the ranks' sums took, of the steps of this process. */
  private void tellExchange(double before) {
    Ranks ranks = session.sum().ranks();
    double seconds = ranks.exchangeSeconds() - before;
    if (seconds > 0) {
      listener.message(
          "%s ranks: %s s of %s s in exchanges, waiting for each other included"
              .formatted(
                  ranks.size(),
                  Math.round(10 * seconds) / 10.0,
                  Math.round(10 * recorder.sessionSeconds()) / 10.0));
    }
  }

  /** Notes who goes on; bits depend on the number of threads, so another one is worth a word. */
  private void begin(TrainState.Part part) {
    if (!parts.isEmpty()) {
      TrainState.Part before = parts.get(parts.size() - 1);
      if (before.threads() != part.threads()) {
        listener.message(
            "threads: %s here, %s before; the weights' last bits will not be those of a run in one go"
                .formatted(part.threads(), before.threads()));
      }
      if (before.isLike(part)) {
        return;
      }
    }
    parts.add(part);
    if (parts.size() > 1) {
      Manifest manifest = RunDirectory.manifest(directory.root());
      directory.write(manifest.with(Manifest.Key.PARTS, List.copyOf(parts)));
    }
  }

  private RunSummary interrupted(long step) {
    checkpoint(step);
    return summary(RunStatus.INTERRUPTED, "stopped after step " + step, step);
  }

  private RunSummary finished() {
    long steps = config.training().steps();
    checkpoint(steps);
    boolean finite = validation.at(steps) != null;
    return summary(
        finite ? RunStatus.FINISHED : RunStatus.DIVERGED,
        finite ? "" : "the final validation loss is not finite",
        steps);
  }

  /** Records the error in summary.json; checkpoints stay, so the next process resumes. */
  void failed(RuntimeException error) {
    try {
      directory.write(summary(RunStatus.FAILED, String.valueOf(error), recorder.lastStep()));
    } catch (RuntimeException e) {
      error.addSuppressed(e); // on a full disk, say: the first error tells more
    }
  }

  private String divergence() {
    if (recorder.firstBadStep().isEmpty()) {
      RunSummary.Finding found = doctor.findings().get(0);
      return found.kind() + " at step " + found.step() + ": " + found.detail();
    }
    return "loss or gradient not finite, first at step "
        + recorder.firstBadStep().getAsLong()
        + "; steps skipped: "
        + recorder.skipped();
  }

  /** Loads the newest checkpoint or the weights to start from; returns the steps done. */
  private long restore() {
    Optional<Checkpoint> newest = checkpoints.newest(listener::message);
    if (newest.isPresent()) {
      return restore(newest.get());
    }
    if (!config.training().branchFrom().isEmpty()) {
      return branch(Path.of(config.training().branchFrom()));
    }
    if (!config.training().initFrom().isEmpty()) {
      Path from = Path.of(config.training().initFrom());
      try {
        Optional<HuggingFaceModel> imported = Training.imported(from.toString());
        if (imported.isPresent()) {
          imported.get().restore(session.weights());
        } else {
          Checkpoint.open(from).restoreWeights(session.weights());
        }
        session.groups().forEach(group -> group.optimizer().startFromWeights(group.state()));
      } catch (IOException e) {
        throw new InputException(
            "training.init_from: "
                + from
                + " is not a readable folder of a model: "
                + e.getMessage(),
            e);
      }
    }
    session.readout().ifPresent(EvaluationWeights::begin);
    return 0;
  }

  /**
   * Goes on from another run's checkpoint as that run would, but that steps, time and evaluations
   * up to there are not this one's.
   */
  private long branch(Path from) {
    try {
      Checkpoint point = Checkpoint.open(from);
      TrainState state = point.state();
      requireKernels(state, from);
      Checkpoint.branchPoint(config.training());
      restoreArrays(point);
      TrainState.Recorded there = state.record();
      TrainState.Recorded record =
          new TrainState.Recorded(0, 0, 0, there.skippedInARow(), null, there.recentLosses());
      restoreRecords(state, record);
      validation = state.validation().branched();
      listener.message(
          "branching off after step %s of run %s".formatted(state.step(), state.runId()));
      return state.step();
    } catch (IOException e) {
      throw Checkpoint.notReadable(from, e);
    }
  }

  private void requireKernels(TrainState state, Path where) {
    if (!state.kernelPath().equals(path.label())) {
      throw new InputException(
          where
              + " was trained with the kernels "
              + state.kernelPath()
              + ", this machine would use "
              + path.label()
              + "; resume where they are available, or start again with another --results");
    }
  }

  private void restoreArrays(Checkpoint checkpoint) throws IOException {
    checkpoint.restoreWeights(session.weights());
    checkpoint.restoreOptimizer(session.optimizerState());
    restoreReadout(checkpoint);
  }

  private void restoreRecords(TrainState state, TrainState.Recorded record) {
    recorder.restore(state.step(), record);
    doctor.restore(state.hooks().getOrDefault(DivergenceDoctor.NAME, Map.of()));
    hooks.forEach(h -> h.restore(state.hooks().getOrDefault(h.name(), Map.of())));
  }

  private long restore(Checkpoint checkpoint) {
    TrainState state = checkpoint.state();
    if (!state.runId().equals(runId)) {
      throw new InputException(
          directory.root()
              + " holds a checkpoint of another run ("
              + state.runId()
              + ", this one is "
              + runId
              + "); use another --results");
    }
    requireKernels(state, directory.root());
    try {
      restoreArrays(checkpoint);
    } catch (IOException e) {
      throw new InputException(checkpoint.folder() + " cannot be read: " + e.getMessage(), e);
    }
    restoreRecords(state, state.record());
    validation = state.validation();
    parts.addAll(state.parts());
    listener.message("resuming after step " + state.step());
    return state.step();
  }

  private void restoreReadout(Checkpoint checkpoint) throws IOException {
    if (session.readout().isPresent()) {
      EvaluationWeights readout = session.readout().get();
      if (!readout.restore(checkpoint)) {
        listener.message(
            "readout %s, %s: the checkpoint has none; it begins behind step %s"
                .formatted(readout.kind().word(), readout.rule(), checkpoint.state().step()));
      }
    }
  }

  @Override
  public void checkpoint(long step) {
    validation = validation.withCheckpoint(step);
    TrainState.Averaged averaged =
        session
            .readout()
            .map(w -> new TrainState.Averaged(w.kind().word(), w.rule(), w.averaged()))
            .orElse(null);
    try (NDManager scope = session.manager().newSubManager()) {
      checkpoints.save(
          new TrainState(
              step,
              runId,
              path.label(),
              recorder.state(),
              validation,
              hookStates(),
              parts,
              averaged),
          session.weights(),
          session.optimizerState(),
          session.readoutWeights(scope));
    }
    checkpoints.prune(config.training().keepCheckpoints(), validation.bestCheckpoint());
  }

  private Map<String, Map<String, Object>> hookStates() {
    Map<String, Map<String, Object>> states =
        hooks.stream()
            .filter(hook -> !hook.state().isEmpty())
            .collect(Collectors.toMap(TrainingHook::name, TrainingHook::state));
    states.put(DivergenceDoctor.NAME, doctor.state());
    return states;
  }

  @Override
  public void evaluated(long step, double loss, double readoutLoss) {
    validation = validation.after(step, loss, readoutLoss);
    listener.evaluated(step, loss);
  }

  /** What the run made of the machine; measured after the last step. */
  private Performance performance() {
    Device device = session.manager().getDevice();
    PeakOfDevice peak = PeakOfDevice.of(device, path, config.training().threads());
    // The measurement takes some tenths of a second on a GPU, on a CPU a second or two.
    if (peak.known().isEmpty() && (device.isGpu() || recorder.seconds() > WORTH_MEASURING)) {
      peak.measure();
    }
    double flops = recorder.tokensPerSecond() * session.size().flopsPerToken();
    return new Performance(
        config.training().microBatch(),
        flops / 1e12,
        peak.known().orElse(Double.NaN) / 1e12,
        ProcessMemory.peak(device),
        device.isGpu() ? "device" : "process");
  }

  private RunSummary summary(RunStatus status, String reason, long steps) {
    return summary(status, reason, steps, orNan(validation.at(steps)));
  }

  private RunSummary summary(RunStatus status, String reason, long steps, double loss) {
    return new RunSummary(
        status,
        reason,
        steps,
        config.tokens(steps),
        loss,
        orNan(validation.best()),
        orNan(validation.initial()),
        session.statistics().bitsPerByte(loss),
        orNan(validation.readoutAt(steps)),
        recorder.trainLoss(),
        recorder.tokensPerSecond(),
        recorder.seconds(),
        recorder.skipped(),
        recorder.firstBadStep(),
        doctor.findings(),
        SafeTensors.sha256(session.weights()),
        Optional.of(performance()));
  }

  private static double orNan(Double loss) {
    return loss == null ? Double.NaN : loss;
  }
}
