package io.adamant.data;

import java.util.List;

/** Sequences of tokens one after the other: those of files, or those of a mixture's sources. */
final class JoinedView extends StretchedView {
  private final List<TokenView> views;
  private final List<Part> sources;

  private JoinedView(List<TokenView> views, List<Part> sources) {
    super(views.stream().mapToLong(TokenView::size).toArray());
    this.views = List.copyOf(views);
    this.sources = List.copyOf(sources);
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
    return sources.isEmpty() ? super.parts() : sources;
  }

  @Override
  public List<TokenView> files() {
    return sources.isEmpty() ? views : super.files();
  }

  @Override
  void readOf(int stretch, long start, int count, long[] target, int offset) {
    views.get(stretch).read(start, count, target, offset);
  }
}
