package io.adamant.data;

import java.util.stream.LongStream;

/**
 * The whole documents of a sequence of tokens, each ending with its end-of-text. What stands before
 * the first end-of-text is one only if the sequence begins where a document does; what follows the
 * last, and documents of nothing but end-of-text, are none.
 *
 * <p>A document is named by a hash of 128 bits of its tokens: two of 64 bits, h ← mix(h + token)
 * from two beginnings, with the finalizer of {@link KeyedPermutation}. Among 10^9 documents two
 * different ones have the same with a probability of 10^−21, unless somebody makes them to.
 *
 * @param tokens the sequence
 * @param startsWhole whether its first token is the first of a document
 * @param endOfText the id that ends documents
 */
record Documents(TokenView tokens, boolean startsWhole, int endOfText) {
  /** Tokens of which one thread takes the documents that begin there. */
  static final int PORTION = 1 << 20;

  private static final long HIGH = 0x243f6a8885a308d3L; // the first digits of pi
  private static final long LOW = 0x13198a2e03707344L; // and the next

  /** The hash of a document's tokens. */
  record Name(long high, long low) {}

  /** Takes documents, in any order and from several threads at once. */
  @FunctionalInterface
  interface Visitor {
    /**
     * A document.
     *
     * @param start index of its first token
     * @param length with its end-of-text, at least 2
     * @param name of its tokens, equal for equal sequences
     */
    void visit(long start, long length, Name name);
  }

  /** Tells all documents to a visitor, on all processors. */
  void forEach(Visitor visitor) {
    forEach(PORTION, visitor);
  }

  /** The same with portions of a given number of tokens. */
  void forEach(int portion, Visitor visitor) {
    LongStream.range(0, (tokens.size() + portion - 1) / portion)
        .parallel()
        .forEach(
            i -> {
              long from = i * portion;
              new Scan(from, Math.min(tokens.size(), from + portion), visitor).run();
            });
  }

  /** Documents that begin in a portion; the last of them may end far behind it. */
  private final class Scan {
    private final long to;
    private final Visitor visitor;
    private final long[] chunk = new long[(int) Math.min(Census.CHUNK, tokens.size())];
    private long high = HIGH;
    private long low = LOW;

    /** Index of the first token of the document that is being read; −1 before it is found. */
    private long start;

    private long at;

    Scan(long from, long to, Visitor visitor) {
      this.to = to;
      this.visitor = visitor;
      // A document begins at the portion's first token if the one before it ends another.
      this.at = from == 0 ? 0 : from - 1;
      this.start = from == 0 && startsWhole ? 0 : -1;
    }

    void run() {
      while (at < tokens.size() && (start >= 0 ? start : at + 1) < to) {
        int count = (int) Math.min(chunk.length, tokens.size() - at);
        tokens.read(at, count, chunk, 0);
        for (int done = 0; done < count && (start >= 0 ? start : at + 1) < to; ) {
          done = next(done, count);
        }
      }
    }

    /** Goes on to the next end-of-text, or to the end of the chunk. */
    private int next(int done, int count) {
      int end = done;
      while (end < count && chunk[end] != endOfText) {
        end++;
      }
      boolean found = end < count;
      int after = found ? end + 1 : end;
      at += after - done;
      if (start >= 0) {
        hash(done, after);
      }
      if (found) {
        if (start >= 0 && at - start > 1) {
          visitor.visit(start, at - start, new Name(high, low));
        }
        start = at;
        high = HIGH;
        low = LOW;
      }
      return after;
    }

    private void hash(int from, int to) {
      long a = high;
      long b = low;
      for (int i = from; i < to; i++) {
        a = KeyedPermutation.mix(a + chunk[i]);
        b = KeyedPermutation.mix(b + chunk[i]);
      }
      high = a;
      low = b;
    }
  }
}
