package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.RunConfig;
import io.adamant.data.Batches;
import io.adamant.data.Dataset;
import io.adamant.data.ValidationWindows;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.optim.GradientClipping;
import io.adamant.optim.LearningRate;
import io.adamant.optim.ParameterGroup;
import io.adamant.optim.Schedules;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.TorchRuntime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that a run trains with, built from its configuration: model, optimizer and data. */
final class Session implements AutoCloseable {

  private static final int RING_CAPACITY = 256;

  private final RunConfig config;
  private final NDManager manager;
  private final Gpt model;
  private final ParameterGroups groups;
  private final NDList gradients = new NDList();
  private final GradientClipping clipping;
  private final LearningRate learningRate;
  private final Batches batches;
  private final ValidationWindows validation;
  private final long[] tokens;
  private final long[] targets;

  /** A micro-batch, (b, T) int64 each. */
  record Batch(NDArray tokens, NDArray targets) {}

  Session(RunConfig config, Dataset data, Device device, KernelPath path) {
    this.config = config;
    TorchRuntime.prepareThread(config.training().threads());
    int context = config.model().context();
    batches =
        new Batches(data.train(), config.training().batch(), context, config.training().seed());
    validation = new ValidationWindows(data.validation(), context);
    tokens = new long[config.training().microBatch() * context];
    targets = new long[tokens.length];
    manager = NDManager.newBaseManager(device);
    model =
        new Gpt(
            manager,
            config.model(),
            data.tokenizer().vocabularySize(),
            path,
            config.training().seed());
    learningRate =
        Schedules.of(config.schedule(), config.optimizer().lr(), config.training().steps());
    model.named().values().forEach(p -> Autograd.requireGradient(p.getArray(), true));
    Map<String, NDArray> parameters = new LinkedHashMap<>();
    model.named().forEach((name, parameter) -> parameters.put(name, parameter.getArray()));
    groups = new ParameterGroups(manager, config, parameters, learningRate);
    groups.all().forEach(group -> gradients.addAll(group.gradients()));
    clipping =
        new GradientClipping(
            manager,
            config.clip().globalNorm(),
            config.clip().coordinate(),
            RING_CAPACITY,
            StepRecorder.patience(config.training()));
  }

  /** The sequences of a micro-batch: a pure function of seed, step and index. */
  Batch batch(NDManager scope, long step, int micro) {
    int sequences = config.training().microBatch();
    batches.fill(step, micro * sequences, sequences, tokens, targets);
    Shape shape = new Shape(sequences, config.model().context());
    return new Batch(scope.create(tokens, shape), scope.create(targets, shape));
  }

  NDManager manager() {
    return manager;
  }

  Gpt model() {
    return model;
  }

  List<ParameterGroup> groups() {
    return groups.all();
  }

  NDList gradients() {
    return gradients;
  }

  GradientClipping clipping() {
    return clipping;
  }

  LearningRate learningRate() {
    return learningRate;
  }

  Batches batches() {
    return batches;
  }

  ValidationWindows validation() {
    return validation;
  }

  /** Weights by stable name, sorted, as checkpoints and checksums want them. */
  Map<String, NDArray> weights() {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    model.named().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> weights.put(entry.getKey(), entry.getValue().getArray()));
    return weights;
  }

  /** Optimizer state by group, parameter and name. */
  Map<String, NDArray> optimizerState() {
    Map<String, NDArray> state = new LinkedHashMap<>();
    for (ParameterGroup group : groups.all()) {
      group.state().named().forEach((name, array) -> state.put(group.name() + ":" + name, array));
    }
    return state;
  }

  @Override
  public void close() {
    groups.close();
    clipping.close();
    model.close();
    manager.close();
  }
}
