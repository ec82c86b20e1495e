package io.adamant.results;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A line of {@code metrics.jsonl}.
 *
 * @param step 1 after the first update
 * @param tokens seen so far
 * @param learningRate of this step
 * @param trainLoss mean cross-entropy of this step's batch before the update, nats
 * @param gradientNorm global norm before clipping
 * @param tokensPerSecond training throughput since the line before the last read of the device
 * @param skipped whether the guard left the step out
 * @param more further keys: {@code val_loss}, {@code groups}
 */
public record StepMetrics(
    long step,
    long tokens,
    double learningRate,
    double trainLoss,
    double gradientNorm,
    double tokensPerSecond,
    boolean skipped,
    Map<String, Object> more) {

  /** Copies the map. */
  public StepMetrics {
    more = new LinkedHashMap<>(more);
  }

  /**
   * The line as keys and values; JSON has no NaN, so what is not finite becomes null.
   *
   * @return in the order of the file
   */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(Metrics.STEP, step);
    map.put(Metrics.TOKENS, tokens);
    map.put(Metrics.LEARNING_RATE, learningRate);
    map.put(Metrics.TRAIN_LOSS, finite(trainLoss));
    map.put(Metrics.GRADIENT_NORM, finite(gradientNorm));
    map.put(Metrics.TOKENS_PER_SECOND, finite(tokensPerSecond));
    map.put(Metrics.SKIPPED, skipped);
    map.putAll(more);
    return map;
  }

  /**
   * The same line with further keys.
   *
   * @param fields what a hook or an evaluation measured
   * @return the line
   */
  public StepMetrics with(Map<String, Object> fields) {
    Map<String, Object> all = new LinkedHashMap<>(more);
    all.putAll(fields);
    return new StepMetrics(
        step, tokens, learningRate, trainLoss, gradientNorm, tokensPerSecond, skipped, all);
  }

  /**
   * A number as JSON can hold it.
   *
   * @param value any
   * @return the value, or null if it is not finite
   */
  public static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
