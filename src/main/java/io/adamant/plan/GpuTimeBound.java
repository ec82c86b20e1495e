package io.adamant.plan;

import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.model.ModelSize;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The least time that a run takes on a GPU by the data sheet: every product at the stated rate of
 * its number format, every other pass at the stated rate of memory, one after the other as they are
 * on one stream. Left out, so that it stays a bound: launches, the embedding's rows, checkpoints,
 * measurements' reading, Muon's own products. What a cache larger than a pass's tensors saves is
 * left out too. Bytes are counted as {@code src/test/bench/traffic.py} counts them, which gives the
 * same on the kernels themselves.
 *
 * <p>Names as in {@link MemoryModel}. Models of composed passes move at least as much as those of
 * {@code gpt_gpu.py} would for their shapes, so what these need is their bound too.
 */
final class GpuTimeBound {

  private final RunConfig config;
  private final ModelSize size;
  private final GpuCard card;
  private final long stateElements;
  private final boolean recompute;
  private final boolean bf16;
  private final long e;
  private final long c;
  private final long f;
  private final long u;
  private final long q;
  private final long qkv;
  private final long layers;
  private final long reached; // by the backward pass

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
    recompute = config.training().checkpointActivations();
    bf16 = config.training().precision() == Precision.BF16;
    e = bf16 ? 2 : 4;
    c = config.model().width();
    f = config.model().mlpHidden();
    u = (config.model().mlp().gated() ? 2 : 1) * f;
    q = (long) config.model().heads() * config.model().headSize();
    qkv = q + 2L * config.model().keyHeads() * config.model().headSize();
    layers = config.model().layers();
    reached = layers - size.layersBelow();
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
    TrainConfig training = config.training();
    long tokens = config.tokens();
    long microBatches = tokens / (config.tokensPerStep() / training.accumulation());
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

  /**
   * {@link #flopsOnce} and, of layers that are computed again, those of their matrices and 2 L Q T.
   */
  long flopsPerToken() {
    long again = reached * (2 * c * (qkv + q + u + f) + 2 * size.attention() / layers);
    return flopsOnce() + (recompute ? again : 0);
  }

  /**
   * Where nothing is frozen 6 (N - V C) + 6 L Q T: {@link ModelSize#flopsPerToken} with half of
   * attention's products, since no query needs a later key.
   */
  private long flopsOnce() {
    return size.flopsPerToken() - size.attentionFlops() / 2;
  }

  /** {@link #bytesOnce} and, of layers that are computed again, their forward pass. */
  long bytesPerToken() {
    return bytesOnce(reached) + (recompute ? reached * (layerForwardBytes() + e * (qkv + q)) : 0);
  }

  /**
   * Bytes that a token's passes read and write, over all layers, some of them back, and the head.
   */
  private long bytesOnce(long back) {
    long forward = layerForwardBytes() + e * (qkv + q);
    long backward = layerBackwardBytes() + attentionBytes() - e * (qkv + q);
    return layers * forward + back * backward + headBytes();
  }

  /** Reading a float32 number and writing it in the products' format, if that is another. */
  private long conversion() {
    return bf16 ? 4 + e : 0;
  }

  /**
   * In bfloat16 64 C + 10 F, in float32 84 C + 20 F. Each norm reads float32 twice and writes its
   * rows: 2 C (8 + e); queries and keys turn, values are copied; each residual is read and written
   * and a product added, the first of them within the product in float32: C (8 + e); SwiGLU: 5 e F,
   * another activation 2 e F.
   */
  private long layerForwardBytes() {
    long residuals = (bf16 ? 2 : 1) * c * (8 + e);
    return 2 * c * (8 + e) + rotationBytes() + residuals + (u > f ? 5 : 2) * e * f;
  }

  /**
   * In bfloat16 84 C + 18 F, in float32 128 C + 36 F. The gradient by the residual stream is
   * converted twice; each norm takes 7 e C and adds to that gradient, C (8 + e); SwiGLU: 9 e F,
   * another activation 3 e F.
   */
  private long layerBackwardBytes() {
    return 2 * c * conversion() + 2 * c * (8 + 8 * e) + rotationBytes() + (u > f ? 9 : 3) * e * f;
  }

  /** Queries and keys: five numbers for one that turns, two for a copy; and the values. */
  private long rotationBytes() {
    long heads = (long) config.model().heads() + config.model().keyHeads();
    return e * (3 * heads * config.model().rotaryDims() + 2 * qkv);
  }

  /**
   * C (12 e + 4); in bfloat16 28 C. Forward q, k, v in and y out; backward those four and y's
   * gradient in, three gradients out; the query's gradient is summed up in float32.
   */
  private long attentionBytes() {
    return 3 * e * (qkv + q) + 4 * q;
  }

  /**
   * In bfloat16 20 V + 34 C, in float32 16 V + 56 C: logits to float32, log-softmax 8 V, its
   * exponential (4 + e) V; the final norm and its gradient C (12 + 11 e).
   */
  private long headBytes() {
    return size.vocabulary() * (conversion() + 8 + 4 + e) + c * (12 + 11 * e);
  }

  /**
   * Bytes of a micro-batch that do not grow with it, or by the head's chunks only: of every weight
   * in a product. One that a gain is folded into takes 8 and its conversion; its gradient 20 + 2 e,
   * as it is multiplied by weight and gain. The other ones' gradients are added, e + 8, in float32
   * within the product. The head's is summed up in float32 over the chunks before that. A frozen
   * weight has no gradient.
   */
  long bytesPerMicroBatch() {
    long added = bf16 ? e + 8 : 0;
    long behindNorm = trained(".attention.qkv", ".mlp.up");
    long folded =
        layers * c * (qkv + u) * ((size.fused() ? 8 : 0) + conversion())
            + behindNorm * (size.fused() ? 20 + 2 * e : added);
    long plain =
        layers * c * (q + f) * conversion() + trained(".attention.out", ".mlp.down") * added;
    GpuMemoryModel memory = new GpuMemoryModel(config, size, stateElements, 0);
    long chunks = (memory.rows() + memory.chunk() - 1) / memory.chunk();
    long ofHead = memory.headTrained ? chunks * added + (size.fused() ? 40 : 0) : 0;
    return folded + plain + size.vocabulary() * c * (conversion() + ofHead);
  }

  /** Numbers of the layers' weights of two kinds, as far as they are trained. */
  private long trained(String kind, String other) {
    return size.shapes().entrySet().stream()
        .filter(entry -> entry.getKey().endsWith(kind) || entry.getKey().endsWith(other))
        .filter(entry -> !size.frozen().contains(entry.getKey()))
        .mapToLong(entry -> entry.getValue().size())
        .sum();
  }

  /**
   * Bytes of an optimizer's step: weights, gradients and state are read, weights and state written,
   * 4 (3 N + 2 S) with N trained parameters and S numbers of state; 28 N for AdamW's two each.
   */
  long bytesPerStep() {
    return 4 * (3 * size.trained() + 2 * stateElements);
  }

  /** A validation token has a forward pass only: a third of what training of the whole takes. */
  private double evaluationSecondsPerToken() {
    long flops = 6 * size.multiplied() + 6 * size.attention();
    return (flops / flopsPerSecond() + bytesOnce(layers) / bytesPerSecond()) / 3;
  }
}
