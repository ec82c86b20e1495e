package io.adamant.train;

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
    map.put("step", step);
    map.put("tokens", tokens);
    map.put("lr", learningRate);
    map.put("train_loss", finite(trainLoss));
    map.put("grad_norm", finite(gradientNorm));
    map.put("tokens_per_s", finite(tokensPerSecond));
    map.put("skipped", skipped);
    map.putAll(more);
    return map;
  }

  static Object finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
