package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table's numbers against those recomputed from the files, and its order. */
class ComparisonTableTest {
  /** t_{0.975} with two degrees of freedom, from a printed table. */
  private static final double T_TWO = 4.302652729911275;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static ComparisonTable table(StudyFixture study) {
    return Reports.table(List.of(study.root()));
  }

  @Test
  void numbersEqualThoseOfTheFiles() throws IOException {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    ComparisonTable table = table(study);
    assertThat(table.rows()).hasSize(5);
    for (ArmRuns row : table.rows()) {
      List<Path> runs = runsOf(study.root(), row.name());
      assertThat(runs).hasSize(3);
      double[] losses = summaries(runs, "val_loss");
      double mean = mean(losses);
      double variance = Arrays.stream(losses).map(v -> (v - mean) * (v - mean)).sum() / 2;
      assertThat(row.valLoss()).isCloseTo(mean, within(1e-12));
      assertThat(row.valLossHalfWidth()).isCloseTo(T_TWO * Math.sqrt(variance / 3), within(1e-9));
      double[] perplexities = summaries(runs, "val_ppl");
      double product = Arrays.stream(perplexities).reduce(1, (a, b) -> a * b);
      assertThat(Math.exp(row.valLoss())).isCloseTo(Math.cbrt(product), within(1e-9));
      assertThat(row.mean(run -> run.summary().tokensPerSecond()))
          .isCloseTo(mean(summaries(runs, "tokens_per_s")), within(1e-9));
      assertThat(row.mean(run -> run.summary().seconds())).isEqualTo(52.25);
      for (String quantity :
          List.of(
              "update_rms",
              "update_rms_predicted",
              "update_rms_free",
              "weight_rms",
              "weight_rms_predicted")) {
        checkMeasured(runs, quantity, row.measured(quantity));
      }
      assertThat(ComparisonTable.note(row)).isEmpty();
    }
  }

  @Test
  void bestFirstThenUnfinishedThenDiverged() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    study.diverged("lost", StudyFixture.config("sgd", 30, 0), 1, 120);
    study.torn("running", StudyFixture.config("lion", 1e-3, 0), 1, 3.0, 137);
    study.run("half", StudyFixture.config("signum", 1e-3, 0), 1, 2.0);
    study.diverged("half", StudyFixture.config("signum", 1e-3, 0), 2, 200);
    study.run("second", StudyFixture.config("adamw", 1e-3, 0), 1, 5.5);
    study.run("first", StudyFixture.config("adamw", 2e-3, 0), 1, 5.0);
    List<ArmRuns> rows = table(study).rows();
    assertThat(rows)
        .extracting(ArmRuns::name)
        .containsExactly("first", "second", "running", "half", "lost");
    assertThat(rows.get(0).valLossHalfWidth()).isNaN();
    assertThat(ComparisonTable.note(rows.get(2))).isEqualTo("unfinished at step 137 of 300");
    assertThat(ComparisonTable.note(rows.get(3)))
        .isEqualTo("1 of 2 seeds diverged at step 200 (21 steps skipped); 21 steps skipped");
    assertThat(rows.get(3).averaged()).hasSize(1);
    assertThat(rows.get(4).lost()).isTrue();
  }

  @Test
  void whatWasNotMeasuredIsBlank() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    ComparisonTable table = table(study);
    ArmRuns sgdm = table.rows().get(4);
    assertThat(sgdm.name()).isEqualTo("sgdm");
    assertThat(sgdm.measured("update_rms_predicted")).isNaN();
    String line =
        table.markdown().lines().filter(l -> l.contains("sgdm")).findFirst().orElseThrow();
    assertThat(Arrays.stream(line.split("\\|")).map(String::strip).toList().get(7)).isEmpty();
  }

  private static void checkMeasured(List<Path> runs, String quantity, double value)
      throws IOException {
    List<Double> last = new ArrayList<>();
    for (Path run : runs) {
      JsonNode found = JSON.nullNode();
      for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
        JsonNode groups = JSON.readTree(line).path("groups");
        found = groups.isObject() ? groups.path("all").path(quantity) : found;
      }
      last.add(found.isNull() ? Double.NaN : found.asDouble());
    }
    double mean = last.stream().mapToDouble(v -> v).sum() / last.size();
    if (Double.isNaN(mean)) {
      assertThat(value).isNaN();
    } else {
      assertThat(value).isCloseTo(mean, within(1e-12));
    }
  }

  private static List<Path> runsOf(Path root, String arm) throws IOException {
    try (Stream<Path> runs = Files.list(root.resolve("runs"))) {
      Function<Path, String> name =
          run -> {
            try {
              return JSON.readTree(run.resolve("arm.json").toFile()).path("arm").asText();
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          };
      return runs.filter(run -> name.apply(run).equals(arm)).toList();
    }
  }

  private static double[] summaries(List<Path> runs, String key) throws IOException {
    double[] values = new double[runs.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          JSON.readTree(runs.get(i).resolve("summary.json").toFile()).path(key).doubleValue();
    }
    return values;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }
}
