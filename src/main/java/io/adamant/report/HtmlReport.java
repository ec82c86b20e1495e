package io.adamant.report;

import io.adamant.report.Section.FactTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/**
 * One self-contained page: style, ECharts and data are part of it, and its content security policy
 * lets it load nothing else. Texts and tables need no JavaScript.
 */
public final class HtmlReport {
  static final String ECHARTS = "/META-INF/resources/webjars/echarts/5.5.0/echarts.min.js";
  static final String POLICY =
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

  private final StudyReport report;

  private HtmlReport(StudyReport report) {
    this.report = report;
  }

  /**
   * Renders a report.
   *
   * @param report what to show
   * @return the page
   */
  public static String render(StudyReport report) {
    return new HtmlReport(report).page();
  }

  private String page() {
    String title = Html.escaped(report.study().title());
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta http-equiv=\"Content-Security-Policy\" content=\"" + POLICY + "\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<title>").append(title).append(" · Adamant</title>\n");
    html.append("<style>\n").append(resource("report.css")).append("</style>\n</head>\n<body>\n");
    html.append("<header><h1>").append(title).append("</h1></header>\n");
    html.append(contents());
    html.append("<main>\n");
    html.append(overview());
    html.append(legend());
    report.sections().forEach(section -> html.append(section(section)));
    html.append(details());
    html.append("</main>\n");
    html.append("<script type=\"application/json\" id=\"data\">");
    html.append(ChartJson.of(report.charts())).append("</script>\n");
    html.append("<script>\n").append(resource(ECHARTS)).append("\n</script>\n");
    html.append("<script>\n").append(resource("report.js")).append("</script>\n");
    return html.append("</body>\n</html>\n").toString();
  }

  private String contents() {
    StringBuilder html = new StringBuilder("<nav aria-label=\"Contents\"><ul>\n");
    html.append("<li><a href=\"#overview\">What was run</a></li>\n");
    html.append("<li><a href=\"#comparison\">Comparison</a></li>\n");
    for (Section section : report.sections()) {
      html.append("<li><a href=\"#").append(section.id()).append("\">");
      html.append(Html.escaped(section.title())).append("</a></li>\n");
    }
    return html.append("<li><a href=\"#details\">Details</a></li>\n</ul></nav>\n").toString();
  }

  private String overview() {
    Section overview = report.overview();
    StringBuilder html = new StringBuilder(open(overview.id(), overview.title()));
    overview.sentences().forEach(sentence -> html.append(Html.paragraph(sentence)));
    overview.tables().forEach(table -> html.append(table(table)));
    html.append("</section>\n").append(open("comparison", "Comparison"));
    html.append(comparison());
    for (String note : TableText.notes(report.table())) {
      html.append("<p class=\"note\">").append(Html.escaped(note)).append("</p>\n");
    }
    return html.append("</section>\n").toString();
  }

  private String comparison() {
    List<TableColumn> columns = TableColumn.ALL;
    return Html.table(
        "Best validation loss first; RMS values over all parameters at the last measured step",
        columns.stream().map(TableColumn::group).toList(),
        columns.stream().map(TableColumn::heading).toList(),
        report.table().rows().stream()
            .map(row -> columns.stream().map(column -> column.cell().apply(row)).toList())
            .toList(),
        column -> !columns.get(column).text());
  }

  /** Colours of the arms and meanings of the line styles, the same for all charts. */
  private String legend() {
    StringBuilder html = new StringBuilder("<div id=\"legend\" role=\"group\"");
    html.append(" aria-label=\"Legend of all charts\">\n");
    report
        .drawn()
        .forEach(
            (name, colour) ->
                html.append(
                        "<button type=\"button\" class=\"arm\" aria-pressed=\"true\" data-arm=\"")
                    .append(Html.escaped(name))
                    .append("\"><span class=\"chip\" style=\"background:")
                    .append(Palette.hex(colour))
                    .append("\"></span>")
                    .append(Html.escaped(name))
                    .append("</button>\n"));
    html.append("<span class=\"key\"><i class=\"solid\"></i>measured</span>\n");
    html.append("<span class=\"key\"><i class=\"dashed\"></i>predicted</span>\n");
    if (report.charts().stream()
        .flatMap(chart -> chart.series().stream())
        .anyMatch(series -> series.style() == Chart.Style.DASH_DOTTED)) {
      html.append("<span class=\"key\"><i class=\"dash-dotted\"></i>from fresh gradients</span>\n");
    }
    html.append("<span class=\"key\"><i class=\"dotted\"></i>parameter-free or fixed</span>\n");
    html.append(
        "<label class=\"key\"><input type=\"checkbox\" id=\"logx\"> logarithmic steps</label>\n");
    return html.append(
            "</div>\n<noscript><p>The charts need JavaScript; texts and tables do not.</p></noscript>\n")
        .toString();
  }

  static String section(Section section) {
    return section(section, chart -> "");
  }

  /** A section with something between a chart's title and its lines, such as a legend. */
  static String section(Section section, Function<Chart, String> above) {
    StringBuilder html = new StringBuilder(open(section.id(), section.title()));
    section.sentences().forEach(sentence -> html.append(Html.paragraph(sentence)));
    section.tables().forEach(table -> html.append(table(table)));
    section.wide().forEach(chart -> html.append(figure(chart, "wide", above.apply(chart))));
    if (!section.panels().isEmpty()) {
      String columns = section.panels().size() == 2 ? "panels two" : "panels";
      html.append("<div class=\"").append(columns).append("\">\n");
      section.panels().forEach(chart -> html.append(figure(chart, "panel", above.apply(chart))));
      html.append("</div>\n");
    }
    return html.append("</section>\n").toString();
  }

  private static String figure(Chart chart, String size, String above) {
    StringBuilder notes = new StringBuilder();
    chart
        .notes()
        .forEach(n -> notes.append("<p class=\"note\">").append(Html.escaped(n)).append("</p>"));
    return "<figure class=\"%s\"><figcaption>%s</figcaption>%s<div class=\"chart\" id=\"chart-%s\" role=\"img\" aria-label=\"%s\"></div></figure>\n"
        .formatted(
            size,
            Html.escaped(chart.title()),
            notes + above,
            chart.id(),
            Html.escaped(chart.title()));
  }

  private String details() {
    StringBuilder html = new StringBuilder(open("details", "Details"));
    html.append(Html.paragraph(Thinning.STATED));
    for (FactTable table : OverviewTables.details(report.study())) {
      html.append("<details><summary>").append(Html.escaped(table.caption()));
      html.append("</summary>\n");
      html.append(table(new FactTable("", table.headings(), table.rows())));
      html.append("</details>\n");
    }
    return html.append("</section>\n").toString();
  }

  private static String table(FactTable table) {
    return Html.table(
        table.caption(),
        List.of(),
        table.headings(),
        table.rows(),
        column -> Html.numeric(table.rows(), column));
  }

  static String open(String id, String title) {
    return "<section id=\"" + id + "\">\n<h2>" + Html.escaped(title) + "</h2>\n";
  }

  static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource " + name, e);
    }
  }
}
