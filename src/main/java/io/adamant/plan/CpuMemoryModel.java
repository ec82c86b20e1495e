package io.adamant.plan;

import io.adamant.config.ModelConfig;
import io.adamant.config.RunConfig;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.train.ProcessMemory;
import java.util.Map;

/** Peak memory of a process that trains on a CPU. */
final class CpuMemoryModel extends MemoryModel {

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
  private static final long QUERY_BLOCK = 64; // as gpt_parts.py has it

  private final KernelPath path;

  /** As {@link MemoryModel}, with the path of the run's kernels. */
  CpuMemoryModel(RunConfig config, ModelSize size, KernelPath path, long state, long hookNumbers) {
    super(config, size, path.linear() == KernelPath.Linear.BF16, CHUNK_LOGITS, state, hookNumbers);
    this.path = path;
  }

  @Override
  void putRuntime(Map<String, Long> terms) {
    terms.put("JVM and libtorch", ProcessMemory.resident().orElse(0) + RUNTIME);
  }

  @Override
  void putPassing(Map<String, Long> terms) {
    terms.put("activations", activations());
  }

  @Override
  double fragmentation() {
    double explicit = bf16 ? FRAGMENTATION_EXPLICIT_BF16 : FRAGMENTATION_EXPLICIT_FP32;
    double ofActivations = path.fusedAttention() ? FRAGMENTATION : explicit;
    return ofActivations * activations() + FRAGMENTATION * largestTemporary();
  }

  /** What the forward pass keeps for the backward pass: layers, or their inputs and one layer. */
  long activations() {
    long inputs = rows * 4 * c; // of a layer, in float32
    return recompute ? kept * inputs + layer() : kept * layer() + inputs;
  }

  private long layer() {
    ModelConfig model = size.config();
    // explicit: a block of queries keeps the keys up to its end, about half of them
    long keys = Math.min(model.context(), (model.context() + QUERY_BLOCK) / 2);
    long attention = path.fusedAttention() ? 4L * model.heads() : e * model.heads() * keys;
    long weights = bf16 ? 2 * matrices() : 0; // its copies
    return keptByLayer(path.fusedAttention()) + rows * attention + weights;
  }

  /** The output head: a chunk of logits, their softmax and gradient, and the weight's gradient. */
  @Override
  long head() {
    long v = size.vocabulary();
    long capped = size.config().logitCap() > 0 ? 4 : 0; // its square
    long logits = chunk() * v * (4 + 4 + capped + (bf16 ? 2 + 2 : 0));
    long frozen = bf16 ? 2 * v * c : 0; // its copy all the same
    return logits + rows * c * (4 + e) + (headTrained ? weightGradient(v * c) : frozen);
  }

  /** A layer's backward pass: gradients of what it kept, and one weight's. */
  @Override
  long layerBackward() {
    long kept = e * (u + f + 2 * c + qkv + 2 * q);
    return rows * (kept + 4 * 5 * c) + weightGradient(c * Math.max(qkv, u));
  }

  /** A product's result before it is added, and in bfloat16 the weight's copy. */
  private long weightGradient(long elements) {
    return elements * (bf16 ? 2 + 2 : 4);
  }
}
