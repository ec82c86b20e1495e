package io.adamant.train;

import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The least time that a run takes on a GPU by the data sheet: every product at the stated rate of
 * its number format, every other pass at the stated rate of memory, one after the other as they are
 * on one stream. Left out, so that it stays a bound: launches, the embedding's rows, checkpoints,
 * measurements' reading, Muon's own products. What a cache larger than a pass's tensors saves is
 * left out too.
 *
 * <p>C width, F hidden width, L layers, V vocabulary as padded, T context, N parameters, e bytes of
 * a product's number (2 in bfloat16, else 4).
 */
final class GpuTimeBound {

  private final RunConfig config;
  private final ModelSize size;
  private final GpuCard card;
  private final long stateElements;
  private final boolean recompute;
  private final long converted;
  private final long e;
  private final long c;
  private final long f;
  private final long layers;

  /**
   * A bound.
   *
   * @param config with its micro-batch in numbers
   * @param size of its model
   * @param card to train on
   * @param stateElements numbers that the optimizers remember
   */
  GpuTimeBound(RunConfig config, ModelSize size, GpuCard card, long stateElements) {
    this.config = config;
    this.size = size;
    this.card = card;
    this.stateElements = stateElements;
    converted = new GpuMemoryModel(config, size, stateElements, 0).convertedElements();
    recompute = config.training().checkpointActivations();
    e = config.training().precision() == Precision.BF16 ? 2 : 4;
    c = config.model().width();
    f = config.model().mlpHidden();
    layers = config.model().layers();
  }

  /**
   * Seconds of each part of a run.
   *
   * @param evaluatedTokens of all validations
   * @param probeGradients of whole batches, that hooks take
   */
  Map<String, Double> parts(long evaluatedTokens, long probeGradients) {
    Map<String, Double> parts = training();
    double gradient = parts.values().stream().mapToDouble(s -> s).sum() - optimizer();
    parts.put("validation", evaluatedTokens * evaluationSecondsPerToken());
    if (probeGradients > 0) {
      parts.put("measurements", probeGradients * gradient / config.training().steps());
    }
    return parts;
  }

  /** Seconds of the parts that training itself has. */
  Map<String, Double> training() {
    TrainingConfig training = config.training();
    long tokens = training.steps() * config.tokensPerStep();
    long microBatches = (long) training.steps() * training.accumulation();
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("products", tokens * (double) flopsPerToken() / flopsPerSecond());
    parts.put("elementwise passes", tokens * (double) bytesPerToken() / bytesPerSecond());
    parts.put(
        "weights, gradients", microBatches * (double) bytesPerMicroBatch() / bytesPerSecond());
    parts.put("optimizer step", optimizer());
    return parts;
  }

  private double optimizer() {
    return config.training().steps() * (double) bytesPerStep() / bytesPerSecond();
  }

  private double flopsPerSecond() {
    return card.tflops(config.training()) * 1e12;
  }

  private double bytesPerSecond() {
    return card.gigabytesPerSecond() * 1e9;
  }

  /** {@link #flopsOnce} and, of layers that are computed again, 2 L (4 C^2 + 3 C F) + 2 L C T. */
  long flopsPerToken() {
    return flopsOnce() + (recompute ? 2 * layers * (4 * c * c + 3 * c * f) + 2 * attention() : 0);
  }

  /**
   * 6 (N - V C) + 6 L C T: unlike {@link ModelSize#flopsPerToken} with half of attention's
   * products, since no query needs a later key.
   */
  private long flopsOnce() {
    return 6 * multiplied() + 6 * attention();
  }

  private long attention() {
    return layers * c * config.model().context();
  }

  /** Parameters but the embedding's. */
  private long multiplied() {
    return size.parameters() - size.vocabulary() * c;
  }

  /** {@link #bytesOnce} and, of layers that are computed again, their forward pass. */
  long bytesPerToken() {
    return bytesOnce() + (recompute ? layers * (layerForwardBytes() + 4 * e * c) : 0);
  }

  /** Bytes that a token's passes read and write, over all layers and the head. */
  private long bytesOnce() {
    return layers * (layerForwardBytes() + layerBackwardBytes() + attentionBytes()) + headBytes();
  }

  /**
   * C (24 + 18 e) + 5 e F; in bfloat16 60 C + 10 F. The residual stream in float32 is read by two
   * norms, and read and written by two additions: 24 C.
   */
  private long layerForwardBytes() {
    return c * (24 + 18 * e) + 5 * e * f;
  }

  /**
   * C (24 + 30 e) + 9 e F; in bfloat16 84 C + 18 F. The two norms read their float32 inputs, and
   * read and write the residual stream's gradient: 24 C.
   */
  private long layerBackwardBytes() {
    return c * (24 + 30 * e) + 9 * e * f;
  }

  /**
   * C (12 e + 4); in bfloat16 28 C. Forward q, k, v in and y out; backward those four and y's
   * gradient in, three gradients out; the query's gradient is summed up in float32.
   */
  private long attentionBytes() {
    return c * (12 * e + 4);
  }

  /** V (20 + 4 e) + C (18 + 6 e); in bfloat16 28 V + 30 C, the final norm included. */
  private long headBytes() {
    return size.vocabulary() * (20 + 4 * e) + c * (18 + 6 * e);
  }

  /**
   * Bytes of a micro-batch that do not grow with it: (4 + e) a converted weight, and (e + 8) to add
   * a product's gradient to what was there.
   */
  long bytesPerMicroBatch() {
    return (4 + e) * converted + (e + 8) * multiplied();
  }

  /**
   * Bytes of an optimizer's step: weights, gradients and state are read, weights and state written,
   * 4 (3 N + 2 S) with S numbers of state; 28 N for AdamW's two a parameter.
   */
  long bytesPerStep() {
    return 4 * (3 * size.parameters() + 2 * stateElements);
  }

  /** A validation token has a forward pass only: a third of what training takes. */
  private double evaluationSecondsPerToken() {
    return (flopsOnce() / flopsPerSecond() + bytesOnce() / bytesPerSecond()) / 3;
  }
}
