package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adamant.chart.Palette;
import io.adamant.results.RunStatus;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in headless Chromium: every chart is drawn and the console stays empty. */
class HtmlInBrowserTest {
  @TempDir static Path folder;
  private static StudyReport report;
  private static Opened page; // as nobody touched it

  /** What the browser made of a page. */
  private record Opened(String dom, String console) {
    long count(String text) {
      return Pattern.compile(Pattern.quote(text)).matcher(dom).results().count();
    }

    String dataOf(String name) {
      var matcher = Pattern.compile("<html[^>]* data-" + name + "=\"([^\"]*)\"").matcher(dom);
      return matcher.find() ? matcher.group(1) : "absent";
    }
  }

  @BeforeAll
  static void openOnce() throws Exception {
    boolean found =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "chromium")));
    assumeTrue(found, "no chromium on PATH");
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    study.diverged("sgd", StudyFixture.config("sgd", 30, 0), 1, 120);
    report = StudyReport.of(StudyData.read(List.of(study.root())));
    page = open(HtmlReport.render(report));
  }

  @Test
  void everyChartIsDrawnWithoutErrors() {
    assertThat(page.console()).isEmpty();
    assertThat(page.dataOf("errors")).isEqualTo("0");
    assertThat(page.dataOf("charts")).isEqualTo(Integer.toString(report.charts().size()));
    assertThat(report.charts()).hasSize(4 + 3 * 6 + 2);
    assertThat(page.count("<svg")).isEqualTo(report.charts().size());
    for (int arm : report.drawn().values()) {
      assertThat(page.count("stroke=\"" + Palette.hex(arm) + "\""))
          .as("lines of arm %d", arm)
          .isGreaterThanOrEqualTo(20);
    }
  }

  @Test
  void hidingAnArmAndLogarithmicStepsRedrawEverything() throws Exception {
    String clicks =
        "<script>document.querySelector('.arm').click();"
            + "document.getElementById('logx').click();</script>\n";
    String html = HtmlReport.render(report);
    Opened after = open(with(html, clicks));
    assertThat(after.console()).isEmpty();
    assertThat(after.dataOf("errors")).isEqualTo("0");
    assertThat(after.count("<svg")).isEqualTo(report.charts().size());
    assertThat(after.count("class=\"arm\" aria-pressed=\"false\"")).isEqualTo(1);
    int arm = report.drawn().values().iterator().next();
    String first = "stroke=\"" + Palette.hex(arm) + "\"";
    assertThat(page.count(first)).isPositive();
    assertThat(after.count(first)).isZero();
  }

  @Test
  void aBrokenPageIsNoticed() throws Exception {
    String html = HtmlReport.render(report);
    Opened broken = open(html.replace("id=\"chart-training-loss\"", "id=\"elsewhere\""));
    assertThat(broken.console()).isNotEmpty();
    assertThat(broken.dataOf("charts")).isEqualTo("absent");
    assertThat(broken.dataOf("errors")).isEqualTo("1");
  }

  @Test
  void everyRunOfALargeStudyIsFilteredAndSorted() throws Exception {
    Path many = ManyRuns.write(folder.resolve("many"), 60, 40);
    String html = HtmlReport.render(StudyReport.of(StudyData.read(List.of(many))));
    String table = "id=\"runs-table\"";
    Opened whole = open(html);
    assertThat(whole.console()).isEmpty();
    assertThat(whole.dataOf("errors")).isEqualTo("0");
    assertThat(whole.dom()).contains(">60 of 60 runs<");
    assertThat(whole.count("data-run=\"")).isEqualTo(60);
    Opened some =
        open(
            with(
                html,
                "<script>var f = document.getElementById('runs-filter').elements;"
                    + "f.arm.value = 'lion'; f.setting.value = 'lr'; f.high.value = '1e-4';"
                    + "f.status.value = 'finished';"
                    + "f.arm.dispatchEvent(new Event('input', {bubbles: true}));"
                    + "document.querySelector(\"#runs-table [data-by='3']\").click();"
                    + "document.querySelector(\"#runs-table [data-by='3']\").click();"
                    + "document.querySelector('#comparison .sort').click();</script>"));
    assertThat(some.console()).isEmpty();
    assertThat(some.dom()).contains(">3 of 60 runs<");
    String rows = some.dom().substring(some.dom().indexOf(table));
    assertThat(rows).containsPattern("(?s)lion.*class=\"n\">3<.*class=\"n\">2<.*class=\"n\">1<");
    assertThat(some.count("scope=\"col\" aria-sort=\"ascending\""))
        .isEqualTo(1); // the comparison, by name
    assertThat(firstRow(some)).startsWith("adamw");
    assertThat(firstRow(whole)).startsWith("lion");
  }

  @Test
  void aPageThatLoadsItselfAgainKeepsItsPlaceAndWhatIsHidden() throws Exception {
    List<Path> study = List.of(folder.resolve("quickstart"));
    StudyData data = StudyData.read(study);
    String html =
        HtmlReport.render(
            report, Progress.of(data, study, (directory, id) -> RunStatus.UNFINISHED), 1);
    // Its second loading is looked at from outside: the page itself would load again for ever.
    String reader =
        "<script>var root = document.documentElement.dataset;"
            + "root.loads = sessionStorage.loads = Number(sessionStorage.loads || 0) + 1;"
            + "addEventListener('load', function () { if (root.loads === '1') {"
            + "document.querySelector('.arm').click();"
            + "scrollTo({top: 700, behavior: 'instant'}); } });</script>";
    Opened again =
        open(
            framed(
                with(html, reader),
                "1300px;height:900px",
                "if (page.dataset.loads !== '2' || frames[0].document.readyState !== 'complete') {"
                    + "setTimeout(look, 50); return; }"
                    + "to.loads = page.dataset.loads; to.errors = page.dataset.errors;"
                    + "to.y = frames[0].scrollY; to.hidden = page.querySelectorAll("
                    + "'.arm[aria-pressed=false]').length;"
                    + "document.querySelector('iframe').remove();"));
    assertThat(again.dataOf("loads")).isEqualTo("2");
    assertThat(again.dataOf("hidden")).isEqualTo("1");
    assertThat(again.dataOf("y")).isEqualTo("700");
    assertThat(again.dataOf("errors")).isEqualTo("0");
  }

  /** A page that holds another and looks at it once its charts are drawn. */
  private static String framed(String html, String size, String look) {
    return "<!DOCTYPE html><html><body><iframe style=\"border:0;width:"
        + size
        + "\" srcdoc=\""
        + html.replace("&", "&amp;").replace("\"", "&quot;")
        + "\"></iframe><script>addEventListener('load', function look() {"
        + "var page = frames[0].document.documentElement, to = document.documentElement.dataset;"
        + "if (!page || !page.dataset.charts) { setTimeout(look, 50); return; }"
        + look
        + "});</script></body></html>";
  }

  /** The page with a script of its reader at the end. */
  private static String with(String html, String script) {
    return new StringBuilder(html).insert(html.lastIndexOf("</body>"), script).toString();
  }

  private static String firstRow(Opened page) {
    int body = page.dom().indexOf("<tbody>", page.dom().indexOf("id=\"comparison\""));
    int cell = page.dom().indexOf("<th scope=\"row\"", body);
    return page.dom().substring(page.dom().indexOf('>', cell) + 1);
  }

  @Test
  void aNarrowPageDoesNotScrollSideways() throws Exception {
    // A window has at least 500 pixels, a frame any width.
    String wrapped =
        framed(
            HtmlReport.render(report),
            "420px;height:9000px",
            "to.width = page.scrollWidth; to.view = page.clientWidth;"
                + "to.charts = page.dataset.charts;");
    Opened narrow = open(wrapped);
    assertThat(narrow.dataOf("charts")).isEqualTo(Integer.toString(report.charts().size()));
    assertThat(Integer.parseInt(narrow.dataOf("view"))).isBetween(380, 420);
    assertThat(narrow.dataOf("width")).isEqualTo(narrow.dataOf("view"));
  }

  private static Opened open(String html) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("page.html"), html);
    Path profile = Files.createTempDirectory(folder, "profile");
    Path dom = folder.resolve("dom.txt");
    Path log = folder.resolve("log.txt");
    Process process =
        new ProcessBuilder(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile,
                "--enable-logging=stderr",
                "--v=0",
                "--virtual-time-budget=5000",
                "--window-size=1300,2000",
                "--dump-dom",
                file.toUri().toString())
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    if (!process.waitFor(300, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("chromium did not end: " + Files.readString(log));
    }
    List<String> console =
        Files.readAllLines(log).stream().filter(line -> line.contains("CONSOLE")).toList();
    return new Opened(Files.readString(dom), String.join("\n", console));
  }
}
