package io.adamant.plan;

import ai.djl.Device;
import io.adamant.base.Granted;
import io.adamant.config.Readout;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.data.TokenDataset;
import io.adamant.data.ValidationWindows;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.tensor.Devices;
import io.adamant.train.ParameterGroups;
import io.adamant.train.Rehearsal;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.LongStream;

/**
 * What a run will take, told before it runs.
 *
 * @param config the run with its micro-batch in numbers
 * @param size of the model
 * @param vocabulary of the tokenizer, before padding
 * @param kernelPath which arithmetic it will use
 * @param epochs how often it reads the training text; empty without the data
 * @param memory bytes of each part of the peak
 * @param checkpointBytes of one checkpoint
 * @param time seconds of each part; empty where nothing was measured
 * @param measuredSteps steps that the times rest on; 0 where they rest on none
 */
public record RunPlan(
    RunConfig config,
    ModelSize size,
    int vocabulary,
    String kernelPath,
    OptionalDouble epochs,
    Map<String, Long> memory,
    long checkpointBytes,
    Map<String, Double> time,
    int measuredSteps) {

  /** Copies the maps in their order. */
  public RunPlan {
    memory = Collections.unmodifiableMap(new LinkedHashMap<>(memory));
    time = Collections.unmodifiableMap(new LinkedHashMap<>(time));
  }

  /**
   * Plans a run. Unless it needs more memory than there is, a few of its steps are done for that
   * and thrown away; no file is left.
   *
   * @param resolved as {@link Training#resolve} returns it
   * @param data open data that fits the configuration
   * @param all the run's observers; what those that evaluate take is left out
   * @return the plan of the whole run, from its first step on
   */
  public static RunPlan of(RunConfig resolved, TokenDataset data, List<TrainingHook> all) {
    List<TrainingHook> hooks = all.stream().filter(hook -> !hook.isEvaluation()).toList();
    RunConfig config = Training.withMicroBatch(resolved, data, hooks);
    Device device = Devices.select(config.training().device());
    KernelPath path = KernelPath.of(config.training().kernels());
    int vocabulary = data.tokenizer().vocabularySize();
    ModelSize size = ParameterGroups.size(config, vocabulary);
    long state = ParameterGroups.stateSize(config, size.shapes());
    long checkpoint = checkpointBytes(config, size, state);
    MemoryModel memory = MemoryModel.of(config, size, path, device, state, hooks);
    int context = config.model().context();
    long validation = context * new ValidationWindows(data.validation(), context).count();
    Map<String, Double> time = Map.of();
    int measured = 0;
    if (device.isGpu() || memory.peak() < Granted.here().free().orElse(Long.MAX_VALUE)) {
      try (Rehearsal run = new Rehearsal(config, data, List.of(), phase -> {})) {
        Calibration cost = Calibration.measure(config, run, hooks, validation);
        time = times(config, cost, validation, checkpoint, hooks);
        measured = cost.steps();
      }
    }
    long sequences = config.training().sequences(config.training().steps());
    double epochs = Training.checkData(config, data).epochs(sequences);
    return new RunPlan(
        config,
        size,
        vocabulary,
        path.label(),
        OptionalDouble.of(epochs),
        memory.terms(),
        checkpoint,
        time,
        measured);
  }

  /**
   * What it trains on.
   *
   * @return tokens of all steps
   */
  public long tokens() {
    return config.tokens();
  }

  /**
   * Checkpoints on the disk at a time: those kept, the best one, and one being written.
   *
   * @return how many, at most
   */
  public int checkpoints() {
    return config.training().keepCheckpoints() + 2;
  }

  /**
   * Memory at the peak.
   *
   * @return bytes
   */
  public long peakBytes() {
    return memory.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The whole time.
   *
   * @return seconds; 0 where nothing was measured
   */
  public double seconds() {
    return time.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Seconds of each part of a run. */
  static Map<String, Double> times(
      RunConfig config,
      Calibration cost,
      long validationTokens,
      long checkpointBytes,
      List<TrainingHook> hooks) {
    TrainConfig training = config.training();
    long steps = training.steps();
    long evaluated = evaluatedTokens(training, validationTokens);
    long measured =
        LongStream.rangeClosed(1, steps)
            .filter(step -> hooks.stream().anyMatch(hook -> hook.wants(step)))
            .count();
    long gradients = TrainingHook.Cost.ofRun(training, hooks).gradients();
    long saved = before(steps, training.checkpointEvery()) + 1;
    Map<String, Double> parts = new LinkedHashMap<>();
    double whole = config.tokens() / (double) config.tokensPerStep(); // batches
    parts.put("training", whole * cost.secondsPerStep());
    parts.put("validation", evaluated * cost.secondsPerValidationToken());
    parts.put(
        "measurements",
        measured * cost.secondsPerMeasurement()
            + steps * cost.secondsPerFollow()
            + gradients * cost.secondsPerProbeGradient());
    parts.put("checkpoints", saved * checkpointBytes * cost.secondsPerCheckpointByte());
    return parts;
  }

  /** Weights, those that are read out beside them, and numbers of state. */
  static long checkpointBytes(RunConfig config, ModelSize size, long state) {
    int copies = config.training().readout() == Readout.TRAINED ? 1 : 2;
    return 4 * (copies * size.parameters() + state);
  }

  /** Tokens of all validations: before the first step, on the way, and all of them at the end. */
  static long evaluatedTokens(TrainConfig training, long validationTokens) {
    long each =
        training.evalTokens() == 0
            ? validationTokens
            : Math.min(validationTokens, training.evalTokens());
    return evaluatedTokens(training, each, validationTokens);
  }

  /** The same, with the tokens of the last validation apart. */
  static long evaluatedTokens(TrainConfig training, long each, long last) {
    int every = training.evalEvery();
    long steps = training.steps();
    boolean readout = training.readoutFrom() <= steps;
    long again = readout ? before(steps, every) - before(training.readoutFrom(), every) : 0;
    return (1 + before(steps, every) + again) * each + (readout ? 2 : 1) * last;
  }

  /** How often something due every so many steps happens before a step. */
  private static long before(long steps, int every) {
    return every == 0 ? 0 : (steps - 1) / every;
  }
}
