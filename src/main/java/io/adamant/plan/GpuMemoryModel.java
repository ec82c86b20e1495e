package io.adamant.plan;

import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.model.ModelSize;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Peak memory of a run on a GPU, term by term, from the shapes of what the kernels keep there. See
 * {@code gpt_gpu.py}. Attention is fused: it keeps no T x T matrix. Two terms are allowances and no
 * results of counting: {@link #RUNTIME} and {@link #FRAGMENTATION}.
 *
 * <p>R = b T rows of a micro-batch, C width, F hidden width, H heads, L layers, V vocabulary as
 * padded, N parameters, e bytes of a product's number (2 in bfloat16, else 4).
 */
final class GpuMemoryModel {

  /** Allowance for CUDA's context, its libraries' code and their working memory: 0.8 GiB. */
  static final long RUNTIME = (8L << 30) / 10;

  /** Allowance for room lost between blocks, as a share of what comes and goes in a step. */
  static final double FRAGMENTATION = 0.05;

  private static final long CHUNK_LOGITS = 1L << 27; // of the head on a GPU
  private static final long CHUNK_ROWS = 256;

  private final ModelSize size;
  private final long rows;
  private final long stateElements;
  private final boolean bf16;
  private final boolean recompute;
  private final int copies;
  private final long c;
  private final long f;
  private final long layers;

  /**
   * A model of a run's memory.
   *
   * @param config with its micro-batch in numbers
   * @param size of its model
   * @param stateElements numbers that the optimizers remember
   * @param copies of all parameters that hooks hold at a time
   */
  GpuMemoryModel(RunConfig config, ModelSize size, long stateElements, int copies) {
    this.size = size;
    this.stateElements = stateElements;
    this.copies = copies;
    bf16 = config.training().precision() == Precision.BF16;
    recompute = config.training().checkpointActivations();
    rows = (long) config.training().microBatch() * config.model().context();
    c = config.model().width();
    f = config.model().mlpHidden();
    layers = config.model().layers();
  }

  private long e() {
    return bf16 ? 2 : 4;
  }

  /** Bytes of each part, in the order of listings; they add up to the peak. */
  Map<String, Long> terms() {
    long temporary = Math.max(head(), layerBackward());
    Map<String, Long> terms = new LinkedHashMap<>();
    terms.put("CUDA and libraries", RUNTIME);
    MemoryModel.putHeld(terms, size, stateElements);
    terms.put("mask, rotary tables", tables());
    terms.put("converted weights", e() * convertedElements());
    terms.put("activations", activations());
    terms.put("residual stream", residuals());
    terms.put("largest temporary", temporary);
    terms.put("measurements", 4L * copies * size.parameters());
    long passing = e() * convertedElements() + activations() + residuals() + temporary;
    terms.put("allocator", Math.round(FRAGMENTATION * passing));
    return terms;
  }

  /** The peak. */
  long peak() {
    return terms().values().stream().mapToLong(Long::longValue).sum();
  }

  /** The causal mask (T, T) and cosines and sines for the dimensions that turn. */
  long tables() {
    long context = size.config().context();
    return 4 * context * (context + size.config().rotaryDims());
  }

  /**
   * A layer's weights that are kept in another form for a whole pass: in bfloat16 all, 4 C^2 + 3 C
   * F; in float32 those that a norm's gain is folded into, 3 C^2 + 2 C F.
   */
  long convertedElements() {
    return layers * (bf16 ? 4 * c * c + 3 * c * f : 3 * c * c + 2 * c * f);
  }

  /** What the forward pass keeps: L layers or, where they are computed again, inputs and one. */
  long activations() {
    return recompute ? layers * rows * 4 * c + layer() : layers * layer();
  }

  /**
   * R (e (6 C + 4 F) + 4 H + 8): both norms' rows, q, k, v and attention's output make 6 C; up (2
   * F), its silu and h make 4 F; 4 H are attention's sums, 8 the norms'.
   */
  private long layer() {
    return rows * (e() * (6 * c + 4 * f) + 4L * size.config().heads() + 8);
  }

  /** The residual stream and its gradient, in float32: 2 R 4 C. */
  long residuals() {
    return 2 * rows * 4 * c;
  }

  /** R, the rows of a micro-batch. */
  long rows() {
    return rows;
  }

  /** Rows of logits that the head holds at a time: min(R, max(256, 2^27 / V)). */
  long chunk() {
    return Math.min(rows, Math.max(CHUNK_ROWS, CHUNK_LOGITS / size.vocabulary()));
  }

  /**
   * The output head: 2 e R C of the norm's rows and their gradient, (e + 4) V C of the weight with
   * its gain and of its gradient in float32, and the largest of: a chunk's logits, in bfloat16
   * those in float32 too, and their logarithms; a chunk's product before it is added; the weight's
   * gradient times the weight, 4 V C; the gradient times the rows, e R C.
   */
  long head() {
    long v = size.vocabulary();
    long logits = chunk() * v;
    long product = logits * (e() + 4) + (bf16 ? e() * v * c : 0);
    long softmax = logits * (bf16 ? e() + 4 + 4 : 4 + 4);
    long most = Math.max(Math.max(softmax, product), Math.max(4 * v * c, e() * rows * c));
    return 2 * e() * rows * c + (e() + 4) * v * c + most;
  }

  /**
   * A layer's backward pass: e R max(3 F + C, 7 C) of gradients of what it kept, in the MLP or in
   * attention; (e + 4) C max(3 C, 2 F) of a folded weight's gradient, and of that times the weight.
   */
  long layerBackward() {
    return e() * rows * Math.max(3 * f + c, 7 * c) + (e() + 4) * c * Math.max(3 * c, 2 * f);
  }
}
