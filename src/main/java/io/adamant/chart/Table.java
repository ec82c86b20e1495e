package io.adamant.chart;

import io.adamant.base.Csv;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table whose first column names its rows, written once each for terminal, Markdown, CSV and HTML
 * (see {@link Html#table}).
 *
 * @param caption what it is, may be empty
 * @param columns from left to right
 * @param rows each with as many cells
 */
public record Table(String caption, List<Column> columns, List<List<String>> rows) {
  private static final Pattern NUMBER = Pattern.compile("-?infinite|[+-]?[0-9][^a-df-zA-DF-Z]*");
  private static final String GAP = "  ";
  private static final int NARROWEST_NAME = 9;

  /**
   * What stands above a column, and where its cells stand.
   *
   * @param group heading over this column and its neighbours of the same group, may be empty
   * @param heading its own heading
   * @param brief the same where room is scarce
   * @param number whether its cells stand at the right in any case; else they do if all that hold
   *     something begin like numbers, or are infinite
   */
  public record Column(String group, String heading, String brief, boolean number) {}

  /**
   * A table of texts.
   *
   * @throws IllegalArgumentException if a row has another number of cells than there are headings
   */
  public static Table of(String caption, List<String> headings, List<List<String>> rows) {
    List<Column> columns =
        headings.stream().map(text -> new Column("", text, text, false)).toList();
    return new Table(caption, columns, rows);
  }

  /** Takes copies. */
  public Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "row " + row + " has " + row.size() + " cells; allowed: " + columns.size());
      }
    }
  }

  /**
   * Columns that say what stands in their cells, each in one way.
   *
   * @param <R> what a row is about
   */
  public static final class Columns<R> {
    private final List<Column> columns = new ArrayList<>();
    private final List<Function<R, String>> cells = new ArrayList<>();

    /** A column of texts, or of numbers that have no unit in common. */
    public Columns<R> text(String heading, Function<R, String> cell) {
      return add(new Column("", heading, heading, false), cell);
    }

    /** A column of numbers that are all rounded alike. */
    public Columns<R> number(
        String heading, DoubleFunction<String> written, ToDoubleFunction<R> value) {
      return text(heading, row -> written.apply(value.applyAsDouble(row)));
    }

    /** A column of whole numbers. */
    public Columns<R> whole(String heading, ToLongFunction<R> value) {
      return text(heading, row -> Long.toString(value.applyAsLong(row)));
    }

    /** A column of numbers with every digit, for programs. */
    public Columns<R> exact(String heading, ToDoubleFunction<R> value) {
      return number(heading, Double::toString, value);
    }

    /** A column with all that stands above it. */
    public Columns<R> add(Column column, Function<R, String> cell) {
      columns.add(column);
      cells.add(cell);
      return this;
    }

    /** The table of some rows. */
    public Table of(String caption, Collection<R> rows) {
      return new Table(
          caption,
          columns,
          rows.stream().map(row -> cells.stream().map(cell -> cell.apply(row)).toList()).toList());
    }
  }

  /** Whether the cells of each column stand at the right; names never do. */
  boolean[] right() {
    boolean[] right = new boolean[columns.size()];
    for (int i = 1; i < right.length; i++) {
      right[i] = columns.get(i).number() || numeric(i);
    }
    return right;
  }

  private boolean numeric(int column) {
    return rows.stream()
        .map(row -> row.get(column))
        .allMatch(cell -> cell.isEmpty() || NUMBER.matcher(cell).matches());
  }

  /** The same under another caption. */
  public Table captioned(String newCaption) {
    return new Table(newCaption, columns, rows);
  }

  /** One a column, without those of groups. */
  public List<String> headings() {
    return columns.stream().map(Column::heading).toList();
  }

  /** Headings, then cells. */
  public List<List<String>> lines() {
    return under(headings());
  }

  /** Comma-separated values with a header line. */
  public String csv() {
    return Csv.text(lines());
  }

  private List<List<String>> under(List<String> headings) {
    List<List<String>> lines = new ArrayList<>(List.of(headings));
    lines.addAll(rows);
    return lines;
  }

  /** GitHub-flavoured Markdown below an empty line. */
  public String markdown() {
    List<String> headings =
        columns.stream().map(c -> (c.group() + " " + c.heading()).strip()).toList();
    List<List<String>> lines = under(headings);
    boolean[] right = right();
    lines.add(
        1, IntStream.range(0, right.length).mapToObj(i -> right[i] ? "---:" : ":---").toList());
    return (caption.isEmpty() ? "" : "\n" + caption + ":\n")
        + lines.stream()
            .map(line -> line.stream().map(c -> c.replace("|", "\\|")).toList())
            .map(line -> "| " + String.join(" | ", line) + " |\n")
            .collect(Collectors.joining("", "\n", ""));
  }

  /** Aligned columns for a terminal; names are broken where lines would be longer than a width. */
  public String terminal(int width) {
    List<List<String>> lines = under(columns.stream().map(Column::brief).toList());
    int[] widths = widths(lines);
    widenForGroups(widths);
    int rest = IntStream.of(widths).skip(1).map(w -> w + GAP.length()).sum();
    widths[0] = Math.min(widths[0], Math.max(NARROWEST_NAME, width - rest));
    boolean[] right = right();
    StringBuilder text = new StringBuilder(caption.isEmpty() ? "" : caption + ":\n");
    if (columns.stream().anyMatch(column -> !column.group().isEmpty())) {
      text.append(groupLine(widths)).append('\n');
    }
    for (List<String> line : lines) {
      List<String> name = Sentences.wrapped(line.get(0), widths[0]);
      List<String> cells = new ArrayList<>(line);
      cells.set(0, name.get(0));
      text.append(line(cells, widths, i -> right[i]));
      name.stream().skip(1).forEach(more -> text.append(more).append('\n'));
    }
    return text.toString();
  }

  /** Lines of as many cells each, in columns two spaces apart. */
  public static String aligned(List<List<String>> lines, IntPredicate right) {
    int[] widths = widths(lines);
    return lines.stream().map(line -> line(line, widths, right)).collect(Collectors.joining());
  }

  private static int[] widths(List<List<String>> lines) {
    return IntStream.range(0, lines.isEmpty() ? 0 : lines.get(0).size())
        .map(i -> lines.stream().mapToInt(line -> line.get(i).length()).max().orElse(0))
        .toArray();
  }

  private static String line(List<String> cells, int[] widths, IntPredicate right) {
    return IntStream.range(0, widths.length)
            .mapToObj(
                i -> {
                  String space = " ".repeat(Math.max(0, widths[i] - cells.get(i).length()));
                  return right.test(i) ? space + cells.get(i) : cells.get(i) + space;
                })
            .collect(Collectors.joining(GAP))
            .stripTrailing()
        + "\n";
  }

  /** Headings over groups of columns, each centred over its own. */
  private String groupLine(int[] widths) {
    List<String> parts = new ArrayList<>();
    for (int begin = 0; begin < columns.size(); begin = groupEnd(begin)) {
      String heading = columns.get(begin).group();
      int width = span(widths, begin);
      String left = " ".repeat(Math.max(0, (width - heading.length()) / 2)) + heading;
      parts.add(left + " ".repeat(Math.max(0, width - left.length())));
    }
    return String.join(GAP, parts).stripTrailing();
  }

  /** Where numbers are all unknown, cells are narrower than the heading over their group. */
  private void widenForGroups(int[] widths) {
    for (int begin = 0; begin < columns.size(); begin = groupEnd(begin)) {
      int missing = columns.get(begin).group().length() - span(widths, begin);
      widths[groupEnd(begin) - 1] += Math.max(0, missing);
    }
  }

  private int span(int[] widths, int begin) {
    int end = groupEnd(begin);
    return IntStream.range(begin, end).map(i -> widths[i]).sum() + GAP.length() * (end - begin - 1);
  }

  /** The first column after a group's. */
  int groupEnd(int begin) {
    int end = begin;
    while (end < columns.size() && columns.get(end).group().equals(columns.get(begin).group())) {
      end++;
    }
    return end;
  }
}
