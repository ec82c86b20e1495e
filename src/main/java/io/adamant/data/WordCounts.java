package io.adamant.data;

import io.adamant.base.Granted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleConsumer;
import java.util.regex.Matcher;

/**
 * How often each word of a text occurs, where GPT-2's pattern says what a word is. Counted on all
 * processors; the result, the order of the words included, depends on the text alone.
 *
 * <p>Memory is bounded: when the different words take more than their room, those that have been
 * seen least are forgotten until half of it is free, the latest of equals first. A word longer than
 * {@value #LONGEST} characters counts as several.
 */
final class WordCounts {
  /** Characters of a word, at most. */
  static final int LONGEST = 1024;

  /** Bytes that the different words may take here and in {@link BpeMerges}, about. */
  private static final long ROOM = 1L << 28;

  /** Of a word, beside its text. */
  private static final int BYTES_PER_WORD = 128;

  /** Of a byte of a word's text. */
  private static final int BYTES_PER_BYTE = 20;

  private static final int PORTION = 1 << 19;

  private final long room;
  private final int threads;
  private final Map<String, Count> words = new LinkedHashMap<>();
  private long taken;
  private long all;
  private long bytes;
  private long documents;
  private long forgotten;

  WordCounts() {
    this(ROOM, Granted.here().threads());
  }

  WordCounts(long room, int threads) {
    this.room = room;
    this.threads = threads;
  }

  /** A number that grows. */
  private static final class Count {
    private long value;
  }

  /**
   * Counts on.
   *
   * @param source read to its end
   * @param fraction told the share of the source that is read
   * @throws IOException if it cannot be read
   */
  void add(PieceSource source, DoubleConsumer fraction) throws IOException {
    ExecutorService workers = Executors.newFixedThreadPool(threads, WordCounts::daemon);
    try {
      for (boolean more = true; more; ) {
        List<Callable<WordCounts>> work = new ArrayList<>();
        while (more && work.size() < 2 * threads) {
          List<Piece> portion = portion(source);
          more = !portion.isEmpty();
          work.add(() -> of(portion));
        }
        for (Future<WordCounts> counted : workers.invokeAll(work)) {
          add(counted.get());
        }
        fraction.accept(source.fraction());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while counting words", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("counting words failed: " + e.getCause(), e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "words");
    thread.setDaemon(true);
    return thread;
  }

  private static List<Piece> portion(PieceSource source) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    for (int characters = 0; characters < PORTION; ) {
      Optional<Piece> piece = source.next();
      if (piece.isEmpty()) {
        break;
      }
      pieces.add(piece.get());
      characters += piece.get().text().length() + 1;
    }
    return pieces;
  }

  private static WordCounts of(List<Piece> pieces) {
    WordCounts counts = new WordCounts(Long.MAX_VALUE, 1);
    for (Piece piece : pieces) {
      String text = piece.text();
      for (Matcher match = Gpt2Tokenizer.WORDS.matcher(text); match.find(); ) {
        int start = match.start();
        while (match.end() - start > LONGEST) {
          int end = start + LONGEST;
          end -= Character.isLowSurrogate(text.charAt(end)) ? 1 : 0;
          counts.add(text.substring(start, end), 1);
          start = end;
        }
        counts.add(text.substring(start, match.end()), 1);
      }
      counts.bytes += utf8(text);
      counts.documents += piece.endsDocument() ? 1 : 0;
    }
    return counts;
  }

  private void add(WordCounts other) {
    other.words.forEach((word, count) -> add(word, count.value));
    bytes += other.bytes;
    documents += other.documents;
  }

  private void add(String word, long times) {
    Count count = words.get(word);
    if (count == null) {
      count = new Count();
      words.put(word, count);
      taken += size(word);
    }
    count.value += times;
    all += times;
    if (taken > room) {
      forget();
    }
  }

  private void forget() {
    List<Map.Entry<String, Count>> byCount = new ArrayList<>(words.entrySet());
    byCount.sort(Comparator.comparingLong(entry -> -entry.getValue().value));
    for (int i = byCount.size() - 1; taken > room / 2; i--) {
      String word = byCount.get(i).getKey();
      words.remove(word);
      taken -= size(word);
      forgotten++;
    }
  }

  private static long size(String word) {
    return BYTES_PER_WORD + (long) BYTES_PER_BYTE * utf8(word);
  }

  /** Bytes of a text in UTF-8. */
  private static long utf8(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return bytes;
  }

  /** The different words. */
  List<String> words() {
    return List.copyOf(words.keySet());
  }

  /** How often each of them occurs. */
  long[] counts() {
    return words.values().stream().mapToLong(count -> count.value).toArray();
  }

  /** Words of the text, each as often as it occurs. */
  long all() {
    return all;
  }

  /** Bytes of the text. */
  long bytes() {
    return bytes;
  }

  /** Documents of the text. */
  long documents() {
    return documents;
  }

  /** How many different words were forgotten for want of room. */
  long forgotten() {
    return forgotten;
  }
}
