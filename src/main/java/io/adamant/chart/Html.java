package io.adamant.chart;

import java.util.List;
import java.util.function.IntPredicate;

/** Fragments of HTML; every text that comes from a run is escaped here. */
public final class Html {
  private static final int BRIEF = 36;
  private static final int LONG = 60;
  private static final String LONG_NAME = "<tr><th scope=\"row\" class=\"w\">";

  private Html() {}

  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  public static String paragraph(String text) {
    return "<p>" + escaped(text).replace(" %", "&nbsp;%") + "</p>\n";
  }

  /**
   * A table whose first column names its rows. Neighbouring columns of one group share a heading
   * above their own; no groups, no such line.
   */
  public static String table(
      String caption,
      List<String> groups,
      List<String> headings,
      List<List<String>> rows,
      IntPredicate number) {
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table>\n");
    if (!caption.isEmpty()) {
      html.append("<caption>").append(escaped(caption)).append("</caption>\n");
    }
    html.append("<thead>").append(groupLine(groups)).append("<tr>");
    for (int i = 0; i < headings.size(); i++) {
      html.append("<th scope=\"col\"").append(i > 0 && number.test(i) ? " class=\"n\">" : ">");
      html.append(escaped(headings.get(i)).replace("_", "_<wbr>")).append("</th>");
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : rows) {
      html.append(row.get(0).length() <= BRIEF ? "<tr><th scope=\"row\">" : LONG_NAME);
      html.append(escaped(row.get(0))).append("</th>");
      for (int i = 1; i < row.size(); i++) {
        html.append(number.test(i) ? "<td class=\"n\">" : cell(rows, i));
        html.append(escaped(row.get(i))).append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  private static String groupLine(List<String> groups) {
    StringBuilder html = new StringBuilder();
    int i = 0;
    while (i < groups.size()) {
      int end = i;
      while (end < groups.size() && groups.get(end).equals(groups.get(i))) {
        end++;
      }
      html.append(groups.get(i).isEmpty() ? "<td" : "<th scope=\"colgroup\" class=\"g\"");
      html.append(" colspan=\"").append(end - i).append("\">").append(escaped(groups.get(i)));
      html.append(groups.get(i).isEmpty() ? "</td>" : "</th>");
      i = end;
    }
    return html.isEmpty() ? "" : "<tr>" + html + "</tr>";
  }

  /** Lines of a cell stay lines; a column of short cells does not break any. */
  private static String cell(List<List<String>> rows, int column) {
    if (rows.stream().anyMatch(row -> row.get(column).contains("\n"))) {
      return "<td class=\"l\">";
    }
    if (rows.stream().anyMatch(row -> row.get(column).length() > LONG)) {
      return "<td class=\"t\">";
    }
    return brief(rows, column) ? "<td class=\"s\">" : "<td>";
  }

  /** Whether the cells of a column are short enough to stand on one line each. */
  private static boolean brief(List<List<String>> rows, int column) {
    return rows.stream().allMatch(row -> row.get(column).length() <= BRIEF);
  }

  /** Whether every cell of a column that holds something begins like a number, or is infinite. */
  static boolean numeric(List<List<String>> rows, int column) {
    return rows.stream()
        .map(row -> row.get(column))
        .allMatch(cell -> cell.isEmpty() || cell.matches("-?infinite|[+-]?[0-9][^a-df-zA-DF-Z]*"));
  }
}
