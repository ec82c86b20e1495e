package io.adamant.plan;

import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.model.ModelSize;
import java.util.Map;

/**
 * Peak memory of a run on a GPU, see {@code gpt_gpu.py}, or {@code gpt_layers.py} where the passes
 * are composed. Attention is fused: it keeps no T x T matrix. Two terms are allowances and no
 * results of counting: {@link #RUNTIME} and {@link #FRAGMENTATION}.
 */
final class GpuMemoryModel extends MemoryModel {

  /** Allowance for CUDA's context, its libraries' code and their working memory: 0.8 GiB. */
  static final long RUNTIME = (8L << 30) / 10;

  /** Allowance for room lost between blocks, as a share of what comes and goes in a step. */
  static final double FRAGMENTATION = 0.05;

  private static final long CHUNK_LOGITS = 1L << 27;

  /** As {@link MemoryModel}. */
  GpuMemoryModel(RunConfig config, ModelSize size, long state, long hookNumbers) {
    super(
        config,
        size,
        config.training().precision() == Precision.BF16,
        CHUNK_LOGITS,
        state,
        hookNumbers);
  }

  @Override
  void putRuntime(Map<String, Long> terms) {
    terms.put("CUDA and libraries", RUNTIME);
  }

  @Override
  void putPassing(Map<String, Long> terms) {
    terms.put("mask, rotary tables", tables());
    terms.put("converted weights", e * convertedElements());
    terms.put("activations", activations());
    terms.put("residual stream", residuals());
  }

  @Override
  double fragmentation() {
    long passing = e * convertedElements() + activations() + residuals() + largestTemporary();
    return FRAGMENTATION * passing;
  }

  /**
   * The causal mask (T, T) and cosines and sines for the dimensions that turn. Composed passes have
   * a mask where documents are borders, (b, T, T) in the products' format, and as much while it is
   * made.
   */
  long tables() {
    long context = size.config().context();
    long rotary = 4 * context * size.config().rotaryDims();
    if (composed) {
      return rotary + (documents ? 2 * e * rows * context : 0);
    }
    return 4 * context * context + rotary;
  }

  /**
   * A layer's weights that are kept in another form for a whole pass: in bfloat16 all its matrices;
   * in float32 those that a norm's gain is folded into, A C + U C, which composed passes do not.
   */
  long convertedElements() {
    return kept * (bf16 ? matrices() : composed ? 0 : c * (qkv + u));
  }

  /** What the forward pass keeps: layers or, where they are computed again, inputs and one. */
  long activations() {
    return recompute ? kept * rows * 4 * c + layer() : kept * layer();
  }

  /**
   * R (e (6 C + 4 F) + 4 H + 8): both norms' rows, q, k, v and attention's output make 6 C; up (2
   * F), its silu and h make 4 F; 4 H are attention's sums, 8 the norms'. Composed passes keep more.
   */
  private long layer() {
    if (composed) {
      return keptByLayer(true) + rows * 4L * size.config().heads();
    }
    return rows * (e * (6 * c + 4 * f) + 4L * size.config().heads() + 8);
  }

  /** The residual stream and its gradient, in float32: 2 R 4 C. */
  long residuals() {
    return 2 * rows * 4 * c;
  }

  /**
   * The output head: 2 e R C of the norm's rows and their gradient, (e + 4) V C of the weight with
   * its gain and of its gradient in float32, and the largest of: a chunk's logits, in bfloat16
   * those in float32 too, and their logarithms; a chunk's product before it is added; the weight's
   * gradient times the weight, 4 V C; the gradient times the rows, e R C. Where weight and gain are
   * frozen, there is no such gradient. Composed passes: norm's rows and the gradients by them and
   * by x, (e + 12) R C, and in bfloat16 the weight and a product before it is added.
   */
  @Override
  long head() {
    long v = size.vocabulary();
    long logits = chunk() * v;
    if (composed) {
      long capped = size.config().logitCap() > 0 ? 4 : 0;
      long chunk = logits * (4 + 4 + capped + (bf16 ? 2 * e : 0));
      return (e + 12) * rows * c + chunk + (bf16 ? (headTrained ? 2 : 1) * e * v * c : 0);
    }
    long summed = headTrained || !size.frozen().contains("final_norm.gain") ? 4 * v * c : 0;
    long product = logits * (e + 4) + (bf16 && summed > 0 ? e * v * c : 0);
    long softmax = logits * (bf16 ? e + 4 + 4 : 4 + 4);
    long most = Math.max(Math.max(softmax, product), Math.max(summed, e * rows * c));
    return 2 * e * rows * c + e * v * c + summed + most;
  }

  /**
   * A layer's backward pass: e R max(3 F + C, 7 C) of gradients of what it kept, in the MLP or in
   * attention; (e + 4) C max(3 C, 2 F) of a folded weight's gradient, and of that times the weight.
   * Composed passes also form the norm's gradient from 16 R C of float32 rows.
   */
  @Override
  long layerBackward() {
    if (composed) {
      long kept = e * Math.max(u + f + c, 2 * (qkv + q));
      return rows * (kept + 16 * c) + (bf16 ? e * c * Math.max(qkv, u) : 0);
    }
    return e * rows * Math.max(3 * f + c, 7 * c) + (e + 4) * c * Math.max(3 * c, 2 * f);
  }
}
