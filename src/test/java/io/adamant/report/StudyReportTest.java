package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Palette;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.results.RunsCsv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What charts and sentences say. */
class StudyReportTest {
  @TempDir Path folder;

  private StudyReport quickstart() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    return StudyReport.of(StudyData.read(List.of(study.root())));
  }

  private static Chart chart(StudyReport report, String id) {
    return report.charts().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
  }

  private static Section section(StudyReport report, String id) {
    return report.sections().stream().filter(s -> s.id().equals(id)).findFirst().orElseThrow();
  }

  @Test
  void aColourIsAnArmEverywhere() {
    Map<String, Integer> colours = new HashMap<>();
    for (Chart chart : quickstart().charts()) {
      for (Series series : chart.series()) {
        if (series.colour() != Palette.NEUTRAL) {
          assertThat(colours.computeIfAbsent(series.name(), n -> series.colour()))
              .isEqualTo(series.colour());
        }
      }
    }
    assertThat(colours).hasSize(5);
    assertThat(colours.values()).doesNotHaveDuplicates();
  }

  @Test
  void panelsOfAQuantityShareTheirAxes() {
    StudyReport report = quickstart();
    for (String quantity : List.of("update-rms", "weight-rms", "snr")) {
      List<Chart> charts =
          StudyFixture.GROUPS.stream().map(group -> chart(report, quantity + "-" + group)).toList();
      assertThat(charts.stream().map(Chart::y).distinct()).hasSize(1);
      assertThat(charts.stream().map(Chart::x).distinct()).hasSize(1);
    }
  }

  @Test
  void aLossIsTheMedianOfItsSeedsWithinTheirBand() {
    StudyReport report = quickstart();
    Series adamw =
        chart(report, "validation-loss").series().stream()
            .filter(series -> series.name().equals("adamw"))
            .findFirst()
            .orElseThrow();
    double[] noise = new double[3];
    double low = 1;
    double high = -1;
    for (long seed = 1; seed <= 3; seed++) {
      double one = StudyFixture.noise(seed, "adamw");
      noise[(int) seed - 1] = one;
      low = Math.min(low, one);
      high = Math.max(high, one);
    }
    Arrays.sort(noise);
    double median = noise[1];
    int last = adamw.line().size() - 1;
    assertThat(adamw.line().x(last)).isEqualTo(300);
    assertThat(adamw.line().y(last)).isCloseTo(5 + median, within(1e-9));
    Chart.Band band = adamw.band().orElseThrow();
    assertThat(band.low().y(last)).isCloseTo(5 + low, within(1e-9));
    assertThat(band.high().y(last)).isCloseTo(5 + high, within(1e-9));
  }

  @Test
  void theLossOfAveragedWeightsStandsBesideThatOfTheTrainedOnes() throws IOException {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("averaged"));
    for (long seed = 1; seed <= 3; seed++) {
      Path run = study.directory("adamw-lr0.004", seed);
      Path summary = run.resolve("summary.json");
      String number = "\"readout_val_loss\":4." + seed;
      Files.writeString(summary, Files.readString(summary).replaceFirst("\\{", "{" + number + ","));
      Path metrics = run.resolve("metrics.jsonl");
      Files.writeString(
          metrics,
          Files.readString(metrics).replaceAll("\"val_loss\":", number + ",\"val_loss\":"));
    }
    ComparisonTable table = Reports.table(List.of(study.root()));
    for (ArmRuns row : table.rows()) {
      double expected = row.name().equals("adamw") ? 4.2 : Double.NaN;
      assertThat(row.readoutValLoss()).isEqualTo(expected, within(1e-12));
      assertThat(row.valLoss()).isGreaterThan(4.9);
    }
    assertThat(table.csv().lines().findFirst())
        .hasValueSatisfying(header -> assertThat(header).contains(",readout_val_loss,"));
    assertThat(table.markdown().lines().filter(line -> line.contains("4.2000"))).hasSize(1);
    assertThat(table.terminal()).contains("4.2000");
    StudyData data = StudyData.read(List.of(study.root()));
    List<String> csv = RunsCsv.of(data.runs(), data.confirming()).lines().toList();
    assertThat(csv.get(0)).endsWith(",readout_val_loss");
    assertThat(csv.stream().filter(line -> line.matches(".*,4\\.[123]"))).hasSize(3);
    List<Series> averaged =
        chart(StudyReport.of(data), "validation-loss").series().stream()
            .filter(line -> line.meaning().equals("averaged weights"))
            .toList();
    assertThat(averaged).hasSize(1);
    assertThat(averaged.get(0).name()).isEqualTo("adamw");
    assertThat(averaged.get(0).line().ys()).containsOnly(4.2); // the median
    assertThat(averaged.get(0).style()).isEqualTo(Style.DASHED);
    assertThat(saysDashed(StudyReport.of(data))).isTrue();
    assertThat(saysDashed(quickstart())).isFalse();
  }

  private static boolean saysDashed(StudyReport report) {
    return report.sections().stream()
        .flatMap(section -> section.sentences().stream())
        .anyMatch(sentence -> sentence.contains("the weights that training.readout keeps"));
  }

  @Test
  void predictionsAreToldApartByStyle() {
    Map<Style, List<String>> meanings =
        chart(quickstart(), "update-rms-all").series().stream()
            .collect(
                Collectors.groupingBy(
                    Series::style, Collectors.mapping(Series::meaning, Collectors.toList())));
    assertThat(meanings.get(Style.SOLID)).containsOnly("measured").hasSize(5);
    assertThat(meanings.get(Style.DASHED)).containsOnly("self-consistent prediction").hasSize(4);
    assertThat(meanings.get(Style.DOTTED)).containsOnly("parameter-free, of pure noise").hasSize(4);
  }

  @Test
  void ratiosAreMeasuredOverPredicted() {
    List<Series> lines = chart(quickstart(), "weight-rms-ratio").series();
    assertThat(lines).hasSize(1 + 5);
    for (Series series : lines.subList(1, 6)) {
      assertThat(series.line().size()).isEqualTo(30);
      assertThat(series.line().ys())
          .satisfies(
              ratios ->
                  Arrays.stream(ratios)
                      .forEach(r -> assertThat(r).isCloseTo(1 / 1.05, within(1e-12))));
    }
  }

  @Test
  void sentencesSayWhatTheNumbersSay() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.run("good", StudyFixture.config("adamw", 4e-3, 0.1), 1, 5);
    study.run("good", StudyFixture.config("adamw", 4e-3, 0.1), 2, 5);
    study.run("bad", StudyFixture.config("sgdm", 1, 0), 1, 7);
    study.run("bad", StudyFixture.config("sgdm", 1, 0), 2, 7);
    StudyReport report = StudyReport.of(StudyData.read(List.of(study.root())));
    String overview = String.join("\n", report.overview().sentences());
    assertThat(overview)
        .contains("2 settings, 2 seeds each, trained a GPT of 4 layers and width 128")
        .contains("Lowest validation loss: good with 5.")
        .contains("more than the noise between seeds explains")
        .contains("All of them finished; no step was skipped");
    String loss = String.join("\n", section(report, "loss").sentences());
    assertThat(loss).contains("An arm that ends above it").contains("bad: 0.").contains(" above");
    assertThat(section(report, "time").tables().get(0).rows().get(0))
        .startsWith("bad")
        .contains("50", "6.00 ×");
  }

  @Test
  void unevenAndUnfinishedRunsAreCounted() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), 1, 5);
    study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), 2, 5);
    study.diverged("b", StudyFixture.config("sgd", 30, 0.1), 1, 120);
    StudyReport report = StudyReport.of(StudyData.read(List.of(study.root())));
    assertThat(String.join("\n", report.overview().sentences()))
        .contains("3 runs of 2 settings trained")
        .contains("Of 3 runs 2 finished and 1 diverged; 21 steps had to be skipped");
  }

  @Test
  void differencesStandInTheShorterDirection() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), 1, 5);
    study.run("b", StudyFixture.config("sgdm", 1, 0), 1, 6);
    Table wide = OverviewTables.of(StudyData.read(List.of(study.root()))).get(0);
    assertThat(wide.headings()).containsExactly("setting", "a", "b");
    assertThat(wide.rows())
        .contains(
            List.of("optimizer.type", "adamw", "sgdm"),
            List.of("optimizer.lr", "0.004", "1.0"),
            List.of("optimizer.weight_decay", "0.1", "0.0"));
    study.run("c", StudyFixture.config("lion", 1e-3, 0), 1, 6);
    study.run("d", StudyFixture.config("muon", 1e-3, 0), 1, 6);
    Table tall = OverviewTables.of(StudyData.read(List.of(study.root()))).get(0);
    assertThat(tall.headings()).containsExactly("arm", "type", "lr", "weight_decay");
    assertThat(Differences.shortened(List.of("a.x", "b.x", "b.y")))
        .containsExactly("a.x", "b.x", "y");
    assertThat(tall.rows()).hasSize(4).contains(List.of("a", "adamw", "0.004", "0.1"));
  }

  @Test
  void aTieIsCalledATie() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    for (long seed = 1; seed <= 3; seed++) {
      study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), seed, 5);
      study.run("b", StudyFixture.config("lion", 4e-3, 0.1), seed, 5);
    }
    StudyReport report = StudyReport.of(StudyData.read(List.of(study.root())));
    assertThat(String.join("\n", report.overview().sentences()))
        .contains("within the noise between seeds");
  }

  @Test
  void singleSeedsAreNotJudged() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), 1, 5);
    study.run("b", StudyFixture.config("lion", 4e-3, 0.1), 1, 6);
    StudyReport report = StudyReport.of(StudyData.read(List.of(study.root())));
    assertThat(String.join("\n", report.overview().sentences()))
        .contains("With one seed per arm, this difference cannot be told from seed noise.");
  }

  @Test
  void aGridsChartsShowTheBestPointOfEachArm() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    for (int i = 0; i < 6; i++) {
      double lr = 1e-3 * Math.pow(2, i);
      study.run("adamw", StudyFixture.config("adamw", lr, 0.1), 1, 5 + Math.abs(i - 2));
      study.run("sgdm", StudyFixture.config("sgdm", lr, 0.1), 1, 6 + Math.abs(i - 3));
    }
    StudyReport report = StudyReport.of(StudyData.read(List.of(study.root())));
    assertThat(report.table().rows()).hasSize(12);
    assertThat(report.drawn().keySet()).containsExactly("adamw lr=0.004", "sgdm lr=0.008");
    assertThat(String.join("\n", report.overview().sentences())).contains("12 settings");
  }

  @Test
  void aRunWithoutMeasurementsHasNoEmptySections() throws IOException {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    Path run = study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), 1, 5);
    Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":1,\"train_loss\":8.0}\n");
    StudyReport report = StudyReport.of(StudyData.read(List.of(run)));
    // What rate and decay mean follows from the configuration.
    assertThat(report.sections()).extracting(Section::id).containsExactly("loss", "scales");
    assertThat(HtmlReport.render(report).contains("href=\"#loss\"")).isTrue();
    assertThat(HtmlReport.render(report).contains("href=\"#snr\"")).isFalse();
  }

  @Test
  void anExplodingLossDoesNotFlattenTheOthers() throws IOException {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), 1, 5);
    Path bad = study.diverged("b", StudyFixture.config("sgd", 30, 0), 1, 120);
    Files.writeString(
        bad.resolve("metrics.jsonl"),
        "{\"step\":121,\"train_loss\":1e9,\"val_loss\":1e9}\n",
        StandardOpenOption.APPEND);
    StudyReport report = StudyReport.of(StudyData.read(List.of(study.root())));
    assertThat(chart(report, "training-loss").y().range().orElseThrow().high()).isLessThan(20);
  }

  @Test
  void theTextsOfAnArmAreThoseOfItsFirstSeedThatHasSome() throws IOException {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    assertThat(report(study).sections()).noneMatch(s -> s.id().equals("samples"));
    StringBuilder lines = new StringBuilder();
    for (int step = 10; step <= 110; step += 10) {
      lines.append(
          "{\"step\":%s,\"prompt\":\"It\",\"text\":\" was\\n<b>%s\",\"ids\":[1,2]}\n"
              .formatted(step, step));
    }
    Files.writeString(
        study.directory("adamw-lr0.004", 2).resolve("samples.jsonl"), lines.toString());
    Files.writeString(
        study.directory("adamw-lr0.004", 3).resolve("samples.jsonl"),
        "{\"step\":7,\"prompt\":\"\",\"text\":\"other\",\"ids\":[]}\n");
    Files.writeString(
        study.directory("signum-lr5.0E-4", 1).resolve("samples.jsonl"),
        "{\"step\":7,\"prompt\":\"\",\"text\":\"only one\",\"ids\":[]}\n");
    StudyReport report = report(study);
    Table table = section(report, "samples").tables().get(0);
    assertThat(table.rows())
        .containsExactly(
            List.of("signum", "7", "", "only one"),
            List.of("adamw", "10", "It", " was⏎<b>10"),
            List.of("adamw", "30", "It", " was⏎<b>30"),
            List.of("adamw", "50", "It", " was⏎<b>50"),
            List.of("adamw", "70", "It", " was⏎<b>70"),
            List.of("adamw", "90", "It", " was⏎<b>90"),
            List.of("adamw", "110", "It", " was⏎<b>110"));
    assertThat(HtmlReport.render(report)).contains("was⏎&lt;b&gt;110").doesNotContain("<b>110");
  }

  @Test
  void answersToQuestionsAreTheLastOnesWithTheirErrors() throws IOException {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    assertThat(report(study).sections()).noneMatch(s -> s.id().equals("task"));
    for (int seed = 1; seed <= 2; seed++) {
      StringBuilder lines = new StringBuilder();
      for (int step = 200; step <= 300; step += 100) {
        lines.append(
            "{\"step\":%s,\"task\":{\"questions\":40,\"accuracy\":{\"value\":0.%s,\"standard_error\":0.07},\"accuracy_by_length\":{\"value\":0.5,\"standard_error\":0.08}}}\n"
                .formatted(step, step / 10 + seed));
      }
      Files.writeString(
          study.directory("adamw-lr0.004", seed).resolve("metrics.jsonl"), lines.toString());
    }
    StudyReport report = report(study);
    assertThat(section(report, "task").tables().get(0).rows())
        .containsExactly(List.of("adamw", "300", "40", "0.3150 ± 0.0700", "0.5000 ± 0.0800"));
    assertThat(section(report, "task").charts()).hasSize(1);
  }

  private static StudyReport report(StudyFixture study) {
    return StudyReport.of(StudyData.read(List.of(study.root())));
  }
}
