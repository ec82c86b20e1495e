package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.PngFigures;
import io.adamant.chart.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sections about measurements draw and say. */
class MeasurementSectionsTest {

  @TempDir Path folder;

  private StudyReport report(BiConsumer<Integer, ObjectNode> each) {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    MeasuredRuns.amend(study.run("adamw", MeasuredRuns.ADAM, 1, 5), each);
    return MeasuredRuns.report(study);
  }

  private static Section section(StudyReport report, String id) {
    return report.sections().stream().filter(s -> s.id().equals(id)).findFirst().orElseThrow();
  }

  private static Chart chart(StudyReport report, String id) {
    return report.charts().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
  }

  private static Series series(Chart chart, String meaning) {
    return chart.series().stream()
        .filter(s -> s.meaning().equals(meaning))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyGroupHasMeasuredThreePredictionsAndAVerdict() {
    StudyReport report =
        report(
            (step, group) -> {
              MeasuredRuns.independent(group, -0.4, 0.05);
              MeasuredRuns.factors(group, 0.61, 0.98, 1);
            });
    for (String group : StudyFixture.GROUPS) {
      Chart chart = chart(report, "update-rms-" + group);
      assertThat(chart.series())
          .extracting(Series::meaning)
          .containsExactlyInAnyOrder(
              "measured",
              "self-consistent prediction",
              "prediction from fresh gradients",
              "parameter-free, of pure noise");
      Series fresh = series(chart, "prediction from fresh gradients");
      assertThat(fresh.style()).isEqualTo(Style.DASH_DOTTED);
      double measured = series(chart, "measured").line().y(3);
      assertThat(fresh.line().y(3)).isCloseTo(measured / 0.6, within(1e-12));
      assertThat(fresh.band().orElseThrow().low().y(3))
          .isCloseTo(measured / 0.6 * 0.95, within(1e-9));
      assertThat(chart.notes())
          .containsExactly(
              "adamw: theory fails (0 of 30 steps agree), median residual -40 %; gradients are not"
                  + " independent over steps with one mean (× 0.61).");
    }
    String html = HtmlReport.render(report);
    assertThat(html).contains("<p class=\"note\">adamw: theory fails (0 of 30 steps agree)");
    assertThat(html).contains("from fresh gradients</span>");
  }

  /** The assumption that is named is the one whose factor is farthest from 1. */
  @ParameterizedTest
  @CsvSource({
    "0.6, 0.9, 1, gradients are not independent over steps with one mean (× 0.60)",
    "0.9, 0.6, 1, coordinates do not share one ratio (× 0.60)",
    "1.02, 0.9, 1.5, ε is not small (× 1.50)",
    "1, 1.01, 0.99, no measured assumption accounts for it"
  })
  void theFailingAssumptionIsNamed(double time, double coordinates, double eps, String words) {
    StudyReport report =
        report(
            (step, group) -> {
              MeasuredRuns.independent(group, -0.4, 0.05);
              MeasuredRuns.factors(group, time, coordinates, eps);
            });
    assertThat(chart(report, "update-rms-mlp").notes().get(0)).endsWith("; " + words + ".");
    String text = String.join("\n", section(report, "update-rms-independent").sentences());
    assertThat(text)
        .contains("within theory's known error of 1 % and the 95 % interval at 0 of 30 steps")
        .contains("so theory fails; median residual -40 %.")
        .contains("The assumption that fails: " + words);
    assertThat(text.contains("shares 7.0 % of its signal")).isEqualTo(words.contains("one mean"));
  }

  @Test
  void agreementIsCalledAgreement() {
    // Half the steps miss by 2 % with an interval of 0.5 %, the others lie within theory's 1 %.
    StudyReport report =
        report(
            (step, group) -> {
              MeasuredRuns.independent(group, step <= 100 ? 0.02 : 0.009, 0.005);
              MeasuredRuns.factors(group, 1, 1, 1);
            });
    assertThat(chart(report, "update-rms-all").notes())
        .containsExactly("adamw: theory holds (20 of 30 steps agree), median residual +0.9 %.");
    Section section = section(report, "update-rms-independent");
    assertThat(section.tables().get(0).rows())
        .hasSize(6)
        .contains(List.of("adamw", "mlp", "20 of 30", "+0.9 %", "1.00", "1.00", "1.00", "0.07"));
    Series residual = series(chart(report, "update-rms-residual-mlp"), "residual");
    assertThat(residual.line().y(0)).isEqualTo(0.02);
    assertThat(residual.band().orElseThrow().high().y(0)).isCloseTo(0.025, within(1e-12));
  }

  /** Theory states 7 % below beta2 = 0.9. */
  @Test
  void theKnownErrorIsThatOfTheSettings() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    Path run = study.run("adamw", MeasuredRuns.ADAM.with("optimizer.beta2", 0.8), 1, 5);
    MeasuredRuns.amend(run, (step, group) -> MeasuredRuns.independent(group, 0.05, 0.005));
    assertThat(chart(MeasuredRuns.report(study), "update-rms-all").notes().get(0))
        .startsWith("adamw: theory holds (30 of 30 steps agree)");
  }

  @Test
  void withoutFreshGradientsTheReportSaysHowToGetThem() {
    StudyReport report = report((step, group) -> {});
    assertThat(String.join("\n", section(report, "update-rms").sentences()))
        .contains("measure.probe_every");
    assertThat(chart(report, "update-rms-all").notes()).isEmpty();
    assertThat(report.sections())
        .extracting(Section::id)
        .doesNotContain("update-rms-independent", "coordinates");
    assertThat(HtmlReport.render(report)).doesNotContain("from fresh gradients</span>");
  }

  @Test
  void weightsStandBesideNoiseAndSignal() {
    StudyReport report =
        report(
            (step, group) -> {
              double weight = group.get("weight_rms").asDouble();
              group.put("weight_rms_predicted", weight * (step <= 60 ? 1.2 : 0.9));
              group.put("weight_rms_signal", weight * 2);
            });
    Chart chart = chart(report, "weight-rms-mlp");
    Series signal = series(chart, "predicted with the fresh gradients' signal");
    assertThat(signal.style()).isEqualTo(Style.DASH_DOTTED);
    assertThat(signal.line().y(2))
        .isCloseTo(2 * series(chart, "measured").line().y(2), within(1e-12));
    assertThat(String.join("\n", section(report, "weight-rms").sentences()))
        .contains("between the two (1 % allowed): adamw: 24 of 30.");
  }

  @Test
  void theAngleIsDrawnWithItsBalance() {
    StudyReport report =
        report((step, group) -> group.put("angle", 1e-2).put("angle_predicted", 3e-3));
    Chart chart = chart(report, "angle-head");
    assertThat(series(chart, "measured").line().y(4)).isEqualTo(1e-2);
    assertThat(series(chart, "where decay and noise balance").line().y(4)).isEqualTo(3e-3);
    // The fixture's rates sum to 0.54; decay is 0.1.
    assertThat(String.join("\n", section(report, "angle").sentences()))
        .contains("Here it is adamw: 0.054")
        .contains("the weights still have their initial size");
  }

  @Test
  void signFlipsAreDrawnBesideWhiteNoise() {
    StudyReport report =
        report((step, group) -> group.put("sign_flips", 0.1).put("sign_flips_predicted", 0.16));
    Chart chart = chart(report, "sign-flips-head");
    assertThat(series(chart, "measured").line().y(4)).isEqualTo(0.1);
    assertThat(series(chart, "on white Gaussian noise").line().y(4)).isEqualTo(0.16);
    Section section = section(report, "sign-flips");
    assertThat(String.join("\n", section.sentences()))
        .contains("all parameters: adamw: 0.63")
        .contains("heavy", "oscillate", "has faded");
    assertThat(section.tables().get(0).rows())
        .contains(List.of("adamw", "0.63", "0.63", "0.63", "0.63", "0.63", "0.63"));
  }

  @Test
  void theSpreadOverCoordinatesIsDrawnOverTraining() {
    StudyReport report =
        report((step, group) -> MeasuredRuns.histogram(group, step <= 150 ? 20 : 10));
    Chart chart = chart(report, "coordinate-ratio-mlp");
    List<Series> medians =
        chart.series().stream().filter(s -> s.meaning().equals("median coordinate")).toList();
    assertThat(medians).hasSize(2); // nine in ten, and half of the coordinates
    Series half = medians.get(1);
    assertThat(half.line().size()).isEqualTo(30);
    // Six in ten lie in bin 20, from 4 to 4√2, the others in 16 bins below 1.
    assertThat(half.line().y(0)).isCloseTo(Math.pow(2, 2 + 0.5 * 0.1 / 0.6), within(1e-9));
    assertThat(half.band().orElseThrow().low().y(0)).isCloseTo(Math.pow(2, -3), within(1e-9));
    assertThat(half.band().orElseThrow().high().y(0))
        .isCloseTo(Math.pow(2, 2 + 0.5 * 0.35 / 0.6), within(1e-9));
    // Later in bin 10, from 1/8 to √2/8, which holds 5/8 above a quarter of them.
    assertThat(half.line().y(20)).isCloseTo(Math.pow(2, -3 + 0.5 * 0.25 / 0.625), within(1e-9));
    assertThat(series(chart, "median on pure noise").line().y(3)).isCloseTo(0.1566, within(1e-4));
    Section section = section(report, "coordinates");
    assertThat(String.join("\n", section.sentences()))
        .contains("Noise-dominated coordinates: adamw: 40 % at step 10, 100 % at step 300.");
    assertThat(section.tables().get(0).rows())
        .contains(
            List.of(
                "adamw", "mollification", "0.250", "0.250", "0.250", "0.250", "0.250", "0.250"));
    assertThat(chart(report, "noise-dominated").series().get(0).line().y(0)).isEqualTo(0.4);
    assertThat(chart(report, "mollification").series().get(0).line().y(0)).isEqualTo(0.25);
  }

  /** Of 30 measured steps. */
  @ParameterizedTest
  @CsvSource({
    "-0.1, consecutive gradients point against each other: the rate is high (against each other at 28,",
    "0.1, consecutive gradients agree: a step hardly turns the mean gradient (against each other at 0,",
    "0.01, consecutive gradients have nothing in common at most steps (against each other at 0,"
  })
  void whatConsecutiveGradientsShareIsSaid(double lag, String words) {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    MeasuredRuns.remember(
        study.run("adamw", MeasuredRuns.ADAM, 1, 5),
        (step, all) -> {
          all.put("remembered", 90);
          if (step > 20) { // two steps of thirty with too few gradients
            all.put("lag_1", lag).put("lag_1_low", lag - 0.05).put("lag_1_high", lag + 0.05);
            all.put("factor_memory", 0.7).put("update_rms", 0.2);
            all.put("update_rms_ahead", 0.2).put("update_rms_ahead_low", 0.19);
            all.put("update_rms_ahead_high", 0.21);
            all.put("update_rms_tested", step <= 120 ? 0.2119 : 0.2125);
            ObjectNode kernel = all.putObject("kernels").putObject("beta_0.95");
            kernel.put("update_rms", 0.13).put("update_rms_lags", 0.12);
          }
        });
    StudyReport report = MeasuredRuns.report(study);
    Section section = section(report, "memory");
    assertThat(String.join("\n", section.sentences()))
        .contains("adamw: " + words)
        .contains("of 28 measured steps)")
        .contains("interval of memory at 10 of 28 steps, median residual +6.3 %");
    assertThat(series(chart(report, "memory-lag-1"), "lag 1").line().y(0)).isEqualTo(lag);
    assertThat(series(chart(report, "memory-ahead"), "predicted from memory").line().y(0))
        .isEqualTo(0.2);
    assertThat(section.tables().get(0).rows().get(0)).contains("0.700", "0.200");
    assertThat(section.tables().get(1).rows())
        .containsExactly(List.of("adamw", "0.95", "0.160", "0.120", "0.130"));
    assertThat(report((step, group) -> {}).sections()).noneMatch(s -> s.id().equals("memory"));
  }

  @Test
  void threeEstimatorsAndTwoNoiseScalesStandSideBySide() {
    StudyReport report = report((step, group) -> MeasuredRuns.independent(group, 0, 0.05));
    assertThat(chart(report, "snr-estimates").series())
        .extracting(Series::meaning)
        .containsExactly("from a probe", "from micro-batches", "from momentum");
    Chart scale = chart(report, "noise-scale");
    assertThat(scale.notes())
        .containsExactly(
            "solid: B_simple from fresh gradients; dashed: B_simple from momentum;"
                + " dash-dotted: B_noise in the curvature.");
    Series curved = series(scale, "B_noise in the curvature");
    assertThat(curved.line().y(0)).isEqualTo(40);
    assertThat(curved.band().orElseThrow().low().y(0)).isEqualTo(20);
    // No upper end: the band is open to the edge of the chart.
    assertThat(curved.band().orElseThrow().high().y(0))
        .isEqualTo(scale.y().range().orElseThrow().high());
    assertThat(String.join("\n", section(report, "noise").sentences()))
        .contains(
            "batches of 16 sequences; the critical batch (B_simple from fresh gradients) was 32");
    assertThat(chart(report, "snr-mlp").y().log()).isTrue();
  }

  @Test
  void whatTheDivergenceDoctorFoundIsSaid() throws java.io.IOException {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    Path run = study.diverged("adamw", MeasuredRuns.ADAM, 1, 120);
    Path summary = run.resolve("summary.json");
    String finding =
        "{\"findings\":[{\"kind\":\"non_finite\",\"step\":80,\"tensor\":\"head.weight\",\"detail\":\"no number\"}],";
    Files.writeString(
        summary,
        Files.readString(summary)
            .replaceFirst("[{]", java.util.regex.Matcher.quoteReplacement(finding)));
    assertThat(String.join("\n", MeasuredRuns.report(study).overview().sentences()))
        .contains(
            "What went wrong: adamw (seed 1), step 80: non finite in head.weight, no number.");
  }

  @Test
  void allOfItCanBeWrittenAsPng() throws java.io.IOException {
    StudyReport report =
        report(
            (step, group) -> {
              MeasuredRuns.independent(group, -0.4, 0.05);
              MeasuredRuns.histogram(group, 12);
              group.put("angle", 1e-2).put("angle_predicted", 3e-3);
              group.put("weight_rms_signal", 0.2);
            });
    List<Chart> charts =
        List.of(
            chart(report, "update-rms-mlp"),
            chart(report, "update-rms-residual-all"),
            chart(report, "coordinate-ratio-all"),
            chart(report, "noise-dominated"),
            chart(report, "noise-scale"),
            chart(report, "angle-all"));
    List<Path> files = PngFigures.write(charts, folder.resolve("figures"));
    assertThat(files).hasSize(6);
    for (int i = 0; i < files.size(); i++) {
      assertThat(Files.size(files.get(i))).isGreaterThan(10_000);
      assertThat(PngFigures.drawn(charts.get(i)).getSeriesMap().size())
          .isGreaterThan(charts.get(i).series().size());
    }
  }
}
