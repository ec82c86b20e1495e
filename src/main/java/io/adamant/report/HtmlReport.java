package io.adamant.report;

import io.adamant.chart.Chart;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Html;
import io.adamant.chart.Palette;
import io.adamant.chart.Table;
import io.adamant.chart.Thinning;
import java.util.List;

/**
 * One self-contained page: style, ECharts and data are part of it, and its content security policy
 * lets it load nothing else. Texts and tables need no JavaScript.
 */
public final class HtmlReport {
  private static final int MANY = 20;

  private HtmlReport() {}

  /** The page of a report. */
  public static String render(StudyReport report) {
    return render(report, "", 0);
  }

  /** The page of a study that still trains, which loads itself again. */
  static String render(StudyReport report, Progress progress, int seconds) {
    return render(report, ChartPage.section(progress.section(seconds)), seconds);
  }

  private static String render(StudyReport report, String first, int seconds) {
    StringBuilder body = new StringBuilder(contents(report)).append("<main>\n").append(first);
    body.append(ChartPage.section(report.overview())).append(comparison(report.table()));
    body.append(legend(report));
    report.sections().forEach(section -> body.append(ChartPage.section(section)));
    if (RunBrowser.needed(report.study())) {
      body.append(RunBrowser.html(report.study()));
    }
    body.append(details(report.study())).append("</main>\n");
    return ChartPage.document(report.study().title(), body.toString(), report.charts(), seconds);
  }

  private static String contents(StudyReport report) {
    StringBuilder html = new StringBuilder("<nav aria-label=\"Contents\"><ul>\n");
    html.append(entry("overview", "What was run")).append(entry("comparison", "Comparison"));
    report.sections().forEach(section -> html.append(entry(section.id(), section.title())));
    if (RunBrowser.needed(report.study())) {
      html.append(entry(RunBrowser.ID, RunBrowser.TITLE));
    }
    return html.append(entry("details", "Details")).append("</ul></nav>\n").toString();
  }

  private static String entry(String id, String title) {
    return "<li><a href=\"#%s\">%s</a></li>\n".formatted(id, Html.escaped(title));
  }

  private static String comparison(ComparisonTable table) {
    String caption =
        table.first() + " first; RMS values over all parameters at the last measured step";
    StringBuilder html = new StringBuilder(ChartPage.open("comparison", "Comparison"));
    html.append(Html.table(table.table().captioned(caption)));
    List<String> notes = table.notes();
    boolean many = notes.size() > MANY;
    html.append(many ? "<details><summary>%s notes</summary>\n".formatted(notes.size()) : "");
    notes.forEach(note -> html.append(Html.note(note)).append('\n'));
    html.append(many ? "</details>\n" : "");
    return html.append("</section>\n").toString();
  }

  /** Colours of the arms and meanings of the line styles, the same for all charts. */
  private static String legend(StudyReport report) {
    StringBuilder html = new StringBuilder("<div id=\"legend\" role=\"group\"");
    html.append(" aria-label=\"Legend of all charts\">\n");
    report
        .drawn()
        .forEach(
            (name, colour) ->
                html.append(
                    ChartPage.button(
                        name,
                        "<span class=\"chip\" style=\"background:%s\"></span>"
                            .formatted(Palette.css(colour)))));
    html.append(key("solid", "measured")).append(key("dashed", "predicted"));
    if (report.charts().stream()
        .flatMap(chart -> chart.series().stream())
        .anyMatch(series -> series.style() == Chart.Style.DASH_DOTTED)) {
      html.append(key("dash-dotted", "from fresh gradients"));
    }
    html.append(key("dotted", "parameter-free or fixed"));
    html.append("<label class=\"key\"><input type=\"checkbox\" id=\"logx\"> logarithmic steps");
    return html.append("</label>\n</div>\n").append(ChartPage.NO_SCRIPT).toString();
  }

  private static String key(String style, String meaning) {
    return "<span class=\"key\"><i class=\"%s\"></i>%s</span>\n".formatted(style, meaning);
  }

  private static String details(StudyData study) {
    StringBuilder html = new StringBuilder(ChartPage.open("details", "Details"));
    html.append(Html.paragraph(Thinning.STATED));
    for (Table table : OverviewTables.details(study)) {
      html.append("<details><summary>").append(Html.escaped(table.caption()));
      html.append("</summary>\n").append(Html.table(table.captioned(""))).append("</details>\n");
    }
    return html.append("</section>\n").toString();
  }
}
