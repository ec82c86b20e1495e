package io.adamant.data;

import java.util.List;
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
   * The files of tokens that are read as they lie.
   *
   * @return the tokens of each file in order; those of a store are one file
   */
  default List<TokenView> files() {
    return List.of(this);
  }

  /**
   * Some of these tokens.
   *
   * @param first index of the first
   * @param length how many
   * @return a view of those, without sources or files of its own
   */
  default TokenView part(long first, long length) {
    Objects.checkFromIndexSize(first, length, size());
    TokenView whole = this;
    return new TokenView() {
      @Override
      public long size() {
        return length;
      }

      @Override
      public void read(long start, int count, long[] target, int offset) {
        Objects.checkFromIndexSize(start, count, length);
        whole.read(first + start, count, target, offset);
      }
    };
  }

  /**
   * The sources of a mixture.
   *
   * @return the sources in order; without a mixture one, of all tokens
   */
  default List<Part> parts() {
    return List.of(new Part("", this, 1));
  }

  /**
   * A source of a mixture.
   *
   * @param name of the source, for people
   * @param tokens its tokens
   * @param weight its share of the windows that are drawn, relative to the others'; at least 1
   */
  record Part(String name, TokenView tokens, int weight) {}

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
