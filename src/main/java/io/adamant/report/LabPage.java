package io.adamant.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder with one self-contained page, its charts as PNG and its numbers as CSV.
 *
 * @param title heading
 * @param sections texts, tables and charts
 * @param tables rows of cells by the name of their CSV file; the first row holds headings
 */
public record LabPage(
    String title, List<Section> sections, Map<String, List<List<String>>> tables) {

  /** Takes copies. */
  public LabPage {
    sections = List.copyOf(sections);
    tables = new LinkedHashMap<>(tables);
  }

  /**
   * Writes all files, each whole or not at all.
   *
   * @param directory created where it is missing
   * @return the files: the page first
   */
  public List<Path> write(Path directory) {
    List<Path> files = new ArrayList<>();
    files.add(AtomicFiles.write(directory.resolve("report.html"), html()));
    tables.forEach(
        (name, rows) -> files.add(AtomicFiles.write(directory.resolve(name), Csv.text(rows))));
    files.addAll(PngFigures.write(charts(), directory));
    return files;
  }

  private List<Chart> charts() {
    return sections.stream().flatMap(section -> section.charts().stream()).toList();
  }

  String html() {
    String name = Html.escaped(title);
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta http-equiv=\"Content-Security-Policy\" content=\"");
    html.append(HtmlReport.POLICY).append("\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<title>").append(name).append(" · Adamant</title>\n<style>\n");
    html.append(HtmlReport.resource("report.css")).append("</style>\n</head>\n<body>\n");
    html.append("<header><h1>").append(name).append("</h1></header>\n<main>\n");
    html.append(legend());
    sections.forEach(section -> html.append(HtmlReport.section(section, this::legend)));
    html.append("</main>\n<script type=\"application/json\" id=\"data\">");
    html.append(ChartJson.of(charts())).append("</script>\n<script>\n");
    html.append(HtmlReport.resource(HtmlReport.ECHARTS)).append("\n</script>\n<script>\n");
    html.append(HtmlReport.resource("report.js")).append("</script>\n");
    return html.append("</body>\n</html>\n").toString();
  }

  /** Of all charts, if those with several lines have the same ones; else each has its own. */
  private String legend() {
    if (charts().isEmpty()) {
      return "";
    }
    String page = shared() ? legend(several().get(0), "id=\"legend\"") : "";
    return page
        + "<noscript><p>The charts need JavaScript; texts and tables do not.</p></noscript>\n";
  }

  /** Of one chart, unless the page has it. */
  private String legend(Chart chart) {
    return shared() && chart.series().size() > 1 ? "" : legend(chart, "class=\"legend\"");
  }

  private boolean shared() {
    return several().stream().map(LabPage::lines).distinct().count() == 1
        && (several().size() > 1 || charts().size() == 1);
  }

  private List<Chart> several() {
    return charts().stream().filter(chart -> chart.series().size() > 1).toList();
  }

  /** One button a line's name, drawn as the line is. */
  private static String legend(Chart chart, String attribute) {
    StringBuilder html = new StringBuilder("<div ").append(attribute);
    html.append(" role=\"group\" aria-label=\"Legend\">\n");
    lines(chart)
        .forEach(
            (name, look) ->
                html.append(
                    "<button type=\"button\" class=\"arm\" aria-pressed=\"true\" data-arm=\"%s\"><i %s></i>%s</button>\n"
                        .formatted(Html.escaped(name), look, Html.escaped(name))));
    return html.append("</div>\n").toString();
  }

  /** How each line looks, by its name. */
  private static Map<String, String> lines(Chart chart) {
    Map<String, String> lines = new LinkedHashMap<>();
    for (Chart.Series line : chart.series()) {
      String stroke =
          switch (line.style()) {
            case SOLID -> "solid";
            case DOTTED -> "dotted";
            default -> "dashed"; // the only other stroke of a border
          };
      String look =
          PngFigures.isDots(line)
              ? "class=\"dots\" style=\"background:%2$s\""
              : "class=\"stroke\" style=\"border-top:3px %1$s %2$s\"";
      lines.putIfAbsent(line.name(), look.formatted(stroke, Palette.hex(line.colour())));
    }
    return lines;
  }
}
