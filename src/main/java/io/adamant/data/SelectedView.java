package io.adamant.data;

import java.util.Arrays;
import java.util.Objects;

/** Stretches of a sequence of tokens, one after the other. */
final class SelectedView implements TokenView {
  private final TokenView all;

  /** Index in the whole sequence of each stretch's first token. */
  private final long[] starts;

  /** Tokens up to the end of each stretch. */
  private final long[] ends;

  private SelectedView(TokenView all, long[] starts, long[] ends) {
    this.all = all;
    this.starts = starts;
    this.ends = ends;
  }

  /**
   * Selects stretches.
   *
   * @param all the sequence
   * @param places first token and length of each stretch, in order, none of them empty
   */
  static SelectedView of(TokenView all, long[] places) {
    long[] starts = new long[places.length / 2];
    long[] ends = new long[starts.length];
    long end = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = places[2 * i];
      end += places[2 * i + 1];
      ends[i] = end;
    }
    return new SelectedView(all, starts, ends);
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
  public long size() {
    return ends.length == 0 ? 0 : ends[ends.length - 1];
  }

  @Override
  public void read(long start, int count, long[] target, int offset) {
    Objects.checkFromIndexSize(start, count, size());
    Objects.checkFromIndexSize(offset, count, target.length);
    int found = Arrays.binarySearch(ends, start);
    int done = 0;
    for (int i = found < 0 ? -found - 1 : found + 1; done < count; i++) {
      long at = start + done;
      int here = (int) Math.min(count - done, ends[i] - at);
      long first = i == 0 ? 0 : ends[i - 1];
      all.read(starts[i] + at - first, here, target, offset + done);
      done += here;
    }
  }
}
