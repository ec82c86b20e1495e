package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adamant.config.TrainConfig;
import io.adamant.results.Metrics;
import io.adamant.results.StepMetrics;
import io.adamant.tensor.Autograd;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The loop around {@link TrainingStep}: hooks, metrics, evaluations and checkpoints on the steps
 * where they are due.
 *
 * <p>The outcomes of steps wait in a ring buffer on the device until {@link StepRecorder} reads it
 * on logged steps.
 */
final class TrainingLoop implements TrainingStep.Observer {

  /** What the loop asks of the run that it belongs to. */
  interface Events {
    /** A checkpoint is due after this step. */
    void checkpoint(long step);

    /** The validation set was evaluated after this step; NaN where nothing else is read out. */
    void evaluated(long step, double loss, double readoutLoss);
  }

  /** Why the loop ended. */
  enum End {
    DONE,
    STOPPED,
    AT_RUNG,
    DIVERGED
  }

  private final Session session;
  private final TrainConfig config;
  private final StepRecorder recorder;
  private final List<TrainingHook> hooks;
  private final Evaluation evaluation;
  private final Events events;
  private final Rungs rungs;
  private final RankOrders orders;
  private final TrainingStep trainingStep;
  private long evaluatedStep = -1;
  private double evaluatedLoss;
  private String reason = "";

  TrainingLoop(
      Session session,
      TrainConfig config,
      StepRecorder recorder,
      List<TrainingHook> hooks,
      Evaluation evaluation,
      Events events,
      Rungs rungs,
      RankOrders orders) {
    this.session = session;
    this.config = config;
    this.recorder = recorder;
    this.hooks = hooks;
    this.evaluation = evaluation;
    this.events = events;
    this.rungs = rungs;
    this.orders = orders;
    trainingStep = new TrainingStep(session, config, hooks, this);
  }

  /** Trains from a number of steps already done to the end, to a rung, or until asked to stop. */
  End run(long done, BooleanSupplier stop) {
    if (done == 0) {
      try (Autograd.Mode off = Autograd.noGrad()) {
        hooks.forEach(hook -> hook.begin(session.groups()));
      }
    }
    recorder.start(done);
    if (done > 0 && stopsAtRung(done)) {
      return End.AT_RUNG;
    }
    try (BatchPrefetcher batches = session.batchesFrom(done)) {
      for (long step = done; step < config.steps(); step++) {
        boolean shown = trainingStep.isShown(step + 1);
        orders.step(step, shown);
        trainingStep.take(step, batches, shown);
        housekeeping(step + 1);
        if (recorder.diverged()) {
          return End.DIVERGED;
        }
        if (stopsAtRung(step + 1)) {
          return recorder.diverged() ? End.DIVERGED : End.AT_RUNG;
        }
        if (stop.getAsBoolean() && step + 1 < config.steps()) {
          recorder.flush();
          return recorder.diverged() ? End.DIVERGED : End.STOPPED;
        }
      }
    }
    recorder.flush();
    return recorder.diverged() ? End.DIVERGED : End.DONE;
  }

  /** Why the run stopped at a rung. */
  String reason() {
    return reason;
  }

  /** The loss at the step that was evaluated last. */
  double evaluatedLoss() {
    return evaluatedLoss;
  }

  /**
   * Whether the run ends after a step because its study says so. The checkpoint comes first: what
   * the study hears of can be continued.
   */
  private boolean stopsAtRung(long step) {
    if (step >= config.steps() || !rungs.at(step)) {
      return false;
    }
    recorder.flush();
    if (recorder.diverged()) {
      return true;
    }
    recorder.pause();
    events.checkpoint(step);
    if (evaluatedStep != step) {
      evaluatedLoss = evaluation.loss(config.evalTokens());
      evaluatedStep = step;
    }
    Optional<String> why = rungs.reached(step, evaluatedLoss);
    reason = why.orElse("");
    recorder.resume();
    return why.isPresent();
  }

  @Override
  public void updated(long step, double learningRate) {
    recorder.add(step, learningRate);
    TrainingHook.follow(hooks, step, session.groups());
    observe(step, learningRate);
  }

  /** Hooks see the state of measured steps; a step that the guard left out is not measured. */
  private void observe(long step, double lr) {
    List<TrainingHook> wanting = hooks.stream().filter(hook -> hook.wants(step)).toList();
    if (wanting.isEmpty()) {
      return;
    }
    StepMetrics line = recorder.read();
    if (!line.skipped()) {
      StepView view =
          new StepView(
              step,
              line.tokens(),
              lr,
              line.gradientNorm(),
              session.groups(),
              session.frozen(),
              session.fused(),
              session.probe());
      Map<String, Object> fields = new LinkedHashMap<>();
      for (TrainingHook hook : wanting) {
        if (hook.isEvaluation()) {
          recorder.pause();
          fields.putAll(hook.observe(view));
          recorder.resume();
        } else {
          fields.putAll(hook.observe(view));
        }
      }
      recorder.amend(fields);
    }
  }

  private void housekeeping(long step) {
    boolean last = step == config.steps();
    boolean evaluate = last || due(step, config.evalEvery());
    boolean checkpoint = !last && due(step, config.checkpointEvery());
    if (evaluate || checkpoint || recorder.full() || due(step, Math.max(1, config.logEvery()))) {
      recorder.read();
    }
    if ((evaluate || checkpoint) && !recorder.diverged()) {
      recorder.pause();
      orders.requireSameWeights(session, step);
      recorder.resume();
    }
    if (evaluate && !recorder.diverged()) {
      recorder.pause();
      long most = last ? 0 : config.evalTokens();
      double loss = evaluation.loss(most);
      evaluatedStep = step;
      evaluatedLoss = loss;
      double readoutLoss = readoutLoss(most);
      recorder.amend(evaluationFields(loss, readoutLoss));
      events.evaluated(step, loss, readoutLoss);
      recorder.resume();
    }
    recorder.pause();
    recorder.writeFinishedLines();
    recorder.resume();
    if (checkpoint && !recorder.diverged()) {
      recorder.pause();
      recorder.flush();
      events.checkpoint(step);
      recorder.resume();
    }
  }

  private double readoutLoss(long maxTokens) {
    try (NDManager scope = session.manager().newSubManager()) {
      Map<String, NDArray> weights = session.readoutWeights(scope);
      return weights.isEmpty() ? Double.NaN : evaluation.loss(maxTokens, weights);
    }
  }

  private Map<String, Object> evaluationFields(double loss, double readoutLoss) {
    Map<String, Object> fields = new LinkedHashMap<>(); // Map.of takes no null
    fields.put(Metrics.VAL_LOSS, StepMetrics.finite(loss));
    double bits = session.statistics().bitsPerByte(loss);
    if (Double.isFinite(bits)) {
      fields.put(Metrics.VAL_BITS_PER_BYTE, bits);
    }
    if (Double.isFinite(readoutLoss)) {
      fields.put(Metrics.READOUT_VAL_LOSS, readoutLoss);
    }
    return fields;
  }

  private static boolean due(long step, long every) {
    return every > 0 && step % every == 0;
  }
}
