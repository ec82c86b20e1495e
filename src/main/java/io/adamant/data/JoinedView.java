package io.adamant.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Sequences of tokens one after the other: those of files, or those of a mixture's sources. */
final class JoinedView implements TokenView {
  private final List<TokenView> views;
  private final List<Part> sources;
  private final long[] ends;

  private JoinedView(List<TokenView> views, List<Part> sources) {
    this.views = List.copyOf(views);
    this.sources = List.copyOf(sources);
    this.ends = new long[views.size()];
    long end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += views.get(i).size();
      ends[i] = end;
    }
  }

  /** Joins the files of one source. */
  static JoinedView ofFiles(List<TokenView> files) {
    return new JoinedView(files, List.of());
  }

  /** Joins the sources of a mixture, with weights that {@link #read} does not ask for. */
  static JoinedView ofSources(List<Part> sources) {
    return new JoinedView(sources.stream().map(Part::tokens).toList(), sources);
  }

  @Override
  public List<Part> parts() {
    return sources.isEmpty() ? TokenView.super.parts() : sources;
  }

  @Override
  public List<TokenView> files() {
    return sources.isEmpty() ? views : TokenView.super.files();
  }

  @Override
  public long size() {
    return ends[ends.length - 1];
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
      views.get(i).read(at - first, here, target, offset + done);
      done += here;
    }
  }
}
