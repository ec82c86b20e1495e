package io.adamant.data;

import java.util.Arrays;
import java.util.Objects;

/** Tokens that lie in stretches, which are read as if they were one. */
abstract class StretchedView implements TokenView {
  /** Tokens up to the end of each stretch. */
  private final long[] ends;

  /** With stretches of these lengths, none of them 0. */
  StretchedView(long... lengths) {
    ends = lengths.clone();
    Arrays.parallelPrefix(ends, Long::sum);
  }

  /** Copies tokens of one stretch, as {@link #read} does. */
  abstract void readOf(int stretch, long start, int count, long[] target, int offset);

  @Override
  public final long size() {
    return ends.length == 0 ? 0 : ends[ends.length - 1];
  }

  @Override
  public final void read(long start, int count, long[] target, int offset) {
    Objects.checkFromIndexSize(start, count, size());
    Objects.checkFromIndexSize(offset, count, target.length);
    int found = Arrays.binarySearch(ends, start);
    int done = 0;
    for (int i = found < 0 ? -found - 1 : found + 1; done < count; i++) {
      long at = start + done;
      int here = (int) Math.min(count - done, ends[i] - at);
      long first = i == 0 ? 0 : ends[i - 1];
      readOf(i, at - first, here, target, offset + done);
      done += here;
    }
  }
}
