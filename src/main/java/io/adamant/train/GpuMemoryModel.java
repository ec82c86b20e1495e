package io.adamant.train;

import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Peak memory of a run on a GPU, term by term, from the shapes of what the kernels keep there.
 * Attention is fused: no T x T matrix. Two terms are allowances and no results of counting: {@link
 * #RUNTIME} and {@link #FRAGMENTATION}.
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

  /**
   * Weights that are kept in another form for a whole pass: in bfloat16 all of a layer, 4 C^2 + 3 C
   * F; in float32 those that a factor is folded into, 3 C^2 + 2 C F; and V C of the head.
   */
  long convertedElements() {
    long layer = bf16 ? 4 * c * c + 3 * c * f : 3 * c * c + 2 * c * f;
    return layers * layer + size.vocabulary() * c;
  }

  /** What the forward pass keeps: L layers or, where they are computed again, inputs and one. */
  long activations() {
    return recompute ? layers * rows * 4 * c + layer() : layers * layer();
  }

  /**
   * R (e (8 C + 4 F) + 4 H + 8): n1, q, k and v, q and k rotated, attention's output and n2 make 8
   * C; up (2 F), its silu and h make 4 F; 4 H are attention's sums, 8 the norms'.
   */
  private long layer() {
    return rows * (e() * (8 * c + 4 * f) + 4L * size.config().heads() + 8);
  }

  /** The residual stream and its gradient, in float32: 2 R 4 C. */
  long residuals() {
    return 2 * rows * 4 * c;
  }

  /**
   * The output head, a chunk of r = min(R, max(256, 2^27 / V)) rows at a time: r V (e + 4 + 4) of
   * logits, the same in float32, and gradient; R C (2 e + 4) of inputs and their gradients; e V C
   * of the weight's gradient.
   */
  long head() {
    long v = size.vocabulary();
    long chunk = Math.min(rows, Math.max(CHUNK_ROWS, CHUNK_LOGITS / v));
    return chunk * v * (e() + 4 + 4) + rows * c * (2 * e() + 4) + e() * v * c;
  }

  /**
   * A layer's backward pass: R (4 C + e max(3 C + 3 F, 8 C)) of gradients of what it kept, in the
   * MLP or in attention; 4 R C of attention's sums in float32; e C max(3 C, 2 F) of one weight's
   * gradient.
   */
  long layerBackward() {
    long gradients = rows * (4 * c + e() * Math.max(3 * c + 3 * f, 8 * c));
    return gradients + 4 * rows * c + e() * c * Math.max(3 * c, 2 * f);
  }
}
