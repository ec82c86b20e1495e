package io.adamant.data;

import java.util.Objects;

/** A read-only sequence of tokens, such as one split of a corpus. Safe for several threads. */
public interface TokenView {
  /**
   * The length.
   *
   * @return the number of tokens
   */
  long size();

  /**
   * Copies consecutive tokens.
   *
   * @param start index of the first token
   * @param count how many
   * @param target where they go, widened to int64 as the engine's index type
   * @param offset index in {@code target} of the first
   * @throws IndexOutOfBoundsException if either range is out of bounds
   */
  void read(long start, int count, long[] target, int offset);

  /**
   * A view of tokens in memory.
   *
   * @param tokens the tokens; copied
   * @return the view
   */
  static TokenView of(int... tokens) {
    int[] copy = tokens.clone();
    return new TokenView() {
      @Override
      public long size() {
        return copy.length;
      }

      @Override
      public void read(long start, int count, long[] target, int offset) {
        Objects.checkFromIndexSize(start, count, copy.length);
        Objects.checkFromIndexSize(offset, count, target.length);
        for (int i = 0; i < count; i++) {
          target[offset + i] = copy[(int) start + i];
        }
      }
    };
  }
}
