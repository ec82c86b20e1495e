package io.adamant.plan;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import io.adamant.config.Packing;
import io.adamant.config.Readout;
import io.adamant.config.Reduction;
import io.adamant.config.RunConfig;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.train.TrainingHook;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Peak memory of a run, term by term, from the shapes of what the kernels keep. Each term is a
 * method; a change of a kernel changes one.
 *
 * <p>R = b T rows of a micro-batch, C width, H query heads and K key heads of D dimensions, Q = H
 * D, A = Q + 2 K D the width of queries, keys and values, F hidden width of the MLP, U the width of
 * its first product (2 F where gated, else F), L layers, V vocabulary as padded, N parameters, e
 * bytes of a product's number (2 in bfloat16, else 4).
 */
abstract class MemoryModel {

  private static final long CHUNK_ROWS = 256;

  final ModelSize size;
  final boolean bf16;
  final boolean recompute;
  final long rows;
  final long e;
  final long c;
  final long f;
  final long u;
  final long q;
  final long qkv;
  final long layers;

  /**
   * Layers that the backward pass reaches, whose activations are kept; at a time at least one is.
   */
  final long kept;

  /** Whether the output head's weight takes a gradient. */
  final boolean headTrained;

  /** Whether the composed passes serve the run, and whether documents are attention's borders. */
  final boolean composed;

  final boolean documents;
  private final boolean readout;
  private final int halves; // sums that a tree of gradients keeps while it computes others
  private final long chunkLogits;
  private final long stateElements;
  private final long hookNumbers;

  /**
   * A model of a run's memory.
   *
   * @param config with its micro-batch in numbers
   * @param size of its model
   * @param bf16 whether products are formed in bfloat16
   * @param chunkLogits that the head holds at a time, at most
   * @param stateElements numbers that the optimizers remember
   * @param hookNumbers that hooks hold at a time
   */
  MemoryModel(
      RunConfig config,
      ModelSize size,
      boolean bf16,
      long chunkLogits,
      long stateElements,
      long hookNumbers) {
    this.size = size;
    this.bf16 = bf16;
    this.chunkLogits = chunkLogits;
    this.stateElements = stateElements;
    this.hookNumbers = hookNumbers;
    recompute = config.training().checkpointActivations();
    rows = (long) config.training().microBatch() * config.model().context();
    e = bf16 ? 2 : 4;
    c = config.model().width();
    f = config.model().mlpHidden();
    u = (config.model().mlp().gated() ? 2 : 1) * f;
    q = (long) config.model().heads() * config.model().headSize();
    qkv = q + 2L * config.model().keyHeads() * config.model().headSize();
    documents = config.data().packing() == Packing.DOCUMENTS;
    composed = documents || !size.fused();
    layers = config.model().layers();
    readout = config.training().readout() != Readout.TRAINED;
    halves =
        config.training().reduction() == Reduction.TREE
            ? Integer.SIZE - Integer.numberOfLeadingZeros(config.training().leaves() - 1)
            : 0;
    kept = Math.max(1, layers - size.layersBelow());
    headTrained =
        !size.frozen().contains(config.model().tied() ? "embedding.weight" : "head.weight");
  }

  /** The model of a run here: of this process on a CPU, of the card on a GPU. */
  static MemoryModel of(
      RunConfig config,
      ModelSize size,
      KernelPath path,
      Device device,
      long state,
      List<TrainingHook> hooks) {
    long held = hookNumbers(config, size, hooks);
    return device.isGpu() && path.fusedAttention()
        ? new GpuMemoryModel(config, size, state, held)
        : new CpuMemoryModel(config, size, path, state, held);
  }

  /**
   * Numbers that hooks hold at a time, at most. Copies are of what is trained; a probe's own model
   * has the rest too.
   */
  static long hookNumbers(RunConfig config, ModelSize size, List<TrainingHook> hooks) {
    int copies = TrainingHook.Cost.ofRun(config.training(), hooks).copies();
    Map<String, Shape> trained = new LinkedHashMap<>(size.shapes());
    trained.keySet().removeAll(size.frozen());
    long kept = hooks.stream().mapToLong(hook -> hook.numbers(trained)).sum();
    long frozen = size.parameters() - size.trained();
    return kept + (copies == 0 ? 0 : copies * size.trained() + frozen);
  }

  /** Bytes of each part, in the order of listings; they add up to the peak. */
  final Map<String, Long> terms() {
    Map<String, Long> terms = new LinkedHashMap<>();
    putRuntime(terms);
    terms.put("weights", 4 * size.parameters());
    terms.put("gradients", 4 * (1L + halves) * size.trained());
    terms.put("optimizer state", 4 * stateElements);
    if (readout) {
      terms.put("readout", 4 * size.parameters());
    }
    putPassing(terms);
    terms.put("largest temporary", largestTemporary());
    terms.put("measurements", 4 * hookNumbers);
    terms.put("allocator", Math.round(fragmentation()));
    return terms;
  }

  /** The peak. */
  final long peak() {
    return terms().values().stream().mapToLong(Long::longValue).sum();
  }

  /** What is there before the model is. */
  abstract void putRuntime(Map<String, Long> terms);

  /** What the forward pass keeps for the backward pass, and other tensors of a pass. */
  abstract void putPassing(Map<String, Long> terms);

  /** The output head's working memory. */
  abstract long head();

  /** The working memory of a layer's backward pass. */
  abstract long layerBackward();

  /** Bytes that the allocator loses between blocks. */
  abstract double fragmentation();

  /** Numbers of a layer's four matrices: A C + C Q + U C + C F. */
  final long matrices() {
    return c * (qkv + q + u + f);
  }

  /**
   * Bytes that a layer's forward pass of {@code gpt_layers.py} keeps, without explicit attention's
   * probabilities: what its norms read, in float32, C each, in a parallel layer the same; norms'
   * rows 2 C; q, k, v and attention's output A + Q and that in rows Q; where they are normalized,
   * q, k and v before that; fused attention's keys and values for each query head; up, the MLP's
   * hidden row and, gated, its silu, U + F + F; 8 for each norm. {@code gpt_cpu.py} keeps the same.
   */
  final long keptByLayer(boolean fusedAttention) {
    ModelConfig model = size.config();
    boolean grouped = model.keyHeads() < model.heads();
    long numbers = 2 * c + qkv + 2 * q + u + f + (model.mlp().gated() ? f : 0);
    numbers += model.qkNorm() ? qkv : 0;
    numbers += grouped && fusedAttention ? 2 * q : 0;
    return rows * ((model.parallel() ? 4 : 8) * c + e * numbers + 8);
  }

  final long largestTemporary() {
    return Math.max(head(), layerBackward());
  }

  /** R, the rows of a micro-batch. */
  final long rows() {
    return rows;
  }

  /** Rows of logits that the head holds at a time: min(R, max(256, most logits / V)). */
  final long chunk() {
    return Math.min(rows, Math.max(CHUNK_ROWS, chunkLogits / size.vocabulary()));
  }
}
