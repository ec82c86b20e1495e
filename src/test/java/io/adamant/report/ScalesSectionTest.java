package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.chart.Section;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.theory.ScaleDrift;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What rate and decay mean, and how the drift of the gradient's norm changes updates. */
class ScalesSectionTest {
  @TempDir Path temp;

  private static RunConfig config(double beta2) {
    return RunConfig.defaults()
        .with(OptimizerConfig.of("adamw", 4e-3, 0.1).with("beta1", 0.9).with("beta2", beta2))
        .with("training.steps", 200);
  }

  private Section section(String id, double beta2, IntToDoubleFunction logNorm) {
    StudyFixture study = new StudyFixture(temp);
    study.names("s", "", "adamw");
    Path run = study.run("adamw", config(beta2), 1, 5);
    StringBuilder lines = new StringBuilder();
    Random noise = new Random(4);
    for (int step = 1; step <= 200; step++) {
      double norm = Math.exp(logNorm.applyAsDouble(step) + 0.01 * noise.nextGaussian());
      lines.append(
          String.format(
              Locale.ROOT,
              "{\"step\":%d,\"tokens\":%d,\"lr\":0.004,\"train_loss\":5,\"grad_norm\":%.6f}%n",
              step,
              step * 100,
              norm));
    }
    StudyFixture.write(run.resolve("metrics.jsonl"), lines.toString());
    return StudyReport.of(StudyData.read(List.of(temp))).sections().stream()
        .filter(section -> section.id().equals(id))
        .findFirst()
        .orElseGet(() -> Section.of(id, "none").done());
  }

  @Test
  void theTableHasDecaysTime() {
    Section scales = section("scales", 0.9, step -> 0);
    double epoch = 2_100_000; // of the fixture
    double tokens = 2500.0 * config(0.9).tokensPerStep();

    assertThat(scales.tables()).hasSize(1);
    String table = scales.tables().get(0).csv();
    assertThat(table).contains("decay time (steps)", "2500", "weight RMS", "0.14", "angle");
    assertThat(table.lines().skip(1).findFirst().orElseThrow().split(",", -1)[3])
        .satisfies(
            text -> assertThat(Double.parseDouble(text)).isCloseTo(tokens / epoch, within(0.01)));
    assertThat(scales.sentences()).anyMatch(s -> s.contains("adamw: 1/(lr·λ)"));
  }

  @Test
  void aScaleThatDriftsIsShownWithItsFactor() {
    Section drift = section("scale-drift", 0.95, step -> step <= 80 ? 0 : -0.02 * (step - 80));

    assertThat(drift.tables()).hasSize(1);
    List<String> rows = drift.tables().get(0).csv().lines().skip(1).toList();
    assertThat(rows).hasSize(3); // of stretches of 40 steps
    for (String row : rows) {
      String[] cells = row.split(",", -1);
      assertThat(Double.parseDouble(cells[1])).isGreaterThan(80);
      assertThat(Double.parseDouble(cells[3])).isCloseTo(-0.02, within(1e-3));
      assertThat(Double.parseDouble(cells[5]))
          .isCloseTo(ScaleDrift.factor(0.9, 0.95, 0, -0.02, 40), within(0.02));
    }
  }

  /** Noise without a drift, and a drift that betas of noise do not feel. */
  @Test
  void whatChangesNothingIsNotShown() {
    assertThat(section("scale-drift", 0.95, step -> 0).blank()).isTrue();
    assertThat(section("scale-drift", 0.81, step -> -0.004 * step).blank()).isTrue();
  }
}
