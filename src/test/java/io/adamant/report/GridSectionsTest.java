package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Heat;
import io.adamant.chart.ChartJson;
import io.adamant.chart.PngFigures;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.config.RunConfig;
import io.adamant.results.RunsCsv;
import io.adamant.stats.Curve;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report says of grids: rates, betas, divergence, and winners on fresh seeds. */
class GridSectionsTest {

  @TempDir Path folder;

  private static RunConfig adamw(double lr) {
    return StudyFixture.config("adamw", lr, 0.1);
  }

  private static RunConfig betas(double lr, double beta1, double beta2) {
    RunConfig run = adamw(lr);
    return run.with(run.optimizer().with("beta1", beta1).with("beta2", beta2));
  }

  private StudyData data(StudyFixture study) {
    return StudyData.read(List.of(study.root()));
  }

  @Test
  void aBestRateOnTheEdgeOfItsGridIsFlagged() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.run("inside", adamw(1e-3), 1, 6);
    study.run("inside", adamw(2e-3), 1, 5);
    study.run("inside", adamw(4e-3), 1, 6);
    study.run("top", StudyFixture.config("lion", 1e-3, 0.1), 1, 6);
    study.run("top", StudyFixture.config("lion", 2e-3, 0.1), 1, 4);
    study.run("bottom", StudyFixture.config("sgdm", 1, 0), 1, 4);
    study.run("bottom", StudyFixture.config("sgdm", 2, 0), 1, 6);
    study.run("alone", StudyFixture.config("muon", 2, 0), 1, 6);
    Section section = RateSection.of(data(study));
    assertThat(String.join(" ", section.sentences()))
        .contains("a lower one may be better still for bottom (1)")
        .contains("a higher one may be better still for top (0.002)")
        .doesNotContain("inside");
    Chart chart = section.charts().get(0);
    assertThat(chart.series())
        .extracting(Chart.Series::name)
        .containsExactly("bottom", "inside", "top");
    assertThat(chart.x().log()).isTrue();
    List<String> row = section.tables().get(0).rows().get(1);
    assertThat(row.get(0)).isEqualTo("inside");
    assertThat(row.get(1)).isEqualTo("0.002");
    assertThat(row.get(3)).startsWith("0.001: ");
    assertThat(Double.parseDouble(row.get(4).split(" ", -1)[1]))
        .isCloseTo(5 + StudyFixture.noise(1, "inside"), within(6e-5));
    assertThat(row).as("three rates").hasSize(6);
  }

  @Test
  void aRateAtWhichOneSeedDivergedHasNoLossAndCannotBeTheBest() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.run("half", adamw(1e-3), 1, 6);
    study.run("half", adamw(1e-3), 2, 6);
    study.run("half", adamw(2e-3), 1, 3);
    study.diverged("half", adamw(2e-3), 2, 90);
    List<String> row = RateSection.of(data(study)).tables().get(0).rows().get(0);
    assertThat(row.get(1)).isEqualTo("0.001");
    assertThat(row.get(4)).isEqualTo("0.002: diverged");
  }

  @Test
  void aStudyWithoutGridsHasNoneOfTheseSections() {
    StudyReport report =
        StudyReport.of(data(StudyFixture.quickstart(folder.resolve("quickstart"))));
    assertThat(report.sections())
        .extracting(Section::id)
        .doesNotContain("rates", "betas", "divergence", "confirmation", "studies");
  }

  @Test
  void eachPairOfBetasShowsItsBestRateAndDistancesPartTheSides() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    for (double beta1 : new double[] {0.8, 0.9}) {
      for (double beta2 : new double[] {0.8, 0.9, 0.95}) {
        double loss = 5 + Math.abs(beta1 - beta2);
        String arm = "adamw";
        study.run(arm, betas(1e-3, beta1, beta2), key(beta1, beta2), loss + 1);
        if (beta1 == 0.9 && beta2 == 0.8) {
          study.diverged(arm, betas(2e-3, beta1, beta2), key(beta1, beta2), 90);
        } else {
          study.run(arm, betas(2e-3, beta1, beta2), key(beta1, beta2), loss);
        }
      }
    }
    StudyData data = data(study);
    Section section = BetaSection.of(data);
    Heat heat = section.charts().get(0).heat().orElseThrow();
    assertThat(heat.columns()).containsExactly("0.8", "0.9", "0.95");
    assertThat(heat.rows()).containsExactly("0.8", "0.9");
    assertThat(heat.cells().get(0).get(0).value()).isCloseTo(5, within(0.1));
    assertThat(heat.cells().get(1).get(0).value())
        .as("only the lower rate finished")
        .isCloseTo(6.1, within(0.1));
    assertThat(section.sentences().get(1)).contains("adamw: lowest at beta1 = 0.");
    List<Chart.Series> lines = section.charts().get(1).series();
    assertThat(lines)
        .extracting(line -> line.name() + ", " + line.meaning())
        .containsExactly(
            "beta1 = 0.8, beta2 above beta1",
            "beta1 = 0.9, beta2 above beta1",
            "beta1 = 0.9, beta2 below beta1");
    assertThat(lines.get(0).line().size()).isEqualTo(3);
    assertThat(lines.get(0).line().x(2)).isCloseTo(0.15, within(1e-9));
    assertThat(lines.get(2).line().size()).as("equality and one below").isEqualTo(2);

    Section divergence = DivergenceSection.of(data);
    assertThat(divergence.tables().get(0).rows())
        .contains(List.of("adamw beta1=0.9 beta2=0.8", "0.001", "0.002", "1", "2"))
        .contains(List.of("adamw beta1=0.8 beta2=0.8", "0.002", "", "0", "2"));
    Heat map = divergence.charts().get(0).heat().orElseThrow();
    assertThat(map.cells().get(map.rows().indexOf("beta1=0.9 beta2=0.8")))
        .extracting(Heat.Cell::label)
        .containsExactly("0/1", "1/1");
    assertThat(PngFigures.write(section.charts(), folder.resolve("png")))
        .allSatisfy(file -> assertThat(file).isNotEmptyFile());
    assertThat(ChartJson.of(section.charts())).contains("\"heat\":{\"columns\":[\"0.8\"");
  }

  private static long key(double beta1, double beta2) {
    return Math.round(10_000 * beta1 + 100 * beta2); // the fixture tells folders apart by seed
  }

  @Test
  void onlyTheColoursOfABadCellAreCapped() {
    assertThat(Range.ofColours(List.of(1.0, 1.2, 1.1))).isEqualTo(new Range(1, 1.2));
    assertThat(Range.ofColours(List.of(1.0, 1.1, 9.0, Double.NaN)).high())
        .isCloseTo(1.3, within(1e-9));
    assertThat(Range.ofColours(List.of(Double.NaN))).isEqualTo(new Range(0, 1));
    assertThat(Range.ofColours(List.of(2.0)).high()).isGreaterThan(2);
  }

  @Test
  void winnersAreReportedOnFreshSeedsAndApartFromTheGrid() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.names("s", "Tuning", "adamw", "lion");
    for (String arm : List.of("adamw", "lion")) {
      study.run(arm, adamw(1e-3), 1, 5.3);
      study.run(arm, adamw(2e-3), 1, 5.0);
      study.run(arm, adamw(4e-3), 1, 5.2);
      double fresh = arm.equals("adamw") ? 5.4 : 6.4;
      study.confirmation(
          arm,
          "winner",
          study.run(arm, adamw(2e-3), 7, fresh),
          study.run(arm, adamw(2e-3), 8, fresh),
          study.run(arm, adamw(2e-3), 9, fresh + 0.01));
      study.confirmation(arm, "higher", study.run(arm, adamw(4e-3), 7, 5.1));
    }
    StudyData data = data(study);
    assertThat(data.runs()).hasSize(6);
    assertThat(data.arms()).allSatisfy(arm -> assertThat(arm.runs()).hasSize(1));
    Section section = ConfirmSection.of(data);
    List<List<String>> rows = section.tables().get(0).rows();
    assertThat(rows)
        .extracting(row -> row.get(0) + ", " + row.get(1))
        .containsExactly(
            "adamw lr=0.002, winner",
            "adamw lr=0.004, next higher rate",
            "lion lr=0.002, winner",
            "lion lr=0.004, next higher rate");
    double before = 5 + StudyFixture.noise(1, "adamw");
    double after = 0;
    for (long seed = 7; seed <= 9; seed++) {
      after += (5.4 + (seed == 9 ? 0.01 : 0) + StudyFixture.noise(seed, "adamw")) / 3;
    }
    assertThat(Double.parseDouble(rows.get(0).get(3))).isCloseTo(before, within(6e-5));
    assertThat(Double.parseDouble(rows.get(0).get(4).split(" ", -1)[0]))
        .isCloseTo(after, within(6e-5));
    assertThat(Double.parseDouble(rows.get(0).get(5))).isCloseTo(after - before, within(6e-5));
    assertThat(section.sentences())
        .anySatisfy(s -> assertThat(s).startsWith("adamw: on fresh seeds the next higher rate"));
    assertThat(section.tables().get(0).headings()).contains("on its own seeds (1)");

    StudyReport report = StudyReport.of(data);
    assertThat(report.overview().sentences())
        .anySatisfy(
            s -> assertThat(s).contains("the lowest of 2 winners is adamw lr=0.002 with 5.4"));
    SeedStatistics statistics = SeedStatistics.of(data, report.table()).orElseThrow();
    assertThat(statistics.rows()).hasSize(2).allSatisfy(r -> assertThat(r.mean().n()).isEqualTo(3));
    assertThat(
            RunsCsv.of(data.runs(), data.confirming())
                .lines()
                .filter(line -> line.contains(",confirm,")))
        .hasSize(8);
  }

  @Test
  void slowdownIsMeasuredInStepsAndTokensOfTheBestArm() {
    Curve curve = Curve.of(new double[] {50, 100, 150, 200}, new double[] {7, 6, 5.5, 5.6});
    assertThat(curve.reaches(6.25).orElseThrow()).isEqualTo(87.5);
    assertThat(curve.reaches(7).orElseThrow()).isEqualTo(50);
    assertThat(curve.reaches(5.4)).isEmpty();
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    for (long seed = 1; seed <= 3; seed++) {
      study.run("fast", adamw(1e-3), seed, 5);
      study.run("slow", StudyFixture.config("lion", 1e-3, 0.1), seed, 6);
    }
    StudyReport report = StudyReport.of(data(study));
    Section section =
        report.sections().stream().filter(s -> s.id().equals("time")).findFirst().orElseThrow();
    List<String> row = section.tables().get(0).rows().get(0);
    // 5 + 3.3·exp(−6·step/300) comes down to 6 at step 59.7; linear between 50 and 100 a bit later
    double step = Double.parseDouble(row.get(4));
    assertThat(step).isBetween(59.0, 66.0);
    assertThat(Double.parseDouble(row.get(5).replace(",", "")))
        .isCloseTo(2048 * step, within(2048.0));
    assertThat(Double.parseDouble(row.get(6).replace(" ×", "")))
        .isCloseTo(300 / step, within(0.06));
    assertThat(row.get(7)).contains(" to ");
    assertThat(section.sentences().get(0)).contains("had not decayed yet");
  }

  @Test
  void twoStudiesAreComparedArmByArmWithWhatTheyDifferIn() {
    StudyFixture one = new StudyFixture(folder.resolve("a/s"));
    StudyFixture two = new StudyFixture(folder.resolve("b/s"));
    for (long seed = 1; seed <= 3; seed++) {
      one.run("adamw", adamw(1e-3), seed, 5);
      one.run("only", StudyFixture.config("lion", 1e-3, 0.1), seed, 5);
      two.run("adamw", adamw(1e-3).with("clip.global_norm", 0.5), seed, 5.5);
    }
    two.run("adamw", adamw(1e-3).with("clip.global_norm", 0.5), 4, 5.5);
    StudyData data = StudyData.read(List.of(one.root(), two.root()));
    assertThat(data.studies()).as("both are called s").containsExactly("s", two.root().toString());
    Section section = CompareSection.of(data);
    assertThat(section.tables().get(0).rows())
        .contains(List.of("clip.global_norm", "1.0", "0.5"))
        .contains(List.of("seeds", "1, 2, 3", "1, 2, 3, 4"))
        .noneMatch(row -> row.get(0).equals("model.width"));
    List<List<String>> arms = section.tables().get(1).rows();
    assertThat(arms).hasSize(1);
    assertThat(arms.get(0).get(0)).isEqualTo("adamw");
    assertThat(arms.get(0).get(4)).as("the same noise, seed by seed").isEqualTo("+0.5000");
    assertThat(arms.get(0).get(7)).isEqualTo("3 shared");
    assertThat(further(one.root(), two.root()))
        .contains("Differences between the configurations:", "clip.global_norm");
    assertThat(further(one.root())).isEmpty();
  }

  private static String further(Path... studies) {
    return Reports.further(StudyData.read(List.of(studies)), List.of(studies));
  }
}
