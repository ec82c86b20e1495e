package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.data.Batches;
import io.adamant.parallel.Ranks;
import io.adamant.tensor.Upload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Prepares micro-batches on a second thread while the first one trains. What is in them is decided
 * by seed, step and index alone, so nothing depends on which thread is faster.
 *
 * <p>Two buffers go round: one is filled while the other is trained on. They are allocated once,
 * outside Java's heap, and on a CPU the arrays of a batch live in them.
 */
final class BatchPrefetcher implements AutoCloseable {

  private static final int BUFFERS = 2;

  private final Batches batches;
  private final TrainConfig training;
  private final int sequences;
  private final Shape shape; // (b, T)
  private final BlockingQueue<Buffer> empty = new ArrayBlockingQueue<>(BUFFERS);
  private final BlockingQueue<Buffer> full = new ArrayBlockingQueue<>(BUFFERS);
  private final Thread thread;
  private final Optional<Upload> upload;
  private final Ranks ranks;

  /** Room for a micro-batch, and which one is in it. */
  private static final class Buffer {
    private final long[] tokens;
    private final long[] targets;
    private final ByteBuffer tokenBytes;
    private final ByteBuffer targetBytes;
    private long step;
    private int micro;
    private Throwable failure;

    Buffer(int size) {
      tokens = new long[size];
      targets = new long[size];
      tokenBytes = ByteBuffer.allocateDirect(size * Long.BYTES).order(ByteOrder.nativeOrder());
      targetBytes = ByteBuffer.allocateDirect(size * Long.BYTES).order(ByteOrder.nativeOrder());
    }
  }

  /** A micro-batch, (b, T) int64 each; closing it gives its buffer back. */
  final class Batch implements AutoCloseable {
    private final Buffer buffer;
    private final NDArray tokens;
    private final NDArray targets;

    private Batch(Buffer buffer, NDManager scope) {
      this.buffer = buffer;
      tokens = array(scope, buffer.tokenBytes);
      targets = array(scope, buffer.targetBytes);
    }

    /** On a CPU the array lives in the buffer; to a GPU its copy is queued. */
    private NDArray array(NDManager scope, ByteBuffer bytes) {
      return upload.isPresent()
          ? upload.get().create(scope, bytes, shape, DataType.INT64)
          : scope.create(bytes, shape, DataType.INT64);
    }

    NDArray tokens() {
      return tokens;
    }

    NDArray targets() {
      return targets;
    }

    @Override
    public void close() {
      empty.add(buffer);
    }
  }

  /**
   * Starts the second thread.
   *
   * @param batches where they come from
   * @param config of the run
   * @param firstStep the step, from 0, whose batches are wanted first
   */
  BatchPrefetcher(Batches batches, RunConfig config, long firstStep) {
    this(batches, config, firstStep, Optional.empty(), Ranks.one());
  }

  /**
   * Starts the second thread for a GPU, or for one of several ranks.
   *
   * @param batches where they come from
   * @param config of the run
   * @param firstStep the step, from 0, whose batches are wanted first
   * @param upload brings them to the device; not closed here
   * @param ranks each of which takes an equal share of a step's micro-batches, in their order
   */
  BatchPrefetcher(
      Batches batches, RunConfig config, long firstStep, Optional<Upload> upload, Ranks ranks) {
    this.batches = batches;
    this.upload = upload;
    this.ranks = ranks;
    training = config.training();
    sequences = training.microBatch();
    int context = config.model().context();
    shape = new Shape(sequences, context);
    for (int i = 0; i < BUFFERS; i++) {
      empty.add(new Buffer(Math.multiplyExact(sequences, context)));
    }
    long end = config.training().steps();
    thread = new Thread(() -> prepare(firstStep, end), "adamant-batches");
    thread.setDaemon(true);
    thread.start();
  }

  private void prepare(long firstStep, long end) {
    try {
      for (long step = firstStep; step < end; step++) {
        long first = training.sequences(step);
        int share = training.accumulation(step) / ranks.size();
        for (int micro = ranks.rank() * share; micro < (ranks.rank() + 1) * share; micro++) {
          Buffer buffer = empty.take();
          fill(buffer, step, micro, first + (long) micro * sequences);
          full.put(buffer);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed before the last step
    }
  }

  private void fill(Buffer buffer, long step, int micro, long first) {
    buffer.step = step;
    buffer.micro = micro;
    try {
      batches.read(first, sequences, buffer.tokens, buffer.targets);
      buffer.tokenBytes.asLongBuffer().put(buffer.tokens);
      buffer.targetBytes.asLongBuffer().put(buffer.targets);
    } catch (RuntimeException | Error e) { // an Error too: a mapped file that was cut short
      buffer.failure = e;
    }
  }

  /**
   * The next micro-batch, waiting for it if need be; close it when its gradients are done.
   *
   * @param scope owner of the arrays; to be closed before the batch
   * @param step the step, from 0, that the caller is at
   * @param micro the micro-batch in it
   */
  Batch next(NDManager scope, long step, int micro) {
    Buffer buffer;
    try {
      buffer = full.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a batch", e);
    }
    if (buffer.failure != null) {
      throw new IllegalStateException(
          "reading the batch of step " + (buffer.step + 1) + " failed: " + buffer.failure,
          buffer.failure);
    }
    if (buffer.step != step || buffer.micro != micro) {
      throw new IllegalStateException(
          "batch %s of step %s is not the next one".formatted(micro, step + 1));
    }
    return new Batch(buffer, scope);
  }

  /** Ends the thread and waits for it. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
