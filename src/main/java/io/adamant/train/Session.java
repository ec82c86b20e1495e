package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.Packing;
import io.adamant.config.Readout;
import io.adamant.config.RunConfig;
import io.adamant.data.Batches;
import io.adamant.data.DataStatistics;
import io.adamant.data.TokenDataset;
import io.adamant.data.ValidationWindows;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.optim.GradientClipping;
import io.adamant.optim.LearningRate;
import io.adamant.optim.ParameterGroup;
import io.adamant.optim.Schedules;
import io.adamant.parallel.Ranks;
import io.adamant.tensor.EngineCheck;
import io.adamant.tensor.TorchRuntime;
import io.adamant.tensor.Upload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Everything that a run trains with, built from its configuration: model, optimizer and data. */
final class Session implements AutoCloseable {

  private static final int RING_CAPACITY = 256;

  private final RunConfig config;
  private final NDManager manager;
  private final Gpt model;
  private final ModelSize size;
  private final ParameterGroups groups;
  private final NDList gradients = new NDList();
  private final GradientClipping clipping;
  private final LearningRate learningRate;
  private final Batches batches;
  private final ValidationWindows validation;
  private final ModelProbe probe;
  private final DataStatistics statistics;
  private final Optional<Upload> upload;
  private final Optional<StepInputs> inputs;
  private final Optional<EvaluationWeights> readout;
  private final GradientSum sum;

  Session(RunConfig config, TokenDataset data, Device device, KernelPath path) {
    this(config, data, device, path, Ranks.one());
  }

  /** The same on one of several ranks, whose session is like those of the others. */
  Session(RunConfig config, TokenDataset data, Device device, KernelPath path, Ranks ranks) {
    this.config = config;
    TorchRuntime.prepareThread(config.training().threads());
    TorchRuntime.prepareDevice(device, config.training().tf32());
    EngineCheck.require(device);
    statistics = data.statistics();
    int context = config.model().context();
    batches = Training.checkData(config, data);
    validation = new ValidationWindows(data.validation(), context);
    manager = NDManager.newBaseManager(device);
    upload = device.isGpu() ? Optional.of(new Upload(manager)) : Optional.empty();
    model = model(manager, config, data, path);
    size = ParameterGroups.size(config, data.tokenizer().vocabularySize());
    learningRate = Schedules.of(config);
    Map<String, NDArray> parameters = new LinkedHashMap<>();
    model.named().forEach((name, parameter) -> parameters.put(name, parameter.getArray()));
    groups = new ParameterGroups(manager, config, parameters, learningRate);
    groups.all().forEach(group -> gradients.addAll(group.gradients()));
    probe = new ModelProbe(config, data, path, manager, groups);
    clipping =
        new GradientClipping(
            manager,
            config.clip().globalNorm(),
            config.clip().coordinate(),
            RING_CAPACITY,
            StepRecorder.maxSkipped(config.training()));
    sum = new GradientSum(ranks, manager, gradients, config.training().reduction());
    inputs = StepInputs.of(manager, groups.all(), model, clipping, gradients, sum, config);
    readout =
        config.training().readout() == Readout.SCHEDULE_FREE
            ? Optional.of(new OptimizerWeights(groups))
            : WeightAverage.of(manager, config.training(), weights());
  }

  /** A run's model with its initial weights. */
  static Gpt model(NDManager manager, RunConfig config, TokenDataset data, KernelPath path) {
    int end = data.tokenizer().endOfText();
    boolean apart = config.data().packing() == Packing.DOCUMENTS;
    return new Gpt(
        manager,
        config.model(),
        config.model().paddedVocabulary(data.tokenizer().vocabularySize()),
        path,
        config.training().seed(),
        apart ? OptionalInt.of(end) : OptionalInt.empty());
  }

  /** Counts of the data, with which losses are converted to bits per byte. */
  DataStatistics statistics() {
    return statistics;
  }

  /** Starts to prepare the micro-batches from a step on. */
  BatchPrefetcher batchesFrom(long step) {
    return batchesFrom(config, step);
  }

  /** The same for a run that is cut otherwise. */
  BatchPrefetcher batchesFrom(RunConfig cut, long step) {
    return new BatchPrefetcher(batches, cut, step, upload, sum.ranks());
  }

  NDManager manager() {
    return manager;
  }

  Gpt model() {
    return model;
  }

  /** What is trained. */
  List<ParameterGroup> groups() {
    return groups.all();
  }

  /** What is not, by name. */
  Map<String, NDArray> frozen() {
    return groups.frozen();
  }

  /** What the optimizers step in pieces, by name. */
  Map<String, NDArray> fused() {
    return groups.fused();
  }

  /** The model's size, and what of it is trained. */
  ModelSize size() {
    return size;
  }

  /** Names of the parameters in the order of {@link #gradients}. */
  List<String> tensorNames() {
    return groups.all().stream().flatMap(group -> group.state().names().stream()).toList();
  }

  NDList gradients() {
    return gradients;
  }

  /** How the gradients of micro-batches are added. */
  GradientSum sum() {
    return sum;
  }

  /** All that a rank must have like the others before a step. */
  NDList shared() {
    NDList shared = new NDList(weights().values());
    shared.addAll(new NDList(optimizerState().values()));
    readout.ifPresent(averaged -> shared.addAll(averaged.arrays()));
    shared.add(clipping.skipped());
    return shared;
  }

  GradientClipping clipping() {
    return clipping;
  }

  /** What optimizers are given beside gradients, if they want anything. */
  Optional<StepInputs> inputs() {
    return inputs;
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

  Optional<GradientProbe> probe() {
    return Optional.of(probe);
  }

  /** Weights by stable name, sorted, as checkpoints and checksums want them. */
  Map<String, NDArray> weights() {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    model.named().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> weights.put(entry.getKey(), entry.getValue().getArray()));
    return weights;
  }

  /** What the run reads out besides the weights that it trains. */
  Optional<EvaluationWeights> readout() {
    return readout;
  }

  /** Its weights by stable name, sorted; empty while there are none. */
  Map<String, NDArray> readoutWeights(NDManager scope) {
    return readout.map(weights -> weights.weights(scope)).orElse(Map.of());
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
    readout.ifPresent(EvaluationWeights::close);
    probe.close();
    upload.ifPresent(Upload::close);
    groups.close();
    inputs.ifPresent(StepInputs::close);
    sum.close();
    clipping.close();
    model.close();
    manager.close();
  }
}
