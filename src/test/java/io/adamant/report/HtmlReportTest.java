package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as text. */
class HtmlReportTest {
  @TempDir Path folder;

  /** The page without the library, which nobody wants to read in a failure. */
  private static String ours(String page) {
    int library = page.indexOf("<script>");
    return page.substring(0, library) + page.substring(page.lastIndexOf("<script>"));
  }

  private static StudyReport report(Path study) {
    return StudyReport.of(StudyData.read(List.of(study)));
  }

  @Test
  void theTableOfThePageIsTheComparisonTable() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    StudyReport report = report(study.root());
    String html = ours(HtmlReport.render(report));
    for (List<String> row : report.table().table().rows()) {
      StringBuilder line = new StringBuilder("<tr><th scope=\"row\">" + row.get(0) + "</th>");
      row.stream()
          .skip(1)
          .forEach(cell -> line.append("<td class=\"n\">").append(cell).append("</td>"));
      assertThat(html).contains(line);
    }
  }

  @Test
  void thePageLoadsNothing() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    String page = HtmlReport.render(report(study.root()));
    String html = ours(page);
    assertThat(html).contains("default-src 'none'");
    assertThat(html).doesNotContain("<link").doesNotContain("@import").doesNotContain("src=");
    assertThat(html).doesNotContain("http://").doesNotContain("https://");
    assertThat(page.length()).isLessThan(3_000_000);
  }

  @Test
  void onlyALargeStudyListsEveryRunAndKeepsItsSpikes() throws IOException {
    String small = HtmlReport.render(report(StudyFixture.quickstart(folder.resolve("q")).root()));
    assertThat(small).doesNotContain("id=\"runs-data\"").doesNotContain("All runs");
    Path many = ManyRuns.write(folder.resolve("many"), 60, 300);
    String html = HtmlReport.render(report(many));
    String start = "id=\"runs-data\">";
    String data = html.substring(html.indexOf(start) + start.length());
    JsonNode rows =
        new ObjectMapper().readTree(data.substring(0, data.indexOf("</script>"))).path("runs");
    assertThat(rows).hasSize(60);
    int spikes = 0;
    for (JsonNode row : rows) {
      long step = 0;
      for (int i = 0; i < row.path(7).size(); i++) {
        step += row.path(7).path(i).asLong();
        spikes += step == 100 && row.path(8).path(i).asDouble() > 7.5 ? 1 : 0;
      }
      assertThat(row.path(7).size()).isEqualTo(row.path(8).size()).isBetween(40, 120);
      assertThat(step).isEqualTo(row.path(6).asLong());
    }
    assertThat(spikes).isEqualTo(6);
  }

  @Test
  void dataAndMachineAreToldButNotTheHost() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    assertThat(ours(HtmlReport.render(report(study.root()))))
        .contains("Imaginary CPU at 3 GHz")
        .contains("WordNet 3.1 glosses")
        .contains("weight_<wbr>decay")
        .doesNotContain("secrethost");
  }

  @Test
  void textsOfRunsCannotBreakThePage() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.names("s", "'</script><b>\"&'", "a");
    study.run("</script><script>alert(1)</script>", StudyFixture.config("adamw", 1e-3, 0), 1, 5);
    String html = ours(HtmlReport.render(report(study.root())));
    assertThat(html).doesNotContain("<script>alert").doesNotContain("</script><b>");
    assertThat(html).contains("&lt;/script&gt;&lt;b&gt;&quot;&amp;").contains("\\u003c/script>");
  }

  @Test
  void aCopiedStudyReportsIdentically() throws IOException {
    Path original = StudyFixture.quickstart(folder.resolve("a/quickstart")).root();
    Path copy = folder.resolve("b/elsewhere");
    try (Stream<Path> files = Files.walk(original)) {
      for (Path file : files.toList()) {
        Files.createDirectories(copy.resolve(original.relativize(file)).getParent());
        Files.copy(file, copy.resolve(original.relativize(file)));
      }
    }
    assertThat(ours(HtmlReport.render(report(copy))))
        .isEqualTo(ours(HtmlReport.render(report(original))));
  }

  @Test
  void theChartsDataAreThoseOfTheCharts() throws IOException {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    List<Chart> charts = report(study.root()).charts();
    JsonNode json = new ObjectMapper().readTree(ChartJson.of(charts));
    assertThat(json.path("charts").size()).isEqualTo(charts.size());
    for (int c = 0; c < charts.size(); c++) {
      JsonNode node = json.path("charts").path(c);
      assertThat(node.path("id").asText()).isEqualTo(charts.get(c).id());
      assertThat(node.path("series").size()).isEqualTo(charts.get(c).series().size());
      for (int s = 0; s < node.path("series").size(); s++) {
        check(json, node.path("series").path(s), charts.get(c).series().get(s));
      }
    }
  }

  private static void check(JsonNode json, JsonNode node, Series series) {
    JsonNode x = json.path("xs").path(node.path("x").asInt());
    assertThat(x.size()).isEqualTo(series.line().size());
    assertThat(node.path("y").size()).isEqualTo(series.line().size());
    assertThat(node.has("low")).isEqualTo(series.band().isPresent());
    for (int i = 0; i < x.size(); i++) {
      double y = series.line().y(i);
      assertThat(x.path(i).asDouble()).isEqualTo(series.line().x(i));
      if (Double.isNaN(y)) {
        assertThat(node.path("y").path(i).isNull()).isTrue();
      } else {
        assertThat(Math.abs(node.path("y").path(i).asDouble() - y))
            .isLessThanOrEqualTo(1e-5 * Math.abs(y));
      }
    }
  }
}
