package io.adamant.report;

import io.adamant.chart.Chart;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Html;
import io.adamant.chart.Palette;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.chart.Thinning;

/**
 * One self-contained page: style, ECharts and data are part of it, and its content security policy
 * lets it load nothing else. Texts and tables need no JavaScript.
 */
public final class HtmlReport {
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
    StringBuilder body = new StringBuilder(contents()).append("<main>\n");
    body.append(overview()).append(legend());
    report.sections().forEach(section -> body.append(ChartPage.section(section)));
    body.append(details()).append("</main>\n");
    return ChartPage.document(report.study().title(), body.toString(), report.charts());
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
    StringBuilder html = new StringBuilder(ChartPage.open(overview.id(), overview.title()));
    overview.sentences().forEach(sentence -> html.append(Html.paragraph(sentence)));
    overview.tables().forEach(table -> html.append(Html.table(table)));
    html.append("</section>\n").append(ChartPage.open("comparison", "Comparison"));
    html.append(comparison());
    for (String note : report.table().notes()) {
      html.append("<p class=\"note\">").append(Html.escaped(note)).append("</p>\n");
    }
    return html.append("</section>\n").toString();
  }

  private String comparison() {
    return Html.table(
        report
            .table()
            .table()
            .captioned(
                (report.table().warning().isPresent() ? "Grouped by data, within it best" : "Best")
                    + " validation loss first; RMS values over all parameters at the last measured"
                    + " step"));
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
                    .append(Palette.css(colour))
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

  private String details() {
    StringBuilder html = new StringBuilder(ChartPage.open("details", "Details"));
    html.append(Html.paragraph(Thinning.STATED));
    for (Table table : OverviewTables.details(report.study())) {
      html.append("<details><summary>").append(Html.escaped(table.caption()));
      html.append("</summary>\n");
      html.append(Html.table(table.captioned("")));
      html.append("</details>\n");
    }
    return html.append("</section>\n").toString();
  }
}
