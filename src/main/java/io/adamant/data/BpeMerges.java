package io.adamant.data;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/**
 * The merges of a byte-pair encoding, found in counted words: again and again the pair of
 * neighbouring symbols that occurs most often within words becomes a new symbol, wherever it
 * stands, from left to right. Of pairs that occur equally often, the one whose symbols have the
 * smaller ids is taken, the first symbol's id before the second's, as the trainer of Hugging Face's
 * tokenizers does. Reference: R. Sennrich, B. Haddow and A. Birch, Neural machine translation of
 * rare words with subword units, ACL 2016.
 *
 * <p>The words lie one after the other in an array, and each pair knows where it was seen, so that
 * a merge looks at these places alone; all merges together take time in proportion to the bytes of
 * the words, apart from a queue of the pairs. A pair's count only falls once all of its places are
 * known, so that a queue with counts that may be too high finds the largest: a pair whose count has
 * fallen goes back.
 */
final class BpeMerges {
  /** A pair that occurs less often is no pattern. */
  private static final long FEWEST = 2;

  /** Between words, and where a symbol went on that has been merged. */
  private static final int NONE = -1;

  /** The symbol that begins at a place. */
  private final int[] symbols;

  /** Bytes of a symbol, where it begins and where it ends. */
  private final short[] lengths;

  /** The word at a place. */
  private final int[] words;

  private final long[] counts;
  private final Map<Long, Pair> pairs = new HashMap<>();
  private final PriorityQueue<Pair> queue =
      new PriorityQueue<>(
          Comparator.comparingLong((Pair pair) -> -pair.queued)
              .thenComparingInt(pair -> pair.first)
              .thenComparingInt(pair -> pair.second));
  private final List<Pair> created = new ArrayList<>();
  private long tokens;

  /**
   * Reads words.
   *
   * @param texts different words
   * @param counts how often each occurs
   * @param symbolOfByte the symbol of each byte
   */
  BpeMerges(List<String> texts, long[] counts, int[] symbolOfByte) {
    this.counts = counts;
    List<byte[]> bytes = texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    int size = Math.toIntExact(bytes.stream().mapToLong(word -> word.length + 1L).sum() + 1);
    this.symbols = new int[size];
    this.lengths = new short[size];
    this.words = new int[size];
    Arrays.fill(lengths, (short) 1);
    int at = 0;
    symbols[at++] = NONE;
    for (int word = 0; word < counts.length; word++) {
      for (byte each : bytes.get(word)) {
        symbols[at] = symbolOfByte[each & 0xff];
        words[at++] = word;
      }
      symbols[at++] = NONE;
      tokens += counts[word] * bytes.get(word).length;
    }
    for (int place = 1; place + 1 < size; place++) {
      count(place, place + 1, 1);
    }
    enqueue();
  }

  /** Two symbols that stand side by side. */
  private static final class Pair {
    private final int first;
    private final int second;
    private long count;

    /** The count when it was put into the queue. */
    private long queued;

    /** Where its first symbol begins, in ascending order; it may be there no longer. */
    private int[] places = new int[2];

    private int size;

    Pair(int first, int second) {
      this.first = first;
      this.second = second;
    }
  }

  /** A merge: two symbols that become one. */
  record Merge(int first, int second) {}

  /**
   * Finds merges. May be called once.
   *
   * @param most how many
   * @param nextSymbol the symbol that the first merge makes
   * @param progress told the number of merges after each
   * @return as many in their order; fewer if no pair occurs twice any more
   */
  List<Merge> find(int most, int nextSymbol, IntConsumer progress) {
    List<Merge> merges = new ArrayList<>();
    while (merges.size() < most && !queue.isEmpty()) {
      Pair best = queue.remove();
      if (best.count < best.queued) {
        best.queued = best.count;
        if (best.count >= FEWEST) {
          queue.add(best);
        }
      } else {
        merge(best, nextSymbol + merges.size());
        merges.add(new Merge(best.first, best.second));
        progress.accept(merges.size());
      }
    }
    return merges;
  }

  /** Symbols of all words, each as often as it occurs, after the merges so far. */
  long tokens() {
    return tokens;
  }

  private void merge(Pair pair, int symbol) {
    pairs.remove(key(pair.first, pair.second));
    for (int i = 0; i < pair.size; i++) {
      int place = pair.places[i];
      if (symbols[place] == pair.first
          && symbols[place + lengths[place]] == pair.second) { // not so where it has changed since
        int second = place + lengths[place];
        int before = place - lengths[place - 1];
        int after = second + lengths[second];
        count(before, place, -1);
        count(second, after, -1);
        symbols[place] = symbol;
        symbols[second] = NONE;
        short length = (short) (after - place);
        lengths[place] = length;
        lengths[after - 1] = length;
        count(before, place, 1);
        count(place, after, 1);
        tokens -= counts[words[place]];
      }
    }
    pair.places = new int[0];
    enqueue();
  }

  /** One pair more or less, if the symbols at both places are of one word. */
  private void count(int place, int next, int sign) {
    if (symbols[place] == NONE || symbols[next] == NONE) {
      return;
    }
    long key = key(symbols[place], symbols[next]);
    Pair pair = pairs.get(key);
    if (pair == null) {
      if (sign < 0) {
        return; // overlaps with the pair that is being merged
      }
      pair = new Pair(symbols[place], symbols[next]);
      pairs.put(key, pair);
      created.add(pair);
    }
    pair.count += sign * counts[words[place]];
    if (sign > 0) {
      if (pair.size == pair.places.length) {
        pair.places = Arrays.copyOf(pair.places, 2 * pair.size);
      }
      pair.places[pair.size++] = place;
    }
  }

  private void enqueue() {
    for (Pair pair : created) {
      pair.queued = pair.count;
      if (pair.count >= FEWEST) {
        queue.add(pair);
      }
    }
    created.clear();
  }

  private static long key(int first, int second) {
    return (long) first << Integer.SIZE | second;
  }
}
