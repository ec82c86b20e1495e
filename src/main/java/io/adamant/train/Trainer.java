package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.adamant.config.ConfigException;
import io.adamant.config.GroupConfig;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.config.RunId;
import io.adamant.data.Batches;
import io.adamant.data.CacheDirectory;
import io.adamant.data.Dataset;
import io.adamant.data.DatasetSpec;
import io.adamant.data.ValidationWindows;
import io.adamant.model.KernelPath;
import io.adamant.optim.Optimizers;
import io.adamant.tensor.Devices;
import io.adamant.tensor.SafeTensors;
import java.io.IOException;
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
public final class Trainer {

  /** Raised when a golden trajectory changes, so that old results are not taken for new ones. */
  public static final int NUMERICS_VERSION = 2;

  private final RunConfig config;
  private final Dataset data;
  private final Device device;
  private final String runId;
  private final List<TrainingHook> hooks;
  private final ProgressListener listener;

  /**
   * Prepares to train.
   *
   * @param config as {@link #resolve} returns it
   * @param data open data that fits the configuration
   * @param hooks observers
   * @param listener hears about progress
   */
  public Trainer(
      RunConfig config, Dataset data, List<TrainingHook> hooks, ProgressListener listener) {
    this.config = config;
    this.data = data;
    this.device = Devices.select(config.training().device());
    this.hooks = List.copyOf(hooks);
    this.listener = listener;
    this.runId = runId(config, data);
  }

  /**
   * Trains one run from configuration to summary, for programs that use Adamant as a library. In a
   * directory where the run was interrupted it goes on; where it is done, its summary is returned.
   *
   * @param config as read or built; settings left out get their defaults
   * @param directory of the run
   * @param hooks observers of your own
   * @return how the run ended
   * @throws ConfigException if the run cannot be trained as configured
   * @throws RunDirectory.BusyException if another process is training in the directory
   */
  public static RunSummary train(RunConfig config, Path directory, TrainingHook... hooks) {
    RunConfig resolved = resolve(config);
    try (Dataset data = Dataset.open(dataset(resolved), CacheDirectory.ofUser(), line -> {})) {
      checkData(resolved, data);
      return new Trainer(resolved, data, List.of(hooks), ProgressListener.NONE)
          .train(directory, () -> false);
    }
  }

  /**
   * Fills in what depends on optimizer and machine, and refuses what they do not know.
   *
   * @param config as read
   * @return with every optimizer setting, the device and the number of threads written out
   * @throws ConfigException if the optimizer or a setting of it is unknown, or the device not there
   */
  public static RunConfig resolve(RunConfig config) {
    Device device = Devices.select(config.training().device());
    String from = config.training().initFrom();
    if (!from.isEmpty() && !CheckpointStore.isCheckpoint(Path.of(from))) {
      throw new ConfigException(
          "training.init_from: "
              + from
              + " is no checkpoint folder; one is such as"
              + " results/NAME/runs/ID/checkpoint/step-00000300");
    }
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
    int threads = config.training().threads();
    if (threads == 0) {
      threads = Runtime.getRuntime().availableProcessors();
    }
    String name = device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    return config
        .withOptimizer(resolved)
        .withGroups(groups)
        .withTraining(
            config
                .training()
                .withThreads(threads)
                .withDevice(name)
                .withKernels(RecordedKernels.resolve(config, device)));
  }

  private static Map<String, Object> settings(
      String type, Map<String, Object> settings, String where) {
    return Optimizers.provider(type).definition().resolve(settings, where);
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
        config.data().validationFraction());
  }

  /**
   * Checks that there is enough data for a run.
   *
   * @param config resolved
   * @param data its data
   * @return the batches that it will train on
   * @throws ConfigException if a batch or a window is larger than the data
   */
  public static Batches checkData(RunConfig config, Dataset data) {
    new ValidationWindows(data.validation(), config.model().context());
    return new Batches(
        data.train(),
        config.training().batch(),
        config.model().context(),
        config.training().seed());
  }

  /**
   * The name of a run's directory.
   *
   * @param config resolved
   * @param data its data
   * @return hash of everything that decides the trajectory
   */
  public static String runId(RunConfig config, Dataset data) {
    return RunId.of(config, data.dataSha256(), NUMERICS_VERSION);
  }

  /**
   * Trains until the end, or until told to stop.
   *
   * @param root the run's directory
   * @param stop asked after each step; true saves a checkpoint and ends
   * @return how the run ended; the stored summary if it had ended before
   * @throws RunDirectory.BusyException if another process is training in the directory
   */
  public RunSummary train(Path root, BooleanSupplier stop) {
    Optional<RunSummary> before = RunDirectory.summary(root);
    if (before.isPresent() && before.get().isFinal()) {
      return before.get();
    }
    KernelPath path = RecordedKernels.in(root, config, device);
    try (RunDirectory directory = new RunDirectory(root)) {
      Optional<RunSummary> meanwhile = RunDirectory.summary(root).filter(RunSummary::isFinal);
      return meanwhile.orElseGet(() -> train(directory, path, stop));
    }
  }

  private RunSummary train(RunDirectory directory, KernelPath path, BooleanSupplier stop) {
    try (Session session = new Session(config, data, device, path)) {
      directory.writeConfig(config.withTraining(config.training().withKernels(path.label())));
      directory.writeJson("manifest.json", Manifest.of(config, data, session, path));
      Attempt attempt = new Attempt(session, directory, path);
      try {
        return attempt.run(stop);
      } catch (ConfigException e) {
        throw e; // bad input is no failed run
      } catch (RuntimeException e) {
        attempt.failed(e);
        throw e;
      }
    }
  }

  /** One process's part of a run. */
  private final class Attempt implements TrainingLoop.Events {
    private final Session session;
    private final RunDirectory directory;
    private final KernelPath path;
    private final CheckpointStore checkpoints;
    private final StepRecorder recorder;
    private final Evaluation evaluation;
    private Double bestLoss;
    private Double lastLoss;
    private Double initLoss;
    private long lastEvaluated = -1;
    private long bestCheckpoint = -1;
    private double bestCheckpointLoss = Double.POSITIVE_INFINITY;

    Attempt(Session session, RunDirectory directory, KernelPath path) {
      this.session = session;
      this.directory = directory;
      this.path = path;
      this.checkpoints = new CheckpointStore(directory.checkpoints());
      int context = config.model().context();
      this.recorder =
          new StepRecorder(config.training(), context, session.clipping(), directory, listener);
      this.evaluation =
          new Evaluation(
              session.model(),
              session.manager(),
              session.validation(),
              context,
              config.training().microBatch());
    }

    RunSummary run(BooleanSupplier stop) {
      long done = restore();
      if (initLoss == null) {
        initLoss = evaluation.loss(config.training().evalTokens());
      }
      TrainingLoop loop =
          new TrainingLoop(session, config.training(), recorder, hooks, evaluation, this);
      RunSummary summary =
          switch (loop.run(done, stop)) {
            case STOPPED -> interrupted(recorder.lastStep());
            case DIVERGED -> summary(RunSummary.Status.DIVERGED, divergence(), recorder.lastStep());
            case DONE -> finished();
          };
      directory.writeJson("summary.json", summary);
      listener.ended(summary);
      return summary;
    }

    private RunSummary interrupted(long step) {
      checkpoint(step);
      return summary(RunSummary.Status.INTERRUPTED, "stopped after step " + step, step);
    }

    private RunSummary finished() {
      long steps = config.training().steps();
      checkpoint(steps);
      boolean finite = lastLoss != null && Double.isFinite(lastLoss);
      return summary(
          finite ? RunSummary.Status.FINISHED : RunSummary.Status.DIVERGED,
          finite ? "" : "the final validation loss is not finite",
          steps);
    }

    /** Leaves a note of an error behind; what was saved stays, so the next process goes on. */
    void failed(RuntimeException error) {
      directory.writeJson(
          "summary.json",
          summary(RunSummary.Status.FAILED, String.valueOf(error), recorder.lastStep()));
    }

    private String divergence() {
      return "loss or gradient not finite, first at step "
          + recorder.firstBadStep()
          + "; steps skipped: "
          + recorder.skipped();
    }

    /** Loads the newest checkpoint or the weights to start from; returns the steps done. */
    private long restore() {
      try (NDManager scope = session.manager().newSubManager()) {
        Optional<CheckpointStore.Loaded> loaded = checkpoints.newest(scope, listener::message);
        if (loaded.isPresent()) {
          return restore(loaded.get());
        }
        if (!config.training().initFrom().isEmpty()) {
          Path from = Path.of(config.training().initFrom());
          try {
            Session.restore(
                session.weights(), CheckpointStore.read(from, scope).weights(), from.toString());
          } catch (IOException e) {
            throw new ConfigException(
                "training.init_from: "
                    + from
                    + " is not a readable checkpoint folder: "
                    + e.getMessage(),
                e);
          }
        }
        return 0;
      }
    }

    private long restore(CheckpointStore.Loaded loaded) {
      CheckpointStore.Position position = loaded.position();
      if (!position.runId().equals(runId)) {
        throw new ConfigException(
            directory.root()
                + " holds a checkpoint of another run ("
                + position.runId()
                + ", this one is "
                + runId
                + "); use another --results");
      }
      if (!position.kernelPath().equals(path.label())) {
        throw new ConfigException(
            directory.root()
                + " was trained with the kernels "
                + position.kernelPath()
                + ", this machine would use "
                + path.label()
                + "; go on where they are available, or start again with another --results");
      }
      Session.restore(session.weights(), loaded.weights(), "the checkpoint");
      Session.restore(session.optimizerState(), loaded.optimizer(), "the checkpoint");
      recorder.restore(position);
      hooks.forEach(h -> h.restore(position.hooks().getOrDefault(h.name(), Map.of())));
      bestLoss = position.bestValLoss();
      initLoss = position.initValLoss();
      listener.message("resuming after step " + position.step());
      return position.step();
    }

    @Override
    public void checkpoint(long step) {
      checkpoints.save(
          new CheckpointStore.Position(
              step,
              runId,
              path.label(),
              recorder.metricsLength(),
              recorder.seconds(),
              bestLoss,
              initLoss,
              recorder.skipped(),
              recorder.firstBadStep(),
              hookStates(),
              Map.of()),
          session.weights(),
          session.optimizerState());
      if (lastEvaluated == step && lastLoss < bestCheckpointLoss) {
        bestCheckpointLoss = lastLoss;
        bestCheckpoint = step;
      }
      checkpoints.prune(config.training().keepCheckpoints(), bestCheckpoint);
    }

    private Map<String, Map<String, Object>> hookStates() {
      return hooks.stream()
          .filter(hook -> !hook.state().isEmpty())
          .collect(Collectors.toMap(TrainingHook::name, TrainingHook::state));
    }

    @Override
    public void evaluated(long step, double loss) {
      lastLoss = loss;
      lastEvaluated = step;
      if (Double.isFinite(loss) && (bestLoss == null || loss < bestLoss)) {
        bestLoss = loss;
      }
      listener.evaluated(step, loss);
    }

    private RunSummary summary(RunSummary.Status status, String reason, long steps) {
      boolean valid = lastEvaluated == steps && lastLoss != null && Double.isFinite(lastLoss);
      return new RunSummary(
          status,
          reason,
          steps,
          steps * config.tokensPerStep(),
          valid ? lastLoss : null,
          valid ? Math.exp(lastLoss) : null,
          bestLoss,
          initLoss,
          recorder.trainLoss(),
          recorder.tokensPerSecond(),
          recorder.seconds(),
          recorder.skipped(),
          recorder.firstBadStep(),
          SafeTensors.sha256(session.weights()));
    }
  }
}
