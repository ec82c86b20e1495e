package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.optim.GradientClipping;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.Devices;
import io.adamant.tensor.SafeTensors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Steps of a run that are taken to find out what they cost, and thrown away: nothing is written.
 * Their batch is whole from the first one on.
 */
public final class Rehearsal implements AutoCloseable {

  private final RunConfig config;
  private final Session session;
  private final List<TrainingHook> hooks;
  private final TrainingStep step;
  private final BatchPrefetcher batches;
  private long steps; // taken

  /**
   * Builds model, optimizer and batches.
   *
   * @param config as {@link Training#resolve} returns it
   * @param data open data that fits the configuration
   * @param hooks observers, which take part in the steps
   * @param finished hears when work of a phase has been queued on the device
   */
  public Rehearsal(
      RunConfig config,
      TokenDataset data,
      List<TrainingHook> hooks,
      Consumer<TrainingStep.Phase> finished) {
    this.hooks = List.copyOf(hooks);
    this.config =
        Training.withMicroBatch(config, data, this.hooks).with("training.batch_warmup", 0);
    Device device = Devices.select(config.training().device());
    session = new Session(this.config, data, device, KernelPath.of(config.training().kernels()));
    step = new TrainingStep(session, this.config.training(), this.hooks, observer(finished));
    // A rehearsal may take more steps than the run has.
    RunConfig endless = this.config.with("training.steps", Integer.MAX_VALUE);
    batches = session.batchesFrom(endless, 0);
    begin(this.hooks);
  }

  /**
   * Shows hooks the parameters; those that take part in the steps have seen them.
   *
   * @param others hooks that {@link #view} will be shown
   */
  public void begin(List<TrainingHook> others) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      others.forEach(hook -> hook.begin(session.groups()));
    }
  }

  /** Takes the next step. */
  public void step() {
    step.take(steps, batches);
    steps++;
  }

  private TrainingStep.Observer observer(Consumer<TrainingStep.Phase> finished) {
    return new TrainingStep.Observer() {
      @Override
      public void finished(TrainingStep.Phase phase) {
        finished.accept(phase);
      }

      @Override
      public void updated(long step, double learningRate) {
        TrainingHook.follow(hooks, step, session.groups());
        List<TrainingHook> wanting = hooks.stream().filter(hook -> hook.wants(step)).toList();
        if (!wanting.isEmpty()) {
          StepView view = view(step, session.probe());
          wanting.forEach(hook -> hook.observe(view));
        }
      }
    };
  }

  /** Waits until the device has done what is queued. */
  public void await() {
    session.clipping().read(steps, steps + 1);
  }

  /**
   * What the last step left in the ring buffer; waits for the device.
   *
   * @return loss, norm and what clipping did
   */
  public GradientClipping.StepOutcome outcome() {
    return session.clipping().read(steps - 1, steps)[0];
  }

  /**
   * What hooks see after the last step, without a probe.
   *
   * @return a view that is valid until the next step
   */
  public StepView view() {
    return view(steps, Optional.empty());
  }

  private StepView view(long step, Optional<GradientProbe> probe) {
    return new StepView(
        step,
        step * config.tokensPerStep(),
        session.learningRate().at(step - 1),
        session.clipping().read(step - 1, step)[0].gradientNorm(),
        session.groups(),
        session.frozen(),
        session.fused(),
        probe);
  }

  /** SHA-256 of the weights, as in the summary of a run. */
  String weightsSha256() {
    return SafeTensors.sha256(session.weights());
  }

  /**
   * Validates.
   *
   * @param tokens of the validation text, at most; 0 for all
   * @return mean loss in nats a token
   */
  public double evaluate(long tokens) {
    return new Evaluation(
            session.model(),
            session.manager(),
            session.validation(),
            config.model().context(),
            config.training().microBatch(),
            session.sum())
        .loss(tokens);
  }

  /**
   * Gradients on other batches.
   *
   * @return the run's probe
   */
  public GradientProbe probe() {
    return session.probe().orElseThrow();
  }

  /**
   * The run with its micro-batch in numbers.
   *
   * @return what is rehearsed
   */
  public RunConfig config() {
    return config;
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
   * The model's size.
   *
   * @return with what the run does not train
   */
  public ModelSize size() {
    return session.size();
  }

  /**
   * The weights.
   *
   * @return by stable name, sorted
   */
  public Map<String, NDArray> weights() {
    return session.weights();
  }

  /**
   * The device.
   *
   * @return where the model lives
   */
  public Device device() {
    return session.manager().getDevice();
  }

  @Override
  public void close() {
    batches.close();
    session.close();
  }
}
