package io.adamant.data;

import io.adamant.base.Granted;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Tokenizes a corpus on all processors and writes the tokens in the corpus's order.
 *
 * <p>The corpus is read, and its tokens are written, by the calling thread; a bounded queue of
 * portions in between keeps memory flat however large the corpus is.
 */
final class ParallelEncoder {
  /** Characters a portion has at least: enough that handing it over costs nothing. */
  private static final int PORTION = 1 << 16;

  /** Characters that wait or are being encoded, at most, unless a single portion has more. */
  private static final int WAITING = 1 << 22;

  private static final int MOST_THREADS = 16;
  private static final long REPORT_NANOS = 2_000_000_000L;

  private final Tokenizer tokenizer;
  private final String name;
  private final Consumer<String> progress;
  private final long start = System.nanoTime();
  private long lastReport = start;

  ParallelEncoder(Tokenizer tokenizer, String name, Consumer<String> progress) {
    this.tokenizer = tokenizer;
    this.name = name;
    this.progress = progress;
  }

  /**
   * Encodes every piece, appends end-of-text after each document, and notes the text. Portions that
   * the writer has from an earlier start are read but not encoded.
   */
  void encode(PieceSource source, TokenWriter writer, TextIndex text) throws IOException {
    int threads = Math.min(MOST_THREADS, Granted.here().threads());
    ExecutorService workers = Executors.newFixedThreadPool(threads, ParallelEncoder::daemon);
    long before = writer.count();
    long keptBefore = writer.kept();
    try {
      Deque<Work> queue = new ArrayDeque<>();
      long waiting = 0;
      for (List<Piece> portion = portion(source); !portion.isEmpty(); portion = portion(source)) {
        List<Piece> pieces = portion;
        Optional<TokenWriter.Earlier> earlier = writer.next();
        int characters = pieces.stream().mapToInt(piece -> piece.text().length()).sum();
        while (!queue.isEmpty() && (queue.size() > 2 * threads || waiting + characters > WAITING)) {
          Work done = queue.remove();
          result(done.portion()).write(writer, text);
          waiting -= done.characters();
          report(source.fraction(), writer.count() - before, writer.again());
        }
        queue.add(new Work(workers.submit(() -> encoded(pieces, earlier, writer)), characters));
        waiting += characters;
      }
      for (Work work : queue) {
        result(work.portion()).write(writer, text);
      }
    } finally {
      workers.shutdownNow();
    }
    if (writer.count() == before) {
      return; // an empty corpus is the caller's to refuse, in one line
    }
    long kept = writer.kept() - keptBefore;
    progress.accept(
        String.format(
            Locale.ROOT,
            "tokenized %s: %s tokens in %.1f s%s",
            name,
            grouped(writer.count() - before),
            (System.nanoTime() - start) * 1e-9,
            kept == 0 ? "" : ", %s of them by an earlier start".formatted(grouped(kept))));
  }

  /** A portion in the queue. */
  private record Work(Future<Encoded> portion, int characters) {}

  /** A portion with its text as {@link TextIndex} takes it. */
  private static final class Encoded {
    private final TokenWriter.Portion tokens;
    private final byte[] text;
    private final int documents;

    Encoded(TokenWriter.Portion tokens, byte[] text, int documents) {
      this.tokens = tokens;
      this.text = text;
      this.documents = documents;
    }

    void write(TokenWriter writer, TextIndex index) throws IOException {
      writer.write(tokens);
      index.add(tokens.count(), text, documents);
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "tokenizer");
    thread.setDaemon(true);
    return thread;
  }

  private List<Piece> portion(PieceSource source) {
    List<Piece> pieces = new ArrayList<>();
    try {
      for (int characters = 0; characters < PORTION; ) {
        Optional<Piece> piece = source.next();
        if (piece.isEmpty()) {
          break;
        }
        pieces.add(piece.get());
        characters += piece.get().text().length() + 1;
      }
    } catch (IOException e) {
      throw new InputException(
          "cannot read corpus %s: %s".formatted(name, StorageException.reason(e)), e);
    }
    return pieces;
  }

  private Encoded encoded(
      List<Piece> pieces, Optional<TokenWriter.Earlier> earlier, TokenWriter writer) {
    ByteArrayOutputStream text = new ByteArrayOutputStream(PORTION + PORTION / 4);
    boolean spacesLeftOut = tokenizer.cuts().next(0) > 0;
    int documents = 0;
    for (Piece piece : pieces) {
      TextIndex.write(piece, spacesLeftOut, text);
      documents += piece.endsDocument() ? 1 : 0;
    }
    byte[] bytes = text.toByteArray();
    return new Encoded(writer.portion(bytes, earlier, () -> tokens(pieces)), bytes, documents);
  }

  private int[] tokens(List<Piece> pieces) {
    int[] tokens = new int[PORTION / 2];
    int count = 0;
    for (Piece piece : pieces) {
      int[] encoded = tokenizer.encode(piece.text());
      int needed = count + encoded.length + 1;
      if (needed > tokens.length) {
        tokens = Arrays.copyOf(tokens, Math.max(needed, 2 * tokens.length));
      }
      System.arraycopy(encoded, 0, tokens, count, encoded.length);
      count += encoded.length;
      if (piece.endsDocument()) {
        tokens[count++] = tokenizer.endOfText();
      }
    }
    return count == tokens.length ? tokens : Arrays.copyOf(tokens, count);
  }

  private static Encoded result(Future<Encoded> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while tokenizing", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InputException bad) {
        throw bad;
      }
      throw new IllegalStateException("the tokenizer failed: " + e.getCause(), e.getCause());
    }
  }

  private void report(double fraction, long tokens, boolean again) {
    long now = System.nanoTime();
    if (now - lastReport >= REPORT_NANOS) {
      lastReport = now;
      progress.accept(
          String.format(
              Locale.ROOT,
              "%s %s: %.0f %%, %s tokens%s",
              again ? "reading again" : "tokenizing",
              name,
              100 * fraction,
              grouped(tokens),
              again ? " by an earlier start" : ""));
    }
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
