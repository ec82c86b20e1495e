package io.adamant.data;

import io.adamant.base.InputException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Training batches, each a pure function of (seed, step): nothing is remembered between calls, so a
 * resumed run reads what an uninterrupted one would have.
 *
 * <p>The n training tokens are read as a ring (the last document is followed by the first). An
 * epoch cuts the ring into W = ⌊n / context⌋ windows of context + 1 tokens, each sharing one token
 * with the next because targets are inputs shifted by one: every token is a target at most once an
 * epoch, and fewer than {@code context} are none. The windows of an epoch start at an offset keyed
 * by (seed, epoch), so that borders move, and come in the order of a {@link KeyedPermutation} keyed
 * by the same.
 *
 * <p>Sequence i of step s is number g = s·batch + i of the run: window g mod W, permuted, of epoch
 * ⌊g / W⌋. It does not depend on how a step is divided into micro-batches. Safe for several
 * threads.
 */
public final class Batches {
  /** Epochs after which repeated text is worth clearly less than new text. */
  public static final double MANY_EPOCHS = 4;

  private static final long ORDER = 1;
  private static final long OFFSET = 2;

  private final TokenView tokens;
  private final int batch;
  private final int context;
  private final long seed;
  private final long windows;

  /**
   * Plans the batches.
   *
   * @param tokens the training split
   * @param batch sequences a step
   * @param context tokens a sequence
   * @param seed chooses offsets and orders
   * @throws InputException if batch or context is not positive, or a window or a batch is larger
   *     than the data
   */
  public Batches(TokenView tokens, int batch, int context, long seed) {
    this.tokens = Objects.requireNonNull(tokens, "tokens");
    Windows.requirePositive("training.batch", batch);
    Windows.requirePositive("model.context", context);
    if (tokens.size() < context + 1L) {
      throw new InputException(
          "model.context: a window of %s + 1 tokens is larger than the training text of %s tokens"
              .formatted(context, tokens.size()));
    }
    this.windows = tokens.size() / context;
    if (batch > windows) {
      throw new InputException(
          "training.batch: %s is larger than the data, which has %s windows of %s tokens"
              .formatted(batch, windows, context));
    }
    this.batch = batch;
    this.context = context;
    this.seed = seed;
  }

  /**
   * Writes some sequences of a batch.
   *
   * @param step the step, from 0
   * @param firstSequence index in the batch of the first sequence wanted
   * @param sequences how many
   * @param inputs receives the tokens, (sequences, context) row by row
   * @param targets receives the tokens that follow, (sequences, context) row by row
   * @throws IndexOutOfBoundsException if step or sequences are out of range, or an array is short
   */
  public void fill(long step, int firstSequence, int sequences, long[] inputs, long[] targets) {
    if (step < 0) {
      throw new IndexOutOfBoundsException("step must not be negative, found " + step);
    }
    Objects.checkFromIndexSize(firstSequence, sequences, batch);
    long first = Math.addExact(Math.multiplyExact(step, (long) batch), firstSequence);
    long[] window = new long[context + 1];
    for (int i = 0; i < sequences; i++) {
      readRing(start(first + i), window);
      Windows.put(window, i, inputs, targets);
    }
  }

  /** Where in the ring sequence {@code g} of the run starts. */
  private long start(long g) {
    long epoch = g / windows;
    long order = KeyedPermutation.subkey(seed, epoch, ORDER);
    long offset = Math.floorMod(KeyedPermutation.subkey(seed, epoch, OFFSET), tokens.size());
    long window = new KeyedPermutation(windows, order).apply(g % windows);
    return (offset + window * context) % tokens.size();
  }

  private void readRing(long start, long[] window) {
    int beforeSeam = (int) Math.min(window.length, tokens.size() - start);
    tokens.read(start, beforeSeam, window, 0);
    tokens.read(0, window.length - beforeSeam, window, beforeSeam);
  }

  /**
   * The windows of an epoch.
   *
   * @return W
   */
  public long windowsPerEpoch() {
    return windows;
  }

  /**
   * How often a run reads the text.
   *
   * @param steps the number of steps
   * @return steps · batch / W
   */
  public double epochs(long steps) {
    return (double) steps * batch / windows;
  }

  /**
   * A warning for a run that reads its text too often for a comparison on new text.
   *
   * @param steps the planned number of steps
   * @return the warning, if the run has more than {@link #MANY_EPOCHS} epochs
   */
  public Optional<String> epochsWarning(long steps) {
    double epochs = epochs(steps);
    return epochs > MANY_EPOCHS
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "%d steps read the training text %.1f times; above %.0f, repeated text teaches"
                    + " clearly less than new text: use fewer steps or a larger corpus",
                steps,
                epochs,
                MANY_EPOCHS))
        : Optional.empty();
  }
}
