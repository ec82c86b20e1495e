package io.adamant.data;

import java.util.Arrays;

/** Stretches of a sequence of tokens, one after the other. */
final class SelectedView extends StretchedView {
  private final TokenView all;

  /** Index in the whole sequence of each stretch's first token. */
  private final long[] starts;

  private SelectedView(TokenView all, long[] starts, long[] lengths) {
    super(lengths);
    this.all = all;
    this.starts = starts;
  }

  /**
   * Selects stretches.
   *
   * @param all the sequence
   * @param places first token and length of each stretch, in order, none of them empty
   */
  static SelectedView of(TokenView all, long[] places) {
    long[] starts = new long[places.length / 2];
    long[] lengths = new long[starts.length];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = places[2 * i];
      lengths[i] = places[2 * i + 1];
    }
    return new SelectedView(all, starts, lengths);
  }

  /** Selects what lies between stretches, and what follows the last. */
  static SelectedView without(TokenView all, long[] places) {
    long[] gaps = new long[places.length + 2];
    int count = 0;
    long at = 0;
    for (int i = 0; i <= places.length; i += 2) {
      long next = i == places.length ? all.size() : places[i];
      if (next > at) {
        gaps[count++] = at;
        gaps[count++] = next - at;
      }
      at = i == places.length ? next : next + places[i + 1];
    }
    return of(all, Arrays.copyOf(gaps, count));
  }

  @Override
  void readOf(int stretch, long start, int count, long[] target, int offset) {
    all.read(starts[stretch] + start, count, target, offset);
  }
}
