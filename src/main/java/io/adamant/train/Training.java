package io.adamant.train;

import ai.djl.Device;
import io.adamant.base.Granted;
import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.base.UserPath;
import io.adamant.config.DataOrder;
import io.adamant.config.GroupConfig;
import io.adamant.config.InvalidUtf8;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.Reduction;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.config.ValidationSplit;
import io.adamant.data.Batches;
import io.adamant.data.CacheDirectory;
import io.adamant.data.DatasetSpec;
import io.adamant.data.TokenDataset;
import io.adamant.data.ValidationWindows;
import io.adamant.huggingface.HuggingFaceModel;
import io.adamant.model.KernelPath;
import io.adamant.optim.Optimizers;
import io.adamant.parallel.World;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.DeviceMemory;
import io.adamant.tensor.Devices;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Trains a run in its directory: from the start, or from the last checkpoint that an earlier
 * process left. N steps in one go and in several give the same bits.
 */
public final class Training {

  /** Raised when a golden trajectory changes, so that old results are not taken for new ones. */
  public static final int NUMERICS_VERSION = 3;

  private final RunConfig config;
  private final TokenDataset data;
  private final Device device;
  private final String runId;
  private final List<TrainingHook> hooks;
  private final ProgressListener listener;
  private final Trials trials;
  private final MachineCache microBatches;
  private String configCommit = "";
  private Rungs rungs = Rungs.NONE;
  private World world = World.here();

  /**
   * Prepares to train.
   *
   * @param config as {@link #resolve} returns it
   * @param data open data that fits the configuration
   * @param hooks observers
   * @param listener hears about progress
   */
  public Training(
      RunConfig config, TokenDataset data, List<TrainingHook> hooks, ProgressListener listener) {
    this(config, data, hooks, listener, MicroBatchTrial::new, CacheDirectory.ofUser());
  }

  /**
   * Says which commit the configuration's file comes from, for the manifest.
   *
   * @param commit as {@link io.adamant.config.Checkout#commit} gives it; may be empty
   * @return this
   */
  public Training withConfigCommit(String commit) {
    configCommit = commit;
    return this;
  }

  /**
   * Asks at certain steps whether the run goes on.
   *
   * @param steps where, and who decides
   * @return this
   */
  public Training withRungs(Rungs steps) {
    rungs = steps;
    return this;
  }

  /** Trains with the ranks of another world than this process's. */
  Training withWorld(World ranks) {
    world = ranks;
    return this;
  }

  /** Opens a trial of micro-batches. */
  interface Trials {
    MicroBatch.Trial open(
        RunConfig config, TokenDataset data, Device device, KernelPath path, int copies);
  }

  /** As above, with another way to try micro-batches and another folder to remember them in. */
  Training(
      RunConfig config,
      TokenDataset data,
      List<TrainingHook> hooks,
      ProgressListener listener,
      Trials trials,
      Path cache) {
    this.config = config;
    this.data = data;
    this.device = Devices.select(config.training().device());
    this.hooks = List.copyOf(hooks);
    this.listener = listener;
    this.trials = trials;
    this.microBatches = new MachineCache(cache.resolve("micro-batch.json"));
    ParameterGroups.size(config, data.tokenizer().vocabularySize()); // before anything is written
    this.runId = RunIdentity.of(config, data);
  }

  /**
   * Trains one run from configuration to summary, for programs that use Adamant as a library. A run
   * that was interrupted in the directory is resumed; of one that is done, the stored summary is
   * returned. A directory that holds a run of another configuration or other data is refused.
   *
   * @param config as read or built; settings left out get their defaults
   * @param directory of the run
   * @param hooks observers of your own
   * @return how the run ended
   * @throws InputException if the run cannot be trained as configured, or the directory holds
   *     another run
   */
  @PublicApi
  public static RunSummary train(RunConfig config, Path directory, TrainingHook... hooks) {
    RunConfig resolved = resolve(config);
    try (TokenDataset data =
        TokenDataset.open(dataset(resolved), CacheDirectory.ofUser(), line -> {})) {
      checkData(resolved, data);
      checkWeights(resolved);
      RunConfig run = withVocabulary(resolved, data);
      return new Training(run, data, List.of(hooks), ProgressListener.NONE)
          .train(directory, () -> false);
    }
  }

  /**
   * Fills in what depends on optimizer and machine, and refuses what they do not know.
   *
   * @param config as read
   * @return with every optimizer setting, the device and the number of threads written out
   * @throws InputException if the optimizer or a setting of it is unknown, or the device not there
   */
  public static RunConfig resolve(RunConfig config) {
    Device device = Devices.select(config.training().device());
    if (config.training().tf32() && !device.isGpu()) {
      throw InputException.badValue(
          "training.tf32", true, "false on a CPU: TensorFloat-32 is a GPU format");
    }
    String from = checkpoint(config);
    RunConfig resolved = withOptimizersResolved(config);
    OptimizerTexts.requireSound(resolved);
    int threads = config.training().threads();
    if (threads == 0) {
      threads = Math.max(1, Granted.here().threads() / World.here().sharing());
    }
    String name = device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    // A CPU computes the whole batch at once; what a GPU has room for is tried when it trains.
    int micro = config.training().microBatch();
    int size = micro == 0 && !device.isGpu() ? config.training().largestMicroBatch() : micro;
    return resolved.with(
        Map.of(
            "training.init_from", from,
            "training.threads", threads,
            "training.device", name,
            "training.micro_batch", size,
            "training.kernels", RecordedKernels.resolve(config, device)));
  }

  /**
   * Refuses settings that can be known to be wrong without the engine, which takes seconds to load
   * and may have to be downloaded first. What depends on the device {@link #resolve} finds.
   *
   * @param config as read
   * @throws InputException if an optimizer, a setting of it, or a checkpoint is not there
   */
  public static void check(RunConfig config) {
    checkpoint(config);
    withOptimizersResolved(config);
  }

  /**
   * The folder to start from: a checkpoint that is named, a run's newest, or one in the layout of
   * Hugging Face whose model is that of the run.
   */
  private static String checkpoint(RunConfig config) {
    if (!config.training().branchFrom().isEmpty()) {
      Checkpoint.branchPoint(config.training());
    } else if (config.training().branchStep() > 0) {
      throw InputException.badValue(
          "training.branch_step", config.training().branchStep(), "0 without branch_from");
    }
    String from = config.training().initFrom();
    if (from.isEmpty()) {
      return from;
    }
    Path folder = UserPath.of(from);
    if (Checkpoint.isCheckpoint(folder)) {
      return folder.toString();
    }
    Optional<HuggingFaceModel> imported = imported(folder.toString());
    if (imported.isPresent()) {
      imported.get().requireSame(config);
      return folder.toString();
    }
    return new CheckpointStore(folder.resolve(RunDirectory.CHECKPOINT))
        .newestFirst().stream()
            .findFirst()
            .map(Path::toString)
            .orElseThrow(
                () ->
                    new InputException(
                        "training.init_from: "
                            + folder.toAbsolutePath()
                            + " is neither a checkpoint nor a run with one, nor has it a config.json;"
                            + " give, for example, results/NAME/runs/ID"));
  }

  /**
   * The model of another program that a run starts from.
   *
   * @param from {@code training.init_from}
   * @return empty for a checkpoint, and for random weights
   */
  static Optional<HuggingFaceModel> imported(String from) {
    Path folder = Path.of(from);
    return from.isEmpty() || Checkpoint.isCheckpoint(folder) || !HuggingFaceModel.isOne(folder)
        ? Optional.empty()
        : Optional.of(HuggingFaceModel.open(folder));
  }

  /**
   * Writes out every optimizer setting, and paths of optimizers' files; the same on every machine.
   *
   * @param read as read
   * @return with the settings that were left to default
   * @throws InputException if an optimizer or a setting of it is unknown
   */
  public static RunConfig withOptimizersResolved(RunConfig read) {
    RunConfig config = OptimizerTexts.absolute(read);
    OptimizerConfig optimizer = config.optimizer();
    OptimizerConfig resolved =
        optimizer.withSettings(settings(optimizer.type(), optimizer.settings(), "optimizer"));
    Map<String, GroupConfig> groups = new LinkedHashMap<>();
    config
        .groups()
        .forEach(
            (name, group) -> {
              GroupConfig whole = group.inheriting(optimizer);
              groups.put(
                  name,
                  whole.withSettings(
                      settings(whole.optimizer(), whole.settings(), "groups." + name)));
            });
    RunConfig whole = config.with(resolved).withGroups(groups);
    OptimizerWeights.require(whole);
    return whole;
  }

  /**
   * The kernels that a run would use on a machine.
   *
   * @param config as read
   * @param cpu the machine's processor
   * @param device where the model would live
   * @return name of a kernel path
   * @throws InputException if the run asks for kernels that the machine has not
   */
  public static String kernels(RunConfig config, CpuFeatures cpu, Device device) {
    return RecordedKernels.resolve(config, cpu, device);
  }

  /**
   * The same run with the kernels that it was started with, since others round differently.
   *
   * @param config as {@link #resolve} returns it
   * @param kernels name of a kernel path, as checkpoints record it
   * @return empty if this machine lacks them
   */
  public static Optional<RunConfig> withKernels(RunConfig config, String kernels) {
    return RecordedKernels.areAvailable(kernels, config)
        ? Optional.of(config.with("training.kernels", kernels))
        : Optional.empty();
  }

  private static Map<String, Object> settings(
      String type, Map<String, Object> settings, String where) {
    return Optimizers.definition(type).resolve(settings, where);
  }

  /**
   * The data that a configuration asks for.
   *
   * @param config of a run
   * @return what to open
   */
  public static DatasetSpec dataset(RunConfig config) {
    String validation = config.data().validationCorpus();
    return new DatasetSpec(
        config.data().corpus(),
        config.data().tokenizer(),
        config.data().vocab(),
        validation.isEmpty() ? Optional.empty() : Optional.of(validation),
        config.data().validationFraction(),
        config.data().endOfText(),
        config.data().invalidUtf8() == InvalidUtf8.REPLACE,
        config.data().validationSplit() == ValidationSplit.DOCUMENTS);
  }

  /**
   * Writes out the size of the vocabulary, which {@code auto} leaves to the tokenizer's file.
   *
   * @param config resolved
   * @param data its data
   * @return with {@code data.vocab} as a number, as its identity and its model need it
   */
  public static RunConfig withVocabulary(RunConfig config, TokenDataset data) {
    int entries = data.tokenizer().vocabularySize();
    imported(config.training().initFrom()).ifPresent(model -> model.requireRowsFor(entries));
    return config.with("data.vocab", entries);
  }

  /**
   * Checks that there is enough data for a run.
   *
   * @param config resolved
   * @param data its data
   * @return the batches that it will train on
   * @throws InputException if a batch or a window is larger than the data
   */
  public static Batches checkData(RunConfig config, TokenDataset data) {
    new ValidationWindows(data.validation(), config.model().context());
    int batch = config.training().batch();
    int context = config.model().context();
    return config.data().order() == DataOrder.FILE
        ? Batches.inFileOrder(data.train(), batch, context)
        : new Batches(data.train(), batch, context, config.training().seed());
  }

  private KernelPath kernelPath() {
    return KernelPath.of(config.training().kernels());
  }

  /** The same run with its micro-batch written out; for its identity, use the one as resolved. */
  private RunConfig concrete(MicroBatch microBatch) {
    return config.with("training.micro_batch", microBatch.size());
  }

  private MicroBatch microBatch(KernelPath path) {
    int copies = TrainingHook.Cost.ofRun(config.training(), hooks).copies();
    return MicroBatch.choose(
        config.training(),
        microBatches,
        microBatchKey(path),
        () -> trials.open(config, data, device, path, copies));
  }

  private String microBatchKey(KernelPath path) {
    return MicroBatch.key(
        config,
        device,
        config.model().paddedVocabulary(data.tokenizer().vocabularySize()),
        path.label(),
        TrainingHook.Cost.ofRun(config.training(), hooks).copies());
  }

  /**
   * The run with a micro-batch in numbers, tried on the device if need be.
   *
   * @param config as {@link #resolve} returns it
   * @param data its data
   * @param hooks its observers
   * @return for plans and timing; its identity is that of {@code config}
   */
  public static RunConfig withMicroBatch(
      RunConfig config, TokenDataset data, List<TrainingHook> hooks) {
    Training trainer = new Training(config, data, hooks, ProgressListener.NONE);
    return trainer.concrete(trainer.microBatch(trainer.kernelPath()));
  }

  /**
   * Reads what a run starts from, if another program wrote it, once and keeps nothing: what is
   * wrong with it is found before the run has a folder.
   *
   * @param config resolved
   * @throws InputException if a weight is NaN or infinite
   */
  public static void checkWeights(RunConfig config) {
    imported(config.training().initFrom()).ifPresent(HuggingFaceModel::requireFinite);
  }

  /**
   * Trains to the end, or until asked to stop.
   *
   * @param root the run's directory
   * @param stop asked after each step; true saves a checkpoint and ends
   * @return how the run ended; the stored summary if it had ended before
   * @throws InputException if the directory holds another run, finished or not
   */
  public RunSummary train(Path root, BooleanSupplier stop) {
    RunIdentity.requireSame(root, config, data);
    Optional<RunSummary> before = RunDirectory.summary(root);
    if (before.isPresent() && before.get().isFinal()) {
      return before.get();
    }
    requireRanks(config.training(), world.ranks().size());
    KernelPath path = RecordedKernels.in(root, config, device);
    try (RunDirectory directory = new RunDirectory(root)) {
      return train(directory, path, stop);
    }
  }

  private RunSummary train(RunDirectory directory, KernelPath path, BooleanSupplier stop) {
    MicroBatch micro = MicroBatch.begun(directory.root()).orElseGet(() -> microBatch(path));
    if (config.training().microBatch() == 0 && micro.size() < config.training().batch()) {
      listener.message("micro-batches of " + micro.size() + " sequences: " + micro.source());
    }
    RunConfig whole = OptimizerTexts.keep(concrete(micro), directory.root());
    if (!RunIdentity.of(OptimizerTexts.keep(config, directory.root()), data).equals(runId)) {
      throw new InputException(
          "optimizer.type: %s was changed while the run was being started; start it again"
              .formatted(config.optimizer().type()));
    }
    RankOrders orders = new RankOrders(world);
    orders.begin(whole, path, device);
    try (Session session = new Session(whole, data, device, path, world.ranks())) {
      orders.requireAlike(whole, data);
      directory.write(
          OptimizerTexts.recorded(whole)
              .with("training.micro_batch", config.training().microBatch())
              .with("training.kernels", path.label()));
      directory.write(Provenance.of(config, configCommit, data, session, path, micro));
      RunAttempt attempt =
          new RunAttempt(whole, runId, session, directory, path, hooks, listener, orders);
      try {
        return attempt.run(stop, rungs);
      } catch (InputException e) {
        throw e; // bad input is no failed run
      } catch (RuntimeException e) {
        attempt.failed(e);
        backOff(micro, path, e);
        throw e;
      }
    } catch (InputException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      orders.abort(e); // the others may wait for anything
      throw e;
    } finally {
      orders.end();
    }
  }

  /**
   * Refuses a number of ranks that a run cannot be trained on.
   *
   * @param training settings of the run
   * @param size number of ranks
   * @throws InputException with those that it can be
   */
  public static void requireRanks(TrainConfig training, int size) {
    if (training.ranks().contains(size)) {
      return;
    }
    throw training.reduction() == Reduction.SEQUENTIAL
        ? new InputException(
            "%s ranks were started, and training.reduction: sequential adds gradients on one; with training.reduction: tree several give the same bits as one"
                .formatted(size))
        : new InputException(
            "%s ranks were started; with training.leaves: %s a run can be trained on %s"
                .formatted(
                    size,
                    training.leaves(),
                    training.ranks().stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(", "))));
  }

  /** It did not fit after all: the next start, if there is no checkpoint to resume, takes less. */
  private void backOff(MicroBatch micro, KernelPath path, RuntimeException failure) {
    if (config.training().microBatch() == 0 && DeviceMemory.ranOut(failure)) {
      micro
          .smaller(config.training().largestMicroBatch())
          .ifPresent(
              size -> {
                microBatches.put(microBatchKey(path), size);
                listener.message(
                    "out of memory with micro-batches of %s; a fresh start uses %s"
                        .formatted(micro.size(), size));
              });
    }
  }
}
