package io.adamant.data;

import io.adamant.base.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
 * ⌊g / W⌋; where batches grow, g counts the sequences of the steps before, so that the order is
 * that of any batch size. It does not depend on how a step is divided into micro-batches. Of a
 * mixture, each source is such a ring with windows and epochs of its own, a {@link MixtureOrder}
 * says from which one sequence g comes, and the number of those before it from the same source
 * takes the place of g.
 *
 * <p>{@link #inFileOrder} reads the tokens as they lie instead. Safe for several threads.
 */
public final class Batches {
  /** Epochs after which repeated text is worth clearly less than new text. */
  public static final double MANY_EPOCHS = 4;

  private static final long ORDER = 1;
  private static final long OFFSET = 2;
  private static final long SOURCE = 3;

  private final List<Source> sources;
  private final MixtureOrder order;
  private final int batch;
  private final int context;
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
    Windows.requirePositive("training.batch", batch);
    Windows.requirePositive("model.context", context);
    List<TokenView.Part> parts = tokens.parts();
    List<Source> all = new ArrayList<>();
    for (TokenView.Part part : parts) {
      if (part.tokens().size() < context + 1L) {
        String of = part.name().isEmpty() ? "" : part.name() + ", which has ";
        throw new InputException(
            "model.context: a window of %s + 1 tokens is larger than the training text of %s%s tokens"
                .formatted(context, of, part.tokens().size()));
      }
      // Another seed for each source but the first: as a single one, that is read as ever.
      long own = all.isEmpty() ? seed : KeyedPermutation.subkey(seed, all.size(), SOURCE);
      all.add(new Ring(part, part.tokens().size() / context, context, own));
    }
    this.sources = List.copyOf(all);
    this.order = new MixtureOrder(parts.stream().mapToInt(TokenView.Part::weight).toArray());
    this.windows = sources.stream().mapToLong(Source::windows).sum();
    if (batch > windows) {
      throw new InputException(
          "training.batch: %s is larger than the data, which has %s windows of %s tokens"
              .formatted(batch, windows, context));
    }
    this.batch = batch;
    this.context = context;
  }

  private Batches(FileOrder file) {
    this.sources = List.of(file);
    this.order = new MixtureOrder(new int[] {1});
    this.windows = file.windows();
    this.batch = file.batch();
    this.context = file.context();
  }

  /**
   * Plans batches that walk the files from the first token on, as llm.c and modded-nanogpt do with
   * one process and one micro-batch a step, or with as many processes as their sequences together
   * make this batch: sequence i of step s of a file is its tokens from (s·batch + i)·context on,
   * context + 1 of them, so that each shares one token with the next. A file of n tokens gives ⌊(n
   * − 1) / (batch·context)⌋ steps, what remains of it is not read, and after the last file the
   * first begins again.
   *
   * <p>Source: {@code llmc/dataloader.h} of llm.c and {@code DistributedDataLoader} of the {@code
   * train_gpt2.py} of modded-nanogpt, as of 2024. Tokens of a store are one file.
   *
   * @param tokens the training split
   * @param batch sequences a step
   * @param context tokens a sequence
   * @return the batches
   * @throws InputException if batch or context is not positive, the tokens are a mixture, or a file
   *     has less than a batch
   */
  public static Batches inFileOrder(TokenView tokens, int batch, int context) {
    Windows.requirePositive("training.batch", batch);
    Windows.requirePositive("model.context", context);
    if (tokens.parts().size() > 1) {
      throw InputException.badValue(
          "data.order", "file", "shuffled where data.corpus has weights, whose windows are drawn");
    }
    List<TokenView> files = tokens.files();
    List<Long> ends = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < files.size(); i++) {
      long steps = (files.get(i).size() - 1) / ((long) batch * context);
      if (steps == 0) {
        throw InputException.badValue(
            "data.order",
            "file",
            "shuffled, or files of at least a batch: file %s of %s has %s tokens, a step of %s sequences reads %s"
                .formatted(
                    i + 1, files.size(), files.get(i).size(), batch, (long) batch * context + 1));
      }
      end += steps;
      ends.add(end);
    }
    return new Batches(new FileOrder(tokens.parts().get(0), files, ends, batch, context));
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
    read(first, sequences, inputs, targets);
  }

  /**
   * Writes sequences of a run by their number, for batches that are not all of one size.
   *
   * @param first number g of the first one, from 0
   * @param sequences how many
   * @param inputs receives the tokens, (sequences, context) row by row
   * @param targets receives the tokens that follow, (sequences, context) row by row
   * @throws IndexOutOfBoundsException if an array is short
   */
  public void read(long first, int sequences, long[] inputs, long[] targets) {
    long[] window = new long[context + 1];
    for (int i = 0; i < sequences; i++) {
      int source = order.source(first + i);
      sources.get(source).read(order.before(first + i, source), window);
      Windows.put(window, i, inputs, targets);
    }
  }

  /**
   * Where a sequence begins.
   *
   * @param source name of the mixture's source; empty without a mixture
   * @param file number of the file in file order, from 1; else 0, for all that is trained on
   * @param token index there of the first token of its input, from 0
   */
  public record Place(String source, int file, long token) {}

  /**
   * Says where a sequence begins.
   *
   * @param step the step, from 0
   * @param sequence index in the batch
   * @return its place
   * @throws IndexOutOfBoundsException if step or sequence are out of range
   */
  public Place place(long step, int sequence) {
    if (step < 0) {
      throw new IndexOutOfBoundsException("step must not be negative, found " + step);
    }
    Objects.checkIndex(sequence, batch);
    long g = Math.addExact(Math.multiplyExact(step, (long) batch), sequence);
    int source = order.source(g);
    return sources.get(source).place(order.before(g, source));
  }

  /** Where sequences come from. */
  private interface Source {
    TokenView.Part part();

    /** Sequences of an epoch. */
    long windows();

    /** Where sequence {@code g} of those that come from here begins. */
    Place place(long g);

    /** Reads sequence {@code g}. */
    void read(long g, long[] window);
  }

  /** The files of a source; {@code ends} are the steps up to the end of each. */
  private record FileOrder(
      TokenView.Part part, List<TokenView> files, List<Long> ends, int batch, int context)
      implements Source {
    @Override
    public long windows() {
      return ends.get(ends.size() - 1) * batch;
    }

    @Override
    public Place place(long g) {
      long step = g % windows() / batch;
      int found = Collections.binarySearch(ends, step);
      int file = found < 0 ? -found - 1 : found + 1;
      long first = file == 0 ? 0 : ends.get(file - 1);
      return new Place(part.name(), file + 1, ((step - first) * batch + g % batch) * context);
    }

    @Override
    public void read(long g, long[] window) {
      Place place = place(g);
      files.get(place.file() - 1).read(place.token(), window.length, window, 0);
    }
  }

  /** The tokens of a source, the first after the last. */
  private record Ring(TokenView.Part part, long windows, int context, long seed) implements Source {
    @Override
    public Place place(long g) {
      return new Place(part.name(), 0, start(g));
    }

    @Override
    public void read(long g, long[] window) {
      TokenView tokens = part.tokens();
      long start = start(g);
      int beforeSeam = (int) Math.min(window.length, tokens.size() - start);
      tokens.read(start, beforeSeam, window, 0);
      tokens.read(0, window.length - beforeSeam, window, beforeSeam);
    }

    private long start(long g) {
      long size = part.tokens().size();
      long epoch = g / windows;
      long order = KeyedPermutation.subkey(seed, epoch, ORDER);
      long offset = Math.floorMod(KeyedPermutation.subkey(seed, epoch, OFFSET), size);
      long window = new KeyedPermutation(windows, order).apply(g % windows);
      return (offset + window * context) % size;
    }
  }

  /**
   * The windows of an epoch.
   *
   * @return W, of a mixture that of all sources together
   */
  public long windowsPerEpoch() {
    return windows;
  }

  /**
   * How often a run reads the text.
   *
   * @param sequences of all its steps
   * @return sequences / W; of a mixture, that of the source that is read most often
   */
  public double epochs(long sequences) {
    return sources.stream().mapToDouble(each -> epochs(each, sequences)).max().orElseThrow();
  }

  /**
   * How often a run reads each source.
   *
   * @param sequences of all its steps
   * @return in the order of the mixture; without a mixture one number
   */
  public List<Double> epochsOfSources(long sequences) {
    return sources.stream().map(source -> epochs(source, sequences)).toList();
  }

  private double epochs(Source source, long sequences) {
    double all = sources.stream().mapToInt(each -> each.part().weight()).sum();
    return (double) sequences * (source.part().weight() / all) / source.windows();
  }

  /**
   * A warning for a run that reads its text too often for a comparison on new text.
   *
   * @param steps the planned number of steps
   * @param sequences of all these steps
   * @return the warning, if the run has more than {@link #MANY_EPOCHS} epochs
   */
  public Optional<String> epochsWarning(long steps, long sequences) {
    double epochs = epochs(sequences);
    String source =
        sources.stream()
            .filter(each -> epochs(each, sequences) == epochs)
            .map(each -> each.part().name())
            .findFirst()
            .orElse("");
    return epochs > MANY_EPOCHS
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "%d steps read the training text %s%.1f times; above %.0f, repeated text teaches"
                    + " clearly less than new text: use fewer steps or a larger corpus",
                steps,
                source.isEmpty() ? "" : "of " + source + " ",
                epochs,
                MANY_EPOCHS))
        : Optional.empty();
  }
}
