package io.adamant.report;

import io.adamant.base.Csv;
import io.adamant.chart.Sentences;
import io.adamant.report.ComparisonTable.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The comparison table as text for a terminal, Markdown and CSV. */
public final class TableText {
  private static final int WIDTH = 100;
  private static final String GAP = "  ";
  private static final int NARROWEST_NAME = 9;

  private TableText() {}

  /**
   * Aligned columns of at most 100 characters, notes below.
   *
   * @param table the table
   * @return lines, each with its line end
   */
  public static String terminal(ComparisonTable table) {
    List<TableColumn> columns = TableColumn.ALL;
    int[] widths = columns.stream().mapToInt(column -> width(column, table)).toArray();
    widenForGroups(columns, widths);
    int rest = IntStream.range(1, widths.length).map(i -> widths[i] + GAP.length()).sum();
    widths[0] = Math.max(NARROWEST_NAME, Math.min(widths[0], WIDTH - rest));
    StringBuilder text = new StringBuilder();
    table
        .warning()
        .ifPresent(
            warning ->
                Sentences.wrapped(warning, WIDTH).forEach(part -> text.append(part).append('\n')));
    text.append(groupLine(columns, widths)).append('\n');
    text.append(line(columns, widths, columns.stream().map(TableColumn::brief).toList()));
    for (Row row : table.rows()) {
      List<String> name = Sentences.wrapped(row.name(), widths[0]);
      List<String> cells =
          new ArrayList<>(columns.stream().map(column -> column.cell().apply(row)).toList());
      cells.set(0, name.get(0));
      text.append(line(columns, widths, cells));
      name.stream().skip(1).forEach(more -> text.append(more).append('\n'));
    }
    for (String note : notes(table)) {
      Sentences.wrapped(note, WIDTH).forEach(part -> text.append(part).append('\n'));
    }
    return text.toString();
  }

  /**
   * A GitHub-flavoured Markdown table, notes below.
   *
   * @param table the table
   * @return Markdown
   */
  public static String markdown(ComparisonTable table) {
    List<TableColumn> columns = TableColumn.ALL;
    StringBuilder text = new StringBuilder();
    table.warning().ifPresent(warning -> text.append("**").append(warning).append("**\n\n"));
    text.append(markdownLine(columns.stream().map(TableText::fullHeading).toList()));
    text.append(markdownLine(columns.stream().map(c -> c.text() ? ":---" : "---:").toList()));
    for (Row row : table.rows()) {
      List<String> cells =
          columns.stream().map(c -> c.cell().apply(row).replace("|", "\\|")).toList();
      text.append(markdownLine(cells));
    }
    for (String note : notes(table)) {
      text.append('\n').append(note).append('\n');
    }
    return text.toString();
  }

  /**
   * Comma-separated values with every digit, for programs; blank where unknown.
   *
   * @param table the table
   * @return CSV with a header line
   */
  public static String csv(ComparisonTable table) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            ("arm,optimizer,status,seeds,seeds_averaged,val_loss,val_loss_half_width_95,val_ppl,"
                    + "tokens_per_s,seconds,update_rms,update_rms_predicted,update_rms_free,"
                    + "weight_rms,weight_rms_predicted,note")
                .split(",", -1)));
    for (Row row : table.rows()) {
      lines.add(
          List.of(
              row.name(),
              row.optimizer(),
              row.status().word(),
              Integer.toString(row.runs()),
              Integer.toString(row.averaged()),
              Csv.number(row.valLoss()),
              Csv.number(row.valLossHalfWidth()),
              Csv.number(row.perplexity()),
              Csv.number(row.tokensPerSecond()),
              Csv.number(row.seconds()),
              Csv.number(row.updateRms()),
              Csv.number(row.updateRmsPredicted()),
              Csv.number(row.updateRmsFree()),
              Csv.number(row.weightRms()),
              Csv.number(row.weightRmsPredicted()),
              row.note()));
    }
    return Csv.text(lines);
  }

  /** What the numbers are, and what must be said of some arms. */
  static List<String> notes(ComparisonTable table) {
    List<String> notes = new ArrayList<>();
    if (table.rows().stream().anyMatch(row -> Double.isFinite(row.valLossHalfWidth()))) {
      notes.add("±: half-width of the 95 % t-interval of the mean over seeds.");
    }
    table.rows().stream()
        .filter(row -> !row.note().isEmpty())
        .forEach(row -> notes.add(row.name() + ": " + row.note() + "."));
    return notes;
  }

  static String fullHeading(TableColumn column) {
    return (column.group() + " " + column.heading()).strip();
  }

  private static int width(TableColumn column, ComparisonTable table) {
    return Math.max(
        column.brief().length(),
        table.rows().stream().mapToInt(row -> column.cell().apply(row).length()).max().orElse(0));
  }

  /** Where numbers are all unknown, cells are narrower than the heading over their group. */
  private static void widenForGroups(List<TableColumn> columns, int[] widths) {
    int begin = 0;
    while (begin < columns.size()) {
      String heading = columns.get(begin).group();
      int end = begin;
      int width = -GAP.length();
      while (end < columns.size() && columns.get(end).group().equals(heading)) {
        width += GAP.length() + widths[end++];
      }
      widths[end - 1] += Math.max(0, heading.length() - width);
      begin = end;
    }
  }

  /** Headings over groups of columns, each centred over its own. */
  private static String groupLine(List<TableColumn> columns, int[] widths) {
    StringBuilder line = new StringBuilder();
    int i = 0;
    while (i < columns.size()) {
      int end = i;
      int width = -GAP.length();
      while (end < columns.size() && columns.get(end).group().equals(columns.get(i).group())) {
        width += GAP.length() + widths[end];
        end++;
      }
      String heading = columns.get(i).group();
      int left = Math.max(0, (width - heading.length()) / 2);
      line.append(i == 0 ? "" : GAP).append(padded(" ".repeat(left) + heading, width));
      i = end;
    }
    return line.toString().stripTrailing();
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static String line(List<TableColumn> columns, int[] widths, List<String> cells) {
    return IntStream.range(0, widths.length)
            .mapToObj(
                i -> {
                  String space = " ".repeat(Math.max(0, widths[i] - cells.get(i).length()));
                  return columns.get(i).text() ? cells.get(i) + space : space + cells.get(i);
                })
            .collect(Collectors.joining(GAP))
            .stripTrailing()
        + "\n";
  }

  private static String markdownLine(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
