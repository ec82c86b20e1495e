package io.adamant.data;

import java.util.List;
import java.util.Objects;

/** Sequences of tokens one after the other; those of a mixture with the weights of its sources. */
final class JoinedView implements TokenView {
  private final List<Part> parts;
  private final long[] ends;

  /**
   * Joins them.
   *
   * @param parts with their weights, which {@link #read} does not ask for
   */
  JoinedView(List<Part> parts) {
    this.parts = List.copyOf(parts);
    this.ends = new long[parts.size()];
    long end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += parts.get(i).tokens().size();
      ends[i] = end;
    }
  }

  @Override
  public List<Part> parts() {
    return parts;
  }

  @Override
  public long size() {
    return ends[ends.length - 1];
  }

  @Override
  public void read(long start, int count, long[] target, int offset) {
    Objects.checkFromIndexSize(start, count, size());
    Objects.checkFromIndexSize(offset, count, target.length);
    int done = 0;
    for (int i = 0; done < count; i++) {
      long at = start + done;
      if (at < ends[i]) {
        int here = (int) Math.min(count - done, ends[i] - at);
        long first = i == 0 ? 0 : ends[i - 1];
        parts.get(i).tokens().read(at - first, here, target, offset + done);
        done += here;
      }
    }
  }
}
