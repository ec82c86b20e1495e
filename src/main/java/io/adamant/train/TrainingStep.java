package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.Reduction;
import io.adamant.config.TrainConfig;
import io.adamant.model.Gpt;
import io.adamant.optim.GradientClipping;
import io.adamant.optim.ParameterGroup;
import io.adamant.tensor.Autograd;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The training step: forward and backward passes of each micro-batch, clipping and guard,
 * optimizer. Training, {@code bench}, plans and the trial of micro-batches all take this one.
 *
 * <p>Nothing here reads from the device. The loss, the gradient norm and the guard's verdict of
 * every step wait in a ring buffer there, see {@link GradientClipping}.
 */
public final class TrainingStep {

  /** Phases of a step, in their order; a step comes back to some of them. */
  public enum Phase {
    /** Waiting for a micro-batch and copying it to the device. */
    DATA,
    /** Embedding and layers. */
    FORWARD,
    /** Output head and loss with their gradients, which are computed together. */
    HEAD,
    /** Gradients of layers and embedding. */
    BACKWARD,
    /** Norm, guard and clipping, also that of the momentum, and setting gradients to zero. */
    CLIP,
    /** The optimizer, and averaging the weights where the run reads out an average. */
    OPTIMIZER,
    /** Hooks, on the steps that they want. */
    HOOKS
  }

  /** Hears how far a step is. */
  interface Observer {

    /** Hears nothing. */
    Observer NONE = new Observer() {};

    /** Work of a phase has been queued on the device. */
    default void finished(Phase phase) {}

    /**
     * The parameters are updated and the gradients not yet zero; called without gradient recording.
     *
     * @param step 1 after the first update
     * @param learningRate of the schedule at this step
     */
    default void updated(long step, double learningRate) {}
  }

  private final Session session;
  private final TrainConfig config;
  private final List<TrainingHook> hooks;
  private final Observer observer;
  private final Consumer<Gpt.Part> pass;

  TrainingStep(Session session, TrainConfig config, List<TrainingHook> hooks, Observer observer) {
    this.session = session;
    this.config = config;
    this.hooks = hooks;
    this.observer = observer;
    pass = part -> observer.finished(Phase.valueOf(part.name()));
  }

  /** Takes one optimizer step; {@code step} is 0 for the first. */
  void take(long step, BatchPrefetcher batches) {
    take(step, batches, isShown(step + 1));
  }

  /** Whether a hook looks at a step, 1 being the first. */
  boolean isShown(long step) {
    return hooks.stream().anyMatch(hook -> hook.wants(step));
  }

  /**
   * The same on one of several ranks.
   *
   * @param shown whether rank 0 has hooks that want to see the gradients of the batch's parts
   */
  void take(long step, BatchPrefetcher batches, boolean shown) {
    double learningRate = session.learningRate().at(step);
    GradientClipping clipping = session.clipping();
    NDList gradients = session.gradients();
    int count = config.accumulation(step);
    try (NDManager scope = session.manager().newSubManager()) {
      NDList tokens = new NDList(); // (b, T) each, those of the batch where they are wanted again
      NDList targets = new NDList();
      NDList own = new NDList(); // () each
      accumulateGradients(scope, step, batches, own, tokens, targets, shown);
      try (Autograd.Mode off = Autograd.noGrad()) {
        NDList losses = session.sum().all(scope, own, count);
        session.inputs().ifPresent(inputs -> inputs.give(scope, step, losses, tokens, targets));
        observer.finished(Phase.BACKWARD);
        NDArray gate =
            clipping.clipAndGuard(scope, losses, gradients, step); // (): 0 skips the step
        observer.finished(Phase.CLIP);
        ParameterGroup.step(session.groups(), gate, learningRate);
        session.readout().ifPresent(weights -> weights.update(scope, step + 1, gate));
        observer.finished(Phase.OPTIMIZER);
        clipping.recordMomentumClipping(session.groups(), gate, step);
        observer.finished(Phase.CLIP);
        observer.updated(step + 1, learningRate);
        observer.finished(Phase.HOOKS);
        clipping.zero(scope, gradients);
        observer.finished(Phase.CLIP);
      }
    }
  }

  /**
   * Adds the mean gradient of the batch to the gradients, one micro-batch after the other, and
   * keeps tokens and targets where a second gradient is due.
   */
  private void accumulateGradients(
      NDManager scope,
      long step,
      BatchPrefetcher batches,
      NDList losses,
      NDList tokens,
      NDList targets,
      boolean shown) {
    boolean keeps = session.inputs().filter(inputs -> inputs.wantsBatch(step)).isPresent();
    int count = config.accumulation(step);
    int parts = config.reduction() == Reduction.TREE ? config.leaves() : count;
    IntConsumer compute =
        micro -> {
          NDManager activations = scope.newSubManager();
          try (BatchPrefetcher.Batch batch = batches.next(activations, step, micro); // (b, T)
              activations) { // closed before the batch, whose arrays it owns
            observer.finished(Phase.DATA);
            NDArray loss =
                session
                    .model()
                    .forwardBackward(
                        activations,
                        batch.tokens(),
                        batch.targets(),
                        1.0 / count,
                        config.checkpointActivations(),
                        pass);
            loss.attach(scope);
            losses.add(loss);
            if (keeps) {
              tokens.add(copy(scope, batch.tokens())); // the batch's own memory goes back
              targets.add(copy(scope, batch.targets()));
            }
          }
          observer.finished(Phase.BACKWARD); // freeing the activations
        };
    IntConsumer show =
        part -> {
          showPart(step + 1, part + 1, parts);
          observer.finished(Phase.HOOKS);
        };
    session.sum().sum(config, count, compute, shown ? show : null);
  }

  private static NDArray copy(NDManager scope, NDArray array) {
    NDArray copy = array.duplicate();
    copy.attach(scope);
    return copy;
  }

  private void showPart(long step, int done, int count) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      for (TrainingHook hook : hooks) {
        if (hook.wants(step)) {
          hook.accumulated(step, done, count, session.groups());
        }
      }
    }
  }
}
