package io.adamant.train;

import io.adamant.config.RunConfig;
import io.adamant.config.TrainingConfig;
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

  /** Seconds of each part of a run. */
  static Map<String, Double> times(
      RunConfig config,
      Calibration cost,
      long validationTokens,
      long checkpointBytes,
      List<TrainingHook> hooks) {
    TrainingConfig training = config.training();
    long steps = training.steps();
    long each =
        training.evalTokens() == 0
            ? validationTokens
            : Math.min(validationTokens, training.evalTokens());
    long evaluated = each + before(steps, training.evalEvery()) * each + validationTokens;
    long measured =
        LongStream.rangeClosed(1, steps)
            .filter(step -> hooks.stream().anyMatch(hook -> hook.wants(step)))
            .count();
    long saved = before(steps, training.checkpointEvery()) + 1;
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("training", steps * cost.secondsPerStep());
    parts.put("validation", evaluated * cost.secondsPerValidationToken());
    parts.put("measurements", measured * cost.secondsPerMeasurement());
    parts.put("checkpoints", saved * checkpointBytes * cost.secondsPerCheckpointByte());
    return parts;
  }

  /** How often something due every so many steps happens before the last step. */
  private static long before(long steps, int every) {
    return every == 0 ? 0 : (steps - 1) / every;
  }
}
