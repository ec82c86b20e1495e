package io.adamant.chart;

import io.adamant.base.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A folder with one self-contained page, its charts as PNG and its numbers as CSV.
 *
 * @param title heading
 * @param sections texts, tables and charts
 * @param tables by the name of their CSV file
 */
public record ChartPage(String title, List<Section> sections, Map<String, Table> tables) {

  static final String ECHARTS = "/META-INF/resources/webjars/echarts/5.5.0/echarts.min.js";
  static final String POLICY =
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

  public static final String NO_SCRIPT =
      "<noscript><p>The charts need JavaScript; texts and tables do not.</p></noscript>\n";

  /** Takes copies. */
  public ChartPage {
    sections = List.copyOf(sections);
    tables = new LinkedHashMap<>(tables);
  }

  /** Writes all files, each whole or not at all, and returns them: the page first. */
  public List<Path> write(Path directory) {
    List<Path> files = new ArrayList<>();
    files.add(DurableFiles.write(directory.resolve("report.html"), html()));
    tables.forEach(
        (name, table) -> files.add(DurableFiles.write(directory.resolve(name), table.csv())));
    files.addAll(PngFigures.write(charts(), directory));
    return files;
  }

  private List<Chart> charts() {
    return sections.stream().flatMap(section -> section.charts().stream()).toList();
  }

  public String html() {
    StringBuilder body = new StringBuilder("<main>\n").append(legend());
    sections.forEach(section -> body.append(section(section, this::legend)));
    return document(title, body.append("</main>\n").toString(), charts());
  }

  /** A whole page that loads nothing else: style, ECharts and data are part of it. */
  public static String document(String title, String body, List<Chart> charts) {
    return document(title, body, charts, 0);
  }

  /** The same; a page that is written again loads itself after so many seconds, unless 0. */
  public static String document(String title, String body, List<Chart> charts, int seconds) {
    String name = Html.escaped(title);
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\"");
    html.append(seconds > 0 ? " data-reload=\"" + seconds + "\"" : "");
    html.append(">\n<head>\n<meta charset=\"utf-8\">\n");
    if (seconds > 0) { // page.js does it otherwise, and comes back to where the reader was
      html.append(
          "<noscript><meta http-equiv=\"refresh\" content=\"" + seconds + "\"></noscript>\n");
    }
    html.append("<meta http-equiv=\"Content-Security-Policy\" content=\"" + POLICY + "\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<title>").append(name).append(" · Adamant</title>\n");
    html.append("<style>\n")
        .append(Palette.sheet())
        .append(resource("page.css"))
        .append("</style>\n</head>\n<body>\n");
    html.append("<header><h1>").append(name).append("</h1></header>\n").append(body);
    html.append("<script type=\"application/json\" id=\"data\">");
    html.append(ChartJson.of(charts)).append("</script>\n");
    html.append("<script>\n").append(resource(ECHARTS)).append("\n</script>\n");
    html.append("<script>\n").append(resource("page.js")).append("</script>\n");
    if (body.contains("id=\"runs-data\"")) {
      html.append("<script>\n").append(resource("runs.js")).append("</script>\n");
    }
    return html.append("</body>\n</html>\n").toString();
  }

  /** Of all charts, if those with several lines have the same ones; else each has its own. */
  private String legend() {
    if (charts().isEmpty()) {
      return "";
    }
    return (shared() ? legend(several().get(0), "id=\"legend\"") : "") + NO_SCRIPT;
  }

  /** Of one chart, unless the page has it. */
  private String legend(Chart chart) {
    return shared() && chart.series().size() > 1 ? "" : legend(chart, "class=\"legend\"");
  }

  private boolean shared() {
    return several().stream().map(ChartPage::lines).distinct().count() == 1
        && (several().size() > 1 || charts().size() == 1);
  }

  private List<Chart> several() {
    return charts().stream().filter(chart -> chart.series().size() > 1).toList();
  }

  /** One button a line's name, drawn as the line is. */
  private static String legend(Chart chart, String attribute) {
    StringBuilder html = new StringBuilder("<div ").append(attribute);
    html.append(" role=\"group\" aria-label=\"Legend\">\n");
    lines(chart).forEach((name, look) -> html.append(button(name, "<i " + look + "></i>")));
    return html.append("</div>\n").toString();
  }

  /** What shows or hides a line, with its look. */
  public static String button(String name, String look) {
    return "<button type=\"button\" class=\"arm\" aria-pressed=\"true\" data-arm=\"%1$s\">%2$s%1$s</button>\n"
        .formatted(Html.escaped(name), look);
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
      lines.putIfAbsent(line.name(), look.formatted(stroke, Palette.css(line.colour())));
    }
    return lines;
  }

  /** A section of a page. */
  public static String section(Section section) {
    return section(section, chart -> "");
  }

  /** A section with something between a chart's title and its lines, such as a legend. */
  static String section(Section section, Function<Chart, String> above) {
    StringBuilder html = new StringBuilder(open(section.id(), section.title()));
    section.sentences().forEach(sentence -> html.append(Html.paragraph(sentence)));
    section.tables().forEach(table -> html.append(Html.table(table)));
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
    String notes = chart.notes().stream().map(Html::note).collect(Collectors.joining());
    return "<figure class=\"%1$s\"><figcaption>%2$s</figcaption>%3$s<div class=\"chart\" id=\"chart-%4$s\" role=\"img\" aria-label=\"%2$s\"></div></figure>\n"
        .formatted(size, Html.escaped(chart.title()), notes + above, chart.id());
  }

  public static String open(String id, String title) {
    return "<section id=\"" + id + "\">\n<h2>" + Html.escaped(title) + "</h2>\n";
  }

  static String resource(String name) {
    try (InputStream in = ChartPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource " + name, e);
    }
  }
}
