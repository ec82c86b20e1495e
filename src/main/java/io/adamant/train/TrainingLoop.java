package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.TrainConfig;
import io.adamant.optim.ParameterGroup;
import io.adamant.results.Metrics;
import io.adamant.results.StepMetrics;
import io.adamant.tensor.Autograd;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The loop: batch, loss, gradient, clip, optimizer, and on some steps a look at the result.
 *
 * <p>Nothing in {@link #step} reads from the device. Losses, norms and the guard's verdicts wait in
 * a ring buffer there until {@link StepRecorder} reads it on logged steps.
 */
final class TrainingLoop {

  /** What the loop asks of the run that it belongs to. */
  interface Events {
    /** A checkpoint is due after this step. */
    void checkpoint(long step);

    /** The validation set was evaluated after this step. */
    void evaluated(long step, double loss);
  }

  /** Why the loop ended. */
  enum End {
    DONE,
    STOPPED,
    DIVERGED
  }

  private final Session session;
  private final TrainConfig config;
  private final StepRecorder recorder;
  private final List<TrainingHook> hooks;
  private final Evaluation evaluation;
  private final Events events;

  TrainingLoop(
      Session session,
      TrainConfig config,
      StepRecorder recorder,
      List<TrainingHook> hooks,
      Evaluation evaluation,
      Events events) {
    this.session = session;
    this.config = config;
    this.recorder = recorder;
    this.hooks = hooks;
    this.evaluation = evaluation;
    this.events = events;
  }

  /** Trains from a number of steps already done to the end, or until told to stop. */
  End run(long done, BooleanSupplier stop) {
    if (done == 0) {
      try (Autograd.Mode off = Autograd.noGrad()) {
        hooks.forEach(hook -> hook.begin(session.groups()));
      }
    }
    recorder.start(done);
    try (BatchPrefetcher batches = session.batchesFrom(done)) {
      for (long step = done; step < config.steps(); step++) {
        step(step, batches);
        if (recorder.diverged()) {
          return End.DIVERGED;
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

  /** One optimizer step; {@code step} is 0 for the first. */
  private void step(long step, BatchPrefetcher batches) {
    double lr = session.learningRate().at(step);
    try (NDManager scope = session.manager().newSubManager()) {
      NDList losses = accumulateGradients(scope, session, config, hooks, step, batches); // () each
      try (Autograd.Mode off = Autograd.noGrad()) {
        update(scope, session, losses, step, lr);
        recorder.add(step + 1, lr);
        observe(step + 1, lr);
        session.clipping().zero(scope, session.gradients());
      }
    }
    housekeeping(step + 1);
  }

  /** Clips the gradients and steps every group of parameters, unless the guard forbids it. */
  private static void update(
      NDManager scope, Session session, NDList losses, long step, double lr) {
    NDArray gate = session.clipping().clipAndGuard(scope, losses, session.gradients(), step);
    for (ParameterGroup group : session.groups()) {
      group
          .optimizer()
          .step(group.state(), group.gradients(), gate, lr * group.lrScale(), group.weightDecay());
    }
    session.clipping().recordMomentumClipping(session.groups(), gate, step);
  }

  /** A step that nobody records or watches, to find out what one costs. */
  static void rehearse(Session session, TrainConfig config, long step, BatchPrefetcher batches) {
    try (NDManager scope = session.manager().newSubManager()) {
      NDList losses = accumulateGradients(scope, session, config, List.of(), step, batches);
      try (Autograd.Mode off = Autograd.noGrad()) {
        update(scope, session, losses, step, session.learningRate().at(step));
        session.clipping().zero(scope, session.gradients());
      }
    }
  }

  /**
   * Mean gradient of the batch, one micro-batch after the other, into the parameters' gradients.
   */
  private static NDList accumulateGradients(
      NDManager scope,
      Session session,
      TrainConfig config,
      List<TrainingHook> hooks,
      long step,
      BatchPrefetcher batches) {
    int count = config.accumulation();
    NDList losses = new NDList();
    for (int micro = 0; micro < count; micro++) {
      NDManager activations = scope.newSubManager();
      try (BatchPrefetcher.Batch batch = batches.next(activations, step, micro); // (b, T)
          activations) { // closed before the batch, whose arrays it owns
        NDArray loss =
            session
                .model()
                .forwardBackward(
                    activations,
                    batch.tokens(),
                    batch.targets(),
                    1.0 / count,
                    config.checkpointActivations(),
                    part -> {});
        loss.attach(scope);
        losses.add(loss);
        watchMicroBatch(session, hooks, step + 1, micro + 1, count);
      }
    }
    return losses;
  }

  static void watchMicroBatch(
      Session session, List<TrainingHook> hooks, long step, int done, int count) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      for (TrainingHook hook : hooks) {
        if (hook.wants(step)) {
          hook.accumulated(step, done, count, session.groups());
        }
      }
    }
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
              step, line.tokens(), lr, line.gradientNorm(), session.groups(), session.probe());
      Map<String, Object> fields = new LinkedHashMap<>();
      wanting.forEach(hook -> fields.putAll(hook.observe(view)));
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
    if (evaluate && !recorder.diverged()) {
      recorder.pause();
      double loss = evaluation.loss(last ? 0 : config.evalTokens());
      recorder.amend(evaluationFields(loss));
      events.evaluated(step, loss);
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

  private static Map<String, Object> evaluationFields(double loss) {
    Map<String, Object> fields = new LinkedHashMap<>(); // Map.of takes no null
    fields.put(Metrics.VAL_LOSS, StepMetrics.finite(loss));
    return fields;
  }

  private static boolean due(long step, long every) {
    return every > 0 && step % every == 0;
  }
}
