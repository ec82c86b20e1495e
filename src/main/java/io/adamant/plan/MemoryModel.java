package io.adamant.plan;

import io.adamant.config.ModelConfig;
import io.adamant.config.RunConfig;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Peak memory of a run on a CPU, term by term, from the shapes of what the kernels keep. Each term
 * is a method; a change of a kernel changes one.
 *
 * <p>M = b T rows of a micro-batch, C width, F hidden width, H heads, L layers, V vocabulary, e
 * bytes of a product's number (2 in bfloat16, else 4).
 */
final class MemoryModel {

  /** What the engine, compiled kernels and Java's own heap add to a process while it trains. */
  static final long RUNTIME = 70L << 20;

  /**
   * Room that the allocator loses between blocks, as a share of what comes and goes in a step. The
   * shares of activations are fitted to the eight models of {@code exactness.md}: explicit
   * attention's blocks have sizes of their own and leave more between them.
   */
  private static final double FRAGMENTATION = 0.15;

  private static final double FRAGMENTATION_EXPLICIT_FP32 = 0.65;
  private static final double FRAGMENTATION_EXPLICIT_BF16 = 0.35;

  private static final long CHUNK_LOGITS = 1L << 21; // as GptKernels has it
  private static final long CHUNK_ROWS = 256;
  private static final long QUERY_BLOCK = 64; // as gpt_parts.py has it

  private final ModelSize size;
  private final KernelPath path;
  private final long rows;
  private final long stateElements;
  private final boolean recompute;
  private final int copies;

  /**
   * A model of a run's memory.
   *
   * @param config resolved
   * @param size of its model
   * @param path of its kernels
   * @param stateElements numbers that the optimizers remember
   * @param copies of all parameters that hooks hold at a time
   */
  MemoryModel(RunConfig config, ModelSize size, KernelPath path, long stateElements, int copies) {
    this.size = size;
    this.path = path;
    this.stateElements = stateElements;
    this.copies = copies;
    recompute = config.training().checkpointActivations();
    rows = (long) config.training().microBatch() * config.model().context();
  }

  private double fragmentation() {
    if (path.fusedAttention()) {
      return FRAGMENTATION;
    }
    return e() == 2 ? FRAGMENTATION_EXPLICIT_BF16 : FRAGMENTATION_EXPLICIT_FP32;
  }

  private long e() {
    return path.linear() == KernelPath.Linear.BF16 ? 2 : 4;
  }

  /** Bytes of each part, in the order of listings; they add up to the peak. */
  Map<String, Long> terms(long base) {
    long transients = Math.max(head(), layerBackward());
    Map<String, Long> terms = new LinkedHashMap<>();
    terms.put("JVM and libtorch", base + RUNTIME);
    putHeld(terms, size, stateElements);
    terms.put("activations", activations());
    terms.put("largest temporary", transients);
    terms.put("measurements", 4L * copies * size.parameters());
    double lost = fragmentation() * activations() + FRAGMENTATION * transients;
    terms.put("allocator", Math.round(lost));
    return terms;
  }

  /** What is held from the first step to the last, on any device, in float32. */
  static void putHeld(Map<String, Long> terms, ModelSize size, long stateElements) {
    terms.put("weights", 4 * size.parameters());
    terms.put("gradients", 4 * size.parameters());
    terms.put("optimizer state", 4 * stateElements);
  }

  /** What the forward pass keeps for the backward pass: every layer, or inputs and one layer. */
  long activations() {
    long layers = size.config().layers();
    long inputs = rows * 4 * size.config().width(); // of a layer, in float32
    return recompute ? layers * inputs + layer() : layers * layer() + inputs;
  }

  private long layer() {
    ModelConfig model = size.config();
    long c = model.width();
    long f = model.mlpHidden();
    // x, x2 in float32; n1, q, k, v, y, rows, n2 and up (2F), its silu, h in the products' format
    long numbers = 4 * 2 * c + e() * (7 * c + 4 * f);
    // explicit: a block of queries keeps the keys up to its end, about half of them
    long keys = Math.min(model.context(), (model.context() + QUERY_BLOCK) / 2);
    long attention = path.fusedAttention() ? 4L * model.heads() : e() * model.heads() * keys;
    long weights = e() == 2 ? 2 * (4 * c * c + 3 * c * f) : 0; // its copies
    return rows * (numbers + attention + 8) + weights;
  }

  /** The output head: a chunk of logits, their softmax and gradient, and the weight's gradient. */
  long head() {
    long c = size.config().width();
    long v = size.vocabulary();
    long chunk = Math.min(rows, Math.max(CHUNK_ROWS, CHUNK_LOGITS / v));
    long logits = chunk * v * (4 + 4 + (e() == 2 ? 2 + 2 : 0));
    return logits + rows * c * (4 + e()) + weightGradient(v * c);
  }

  /** A layer's backward pass: gradients of what it kept, and one weight's. */
  long layerBackward() {
    long c = size.config().width();
    long f = size.config().mlpHidden();
    return rows * (e() * (3 * f + 7 * c) + 4 * 5 * c) + weightGradient(c * Math.max(3 * c, 2 * f));
  }

  /** A product's result before it is added, and in bfloat16 the weight's copy. */
  private long weightGradient(long elements) {
    return elements * (e() == 2 ? 2 + 2 : 4);
  }
}
