package io.adamant.train;

import ai.djl.Device;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.model.KernelPath;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * What a run will take, told before it runs.
 *
 * @param size of the model
 * @param vocabulary of the tokenizer, before padding
 * @param kernelPath which arithmetic it will use
 * @param tokens that it will train on
 * @param epochs how often it reads the training text
 * @param memory bytes of each part of the peak
 * @param checkpointBytes of one checkpoint
 * @param checkpoints how many are on the disk at the same time, at most
 * @param time seconds of each part; empty where nothing was measured
 * @param measuredSteps steps that the times rest on
 */
public record RunPlan(
    ModelSize size,
    int vocabulary,
    String kernelPath,
    long tokens,
    double epochs,
    Map<String, Long> memory,
    long checkpointBytes,
    int checkpoints,
    Optional<Map<String, Double>> time,
    int measuredSteps) {

  /** Copies the maps in their order. */
  public RunPlan {
    memory = Collections.unmodifiableMap(new LinkedHashMap<>(memory));
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
   * @return seconds; empty where nothing was measured
   */
  public Optional<Double> seconds() {
    return time.map(parts -> parts.values().stream().mapToDouble(Double::doubleValue).sum());
  }

  /** Bytes of each part of a run's peak: of this process on a CPU, of the card on a GPU. */
  static Map<String, Long> memory(
      RunConfig config, ModelSize size, KernelPath path, Device device, long state, int copies) {
    return device.isGpu() && path.fusedAttention()
        ? new GpuMemoryModel(config, size, state, copies).terms()
        : new MemoryModel(config, size, path, state, copies)
            .terms(ProcessMemory.resident().orElse(0));
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
    long measured = wanted(steps, hooks).count();
    long gradients = probeGradients(training, hooks);
    long saved = before(steps, training.checkpointEvery()) + 1;
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("training", steps * cost.secondsPerStep());
    parts.put("validation", evaluated * cost.secondsPerValidationToken());
    parts.put(
        "measurements",
        measured * cost.secondsPerMeasurement() + gradients * cost.secondsPerProbeGradient());
    parts.put("checkpoints", saved * checkpointBytes * cost.secondsPerCheckpointByte());
    return parts;
  }

  /** Tokens of all validations: before the first step, on the way, and all of them at the end. */
  static long evaluatedTokens(TrainConfig training, long validationTokens) {
    long each =
        training.evalTokens() == 0
            ? validationTokens
            : Math.min(validationTokens, training.evalTokens());
    return each + before(training.steps(), training.evalEvery()) * each + validationTokens;
  }

  /** Gradients of whole batches that hooks ask for in a run. */
  static long probeGradients(TrainConfig training, List<TrainingHook> hooks) {
    return wanted(training.steps(), hooks)
        .mapToObj(step -> hookCost(step, training, hooks))
        .mapToLong(TrainingHook.Cost::gradients)
        .sum();
  }

  /** Checkpoints on the disk at a time: those kept, the best one, and one being written. */
  static int checkpoints(TrainConfig training) {
    return training.keepCheckpoints() + 2;
  }

  /** Copies of all parameters that hooks hold beside a step's activations, at most. */
  static int hookCopies(TrainConfig training, List<TrainingHook> hooks) {
    return wanted(training.steps(), hooks)
        .mapToObj(step -> hookCost(step, training, hooks))
        // The last micro-batch's copy is taken when its activations are gone.
        .mapToInt(c -> c.gradients() > 0 ? c.copies() : Math.max(0, c.copies() - 1))
        .max()
        .orElse(0);
  }

  private static LongStream wanted(long steps, List<TrainingHook> hooks) {
    return LongStream.rangeClosed(1, steps)
        .filter(step -> hooks.stream().anyMatch(hook -> hook.wants(step)));
  }

  /** What all hooks take on a step. */
  private static TrainingHook.Cost hookCost(
      long step, TrainConfig training, List<TrainingHook> hooks) {
    int gradients = 0;
    int copies = 0;
    for (TrainingHook hook : hooks) {
      if (hook.wants(step)) {
        TrainingHook.Cost cost = hook.cost(step, training.accumulation());
        gradients += cost.gradients();
        copies += cost.copies();
      }
    }
    return new TrainingHook.Cost(gradients, copies);
  }

  /** Whether a hook asks for gradients of its own in the run. */
  static boolean probes(TrainConfig training, List<TrainingHook> hooks) {
    return probeGradients(training, hooks) > 0;
  }

  /** How often something due every so many steps happens before the last step. */
  private static long before(long steps, int every) {
    return every == 0 ? 0 : (steps - 1) / every;
  }
}
