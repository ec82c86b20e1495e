package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.optim.GradientClipping;
import io.adamant.optim.ParameterGroup;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.DeviceMemory;
import io.adamant.tensor.Devices;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The steps of a run with a clock between their parts, for {@code bench}. It trains as {@link
 * TrainingLoop} does and writes nothing. On a GPU the parts only tell when work was queued, unless
 * it is waited for.
 */
public final class TimedSteps implements AutoCloseable {

  /** Parts of a step, in their order. */
  public enum Part {
    /** Filling batches and copying them to the device. */
    DATA,
    /** Embedding and layers. */
    FORWARD,
    /** Output head and loss with their gradients; a part of the other two on a GPU. */
    HEAD,
    /** Gradients of layers and embedding. */
    BACKWARD,
    /** Norm, guard and clipping, and setting gradients to zero. */
    CLIP,
    /** The optimizer. */
    OPTIMIZER,
    /** Hooks, on the steps that they want. */
    HOOKS
  }

  private final RunConfig config;
  private final Session session;
  private final BatchPrefetcher batches;
  private final List<TrainingHook> hooks;
  private final Map<Part, Double> seconds = new EnumMap<>(Part.class);
  private boolean waits;
  private long clock;
  private long step;

  /**
   * Builds model, optimizer and batches.
   *
   * @param config as {@link Training#resolve} returns it
   * @param data open data that fits the configuration
   * @param hooks observers, timed as well
   */
  public TimedSteps(RunConfig config, TokenDataset data, List<TrainingHook> hooks) {
    this.hooks = List.copyOf(hooks);
    this.config = Training.withMicroBatch(config, data, this.hooks);
    Device device = Devices.select(config.training().device());
    session = new Session(this.config, data, device, KernelPath.of(config.training().kernels()));
    // Timing may take more steps than the run has.
    RunConfig endless = this.config.with("training.steps", Integer.MAX_VALUE);
    batches = session.batchesFrom(endless, 0);
    try (Autograd.Mode off = Autograd.noGrad()) {
      hooks.forEach(hook -> hook.begin(session.groups()));
    }
  }

  /**
   * The model.
   *
   * @return it
   */
  public Gpt model() {
    return session.model();
  }

  /**
   * Takes a step.
   *
   * @return seconds of each part
   */
  public Map<Part, Double> next() {
    seconds.clear();
    clock = System.nanoTime();
    double lr = session.learningRate().at(Math.min(step, config.training().steps() - 1));
    try (NDManager scope = session.manager().newSubManager()) {
      NDList losses = accumulateGradients(scope);
      try (Autograd.Mode off = Autograd.noGrad()) {
        NDArray gate = session.clipping().clipAndGuard(scope, losses, session.gradients(), step);
        done(Part.CLIP);
        for (ParameterGroup group : session.groups()) {
          double rate = lr * group.lrScale();
          group.optimizer().step(group.state(), group.gradients(), gate, rate, group.weightDecay());
        }
        done(Part.OPTIMIZER);
        observe(lr);
        done(Part.HOOKS);
        session.clipping().zero(scope, session.gradients());
        done(Part.CLIP);
      }
    }
    step++;
    return new EnumMap<>(seconds);
  }

  private NDList accumulateGradients(NDManager scope) {
    int count = config.training().accumulation();
    NDList losses = new NDList();
    for (int micro = 0; micro < count; micro++) {
      NDManager activations = scope.newSubManager();
      try (BatchPrefetcher.Batch batch = batches.next(activations, step, micro);
          activations) { // closed before the batch, whose arrays it owns
        done(Part.DATA);
        NDArray loss =
            session
                .model()
                .forwardBackward(
                    activations,
                    batch.tokens(),
                    batch.targets(),
                    1.0 / count,
                    config.training().checkpointActivations(),
                    part -> done(Part.valueOf(part.name())));
        loss.attach(scope);
        losses.add(loss);
      }
      done(Part.BACKWARD); // freeing the activations
      TrainingLoop.watchMicroBatch(session, hooks, step + 1, micro + 1, count);
      done(Part.HOOKS);
    }
    return losses;
  }

  private void observe(double lr) {
    List<TrainingHook> wanting = hooks.stream().filter(hook -> hook.wants(step + 1)).toList();
    if (wanting.isEmpty()) {
      return;
    }
    GradientClipping.StepOutcome outcome = session.clipping().read(step, step + 1)[0];
    long tokens = (step + 1) * config.tokensPerStep();
    StepView view =
        new StepView(
            step + 1, tokens, lr, outcome.gradientNorm(), session.groups(), session.probe());
    wanting.forEach(hook -> hook.observe(view));
  }

  /**
   * Waits for the device after each part from now on, so that the parts tell when work was done;
   * the whole step then takes longer.
   */
  public void waitAfterParts() {
    waits = true;
  }

  /**
   * Sequences computed at once.
   *
   * @return the micro-batch, also where the device chose it
   */
  public int microBatch() {
    return config.training().microBatch();
  }

  /**
   * The most memory so far: of the process on a CPU, all that is taken on a GPU.
   *
   * @return bytes; empty where nobody tells
   */
  public OptionalLong peakMemory() {
    Device device = session.manager().getDevice();
    return device.isGpu() ? DeviceMemory.used(device) : ProcessMemory.peak();
  }

  private void done(Part part) {
    if (waits) {
      session.clipping().read(step, step + 1);
    }
    long now = System.nanoTime();
    seconds.merge(part, (now - clock) / 1e9, Double::sum);
    clock = now;
  }

  /**
   * Loss of the last step, which also waits for the device.
   *
   * @return nats a token
   */
  public double loss() {
    return session.clipping().read(step - 1, step)[0].loss();
  }

  @Override
  public void close() {
    batches.close();
    session.close();
  }
}
