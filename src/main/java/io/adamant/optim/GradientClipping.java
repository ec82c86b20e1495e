package io.adamant.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.results.Metrics;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Clipping by norm and by coordinate, and the guard of a step, both on the device.
 *
 * <pre>
 * g &larr; min(1, c / ||g||) g        over all parameters together, before any momentum
 * g &larr; clip(g, &minus;l, l)             each coordinate, after that
 * gate = 1 if the loss and ||g|| are finite and the guard has not given up, else 0 and g &larr; 0
 * </pre>
 *
 * <p>Deviation from {@code torch.nn.utils.clip_grad_norm_}: torch adds 1e-6 to the norm. Loss, norm
 * and gate of each step go into a ring buffer on the device, so that no step has to wait for the
 * host. Source: theory.md &sect;1, Gclip.
 */
public final class GradientClipping implements AutoCloseable {

  /**
   * What a step left in the ring buffer.
   *
   * @param loss mean over micro-batches
   * @param gradientNorm ||g|| before clipping
   * @param taken whether the guard let the step happen
   * @param scale min(1, c / ||g||); 0 if the step was not taken
   * @param limited share of coordinates that were cut to &plusmn;l
   * @param firstBad index of the first gradient whose norm is not finite, or &minus;1
   * @param limitedMomentum share of coordinates that the optimizers' own clips cut after averaging,
   *     of those that such a clip acts on; 0 if the step was not taken, negative where there is
   *     none
   */
  public record StepOutcome(
      double loss,
      double gradientNorm,
      boolean taken,
      double scale,
      double limited,
      int firstBad,
      double limitedMomentum) {}

  private static final int COLUMNS = 7;

  private final ScriptModule kernel;
  private final double maxNorm;
  private final double limit;
  private final int capacity;
  private final double maxSkipped;
  private final NDArray ring; // (capacity, COLUMNS) float64
  private final NDArray skipped; // () float64: steps left out since the last one taken

  /**
   * Compiles the kernel.
   *
   * @param manager device and lifetime
   * @param maxNorm c; 0 for no clipping
   * @param limit l; 0 for no clipping by coordinate
   * @param capacity steps that the ring buffer holds
   */
  public GradientClipping(NDManager manager, double maxNorm, double limit, int capacity) {
    this(manager, maxNorm, limit, capacity, Long.MAX_VALUE);
  }

  /**
   * Compiles the kernel for a guard that gives up at some time.
   *
   * @param manager device and lifetime
   * @param maxNorm c; 0 for no clipping
   * @param limit l; 0 for no clipping by coordinate
   * @param capacity steps that the ring buffer holds
   * @param maxSkipped steps in a row that may be left out; after one more, the gate stays shut. The
   *     device counts, so that the weights of a diverged run do not depend on when the host looks
   */
  public GradientClipping(
      NDManager manager, double maxNorm, double limit, int capacity, long maxSkipped) {
    this.maxSkipped = maxSkipped;
    this.maxNorm = maxNorm;
    this.limit = limit;
    this.capacity = capacity;
    kernel =
        new ScriptModule(manager, new ScriptArchive(ScriptModule.resource("clip.py"), Map.of()));
    ring = manager.zeros(new Shape(capacity, COLUMNS), DataType.FLOAT64);
    skipped = manager.zeros(new Shape(), DataType.FLOAT64);
  }

  /**
   * Steps that can go by before the buffer must be read.
   *
   * @return the capacity
   */
  public int capacity() {
    return capacity;
  }

  /**
   * Clips the gradients in place and decides whether the step may be taken.
   *
   * @param manager owner of the result
   * @param losses one scalar a micro-batch
   * @param gradients of all parameters, summed over micro-batches with weights that add to one
   * @param step its row in the ring buffer is {@code step % capacity}
   * @return gate, () float64
   */
  public NDArray clipAndGuard(NDManager manager, NDList losses, NDList gradients, long step) {
    return kernel
        .call(
            manager,
            "clip_and_guard",
            losses,
            gradients,
            maxNorm,
            limit,
            maxSkipped,
            skipped,
            ring,
            step % capacity)
        .singletonOrThrow();
  }

  /**
   * Records what the optimizers' own clips cut, those that act after averaging; without any,
   * nothing happens.
   *
   * @param groups after the step
   * @param gate of the step, from {@link #clipAndGuard}
   * @param step the same as there
   */
  public void recordMomentumClipping(List<ParameterGroup> groups, NDArray gate, long step) {
    NDList counts = new NDList();
    long size = 0;
    for (ParameterGroup group : groups) {
      if (group.optimizer().clips()) {
        counts.add(group.optimizer().clipped(group.state(), group.gradients()));
        size += group.state().parameters().stream().mapToLong(NDArray::size).sum();
      }
    }
    if (size > 0) {
      NDManager manager = gate.getManager();
      kernel.call(
          manager, "record_momentum_clipping", counts, (double) size, gate, ring, step % capacity);
      counts.close();
    }
  }

  /**
   * Restores the state saved by another process.
   *
   * @param count steps left out since the last one taken
   */
  public void restoreSkipped(long count) {
    kernel.call(skipped.getManager(), "restore", skipped, (double) count);
  }

  /**
   * The steps left out since the last one taken, as the device counts them.
   *
   * @return () float64, which lives as long as this
   */
  public NDArray skipped() {
    return skipped;
  }

  /**
   * What clipping did in a step, for its line of metrics.
   *
   * @param outcome of the step
   * @return {@code clip_scale} where norms are clipped, {@code clipped_coordinates}, a share, where
   *     coordinates are, and {@code clipped_momentum}, a share, where an optimizer clips
   */
  public Map<String, Object> fields(StepOutcome outcome) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (maxNorm > 0) {
      fields.put(Metrics.CLIP_SCALE, outcome.scale());
    }
    if (limit > 0) {
      fields.put(Metrics.CLIPPED_COORDINATES, outcome.limited());
    }
    if (outcome.limitedMomentum() >= 0) {
      fields.put(Metrics.CLIPPED_MOMENTUM, outcome.limitedMomentum());
    }
    return fields;
  }

  /**
   * Sets gradients to zero, for the next step.
   *
   * @param manager any manager of the device
   * @param gradients of all parameters
   */
  public void zero(NDManager manager, NDList gradients) {
    kernel.call(manager, "zero", gradients);
  }

  /**
   * Reads the buffer: the one place where training waits for the device.
   *
   * @param first first step wanted
   * @param end one past the last; at most {@link #capacity()} after the first
   * @return outcome of each step
   */
  public StepOutcome[] read(long first, long end) {
    double[] rows = ring.toDoubleArray();
    StepOutcome[] outcomes = new StepOutcome[Math.toIntExact(end - first)];
    for (int i = 0; i < outcomes.length; i++) {
      int row = (int) ((first + i) % capacity) * COLUMNS;
      outcomes[i] =
          new StepOutcome(
              rows[row],
              rows[row + 1],
              rows[row + 2] != 0,
              rows[row + 3],
              rows[row + 4],
              (int) rows[row + 5],
              rows[row + 6]);
    }
    return outcomes;
  }

  @Override
  public void close() {
    kernel.close();
    ring.close();
    skipped.close();
  }
}
