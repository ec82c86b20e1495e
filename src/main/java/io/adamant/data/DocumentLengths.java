package io.adamant.data;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * How long documents are, in tokens with their end-of-text.
 *
 * @param bins from the shortest to the longest, each from a power of two to below the next; those
 *     between are there even where they are empty
 * @param shortest tokens of the shortest document; 0 if there is none
 * @param longest tokens of the longest; 0 if there is none
 */
public record DocumentLengths(List<Bin> bins, long shortest, long longest) {
  /**
   * Documents of about one length.
   *
   * @param from the least tokens, a power of two
   * @param to the most tokens
   * @param documents how many
   * @param tokens of all of them
   */
  public record Bin(long from, long to, long documents, long tokens) {}

  /** Takes a copy. */
  public DocumentLengths {
    bins = List.copyOf(bins);
  }

  /** Counts the whole documents of several sequences. */
  static DocumentLengths of(List<Documents> sequences) {
    AtomicLongArray documents = new AtomicLongArray(Long.SIZE);
    AtomicLongArray tokens = new AtomicLongArray(Long.SIZE);
    LongAccumulator shortest = new LongAccumulator(Math::min, Long.MAX_VALUE);
    LongAccumulator longest = new LongAccumulator(Math::max, 0);
    for (Documents sequence : sequences) {
      sequence.forEach(
          (start, length, name) -> {
            int bin = bin(length);
            documents.incrementAndGet(bin);
            tokens.addAndGet(bin, length);
            shortest.accumulate(length);
            longest.accumulate(length);
          });
    }
    List<Bin> bins = new ArrayList<>();
    if (longest.get() > 0) {
      for (int bin = bin(shortest.get()); bin <= bin(longest.get()); bin++) {
        bins.add(new Bin(1L << bin, (2L << bin) - 1, documents.get(bin), tokens.get(bin)));
      }
    }
    return new DocumentLengths(bins, bins.isEmpty() ? 0 : shortest.get(), longest.get());
  }

  private static int bin(long length) {
    return Long.SIZE - 1 - Long.numberOfLeadingZeros(length);
  }
}
