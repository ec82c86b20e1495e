package io.adamant.chart;

import java.util.List;

/** Fragments of HTML; every text that comes from a run is escaped here. */
public final class Html {
  private static final int BRIEF = 36;
  private static final int LONG = 60;
  private static final int MANY = 40;
  private static final String SCROLL = "<div class=\"scroll\"><table>\n";
  private static final String LONG_TABLE =
      "<div class=\"scroll long\" tabindex=\"0\"><table>\n"; // scrolled with the keyboard, too
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

  public static String note(String text) {
    return "<p class=\"note\">" + escaped(text) + "</p>";
  }

  /** A table; without groups of columns it has no line of their headings. */
  public static String table(Table table) {
    boolean[] right = table.right();
    StringBuilder html = new StringBuilder(table.rows().size() <= MANY ? SCROLL : LONG_TABLE);
    if (!table.caption().isEmpty()) {
      html.append("<caption>").append(escaped(table.caption())).append("</caption>\n");
    }
    html.append("<thead>").append(groupLine(table)).append("<tr>");
    for (int i = 0; i < table.columns().size(); i++) {
      html.append("<th scope=\"col\"").append(right[i] ? " class=\"n\">" : ">");
      html.append(escaped(table.headings().get(i)).replace("_", "_<wbr>")).append("</th>");
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : table.rows()) {
      html.append(row.get(0).length() <= BRIEF ? "<tr><th scope=\"row\">" : LONG_NAME);
      html.append(escaped(row.get(0))).append("</th>");
      for (int i = 1; i < row.size(); i++) {
        html.append(right[i] ? "<td class=\"n\">" : cell(table.rows(), i));
        html.append(escaped(row.get(i))).append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  private static String groupLine(Table table) {
    StringBuilder html = new StringBuilder();
    for (int i = 0; i < table.columns().size(); i = table.groupEnd(i)) {
      String group = table.columns().get(i).group();
      html.append(group.isEmpty() ? "<td" : "<th scope=\"colgroup\" class=\"g\"");
      html.append(" colspan=\"").append(table.groupEnd(i) - i).append("\">").append(escaped(group));
      html.append(group.isEmpty() ? "</td>" : "</th>");
    }
    boolean none = table.columns().stream().allMatch(column -> column.group().isEmpty());
    return none ? "" : "<tr>" + html + "</tr>";
  }

  /** Lines of a cell stay lines; a column of short cells does not break any. */
  private static String cell(List<List<String>> rows, int column) {
    if (rows.stream().anyMatch(row -> row.get(column).contains("\n"))) {
      return "<td class=\"l\">";
    }
    if (rows.stream().anyMatch(row -> row.get(column).length() > LONG)) {
      return "<td class=\"t\">";
    }
    return rows.stream().allMatch(row -> row.get(column).length() <= BRIEF)
        ? "<td class=\"s\">"
        : "<td>";
  }
}
