package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files under configs/ say what their comments and the README say of them. */
class CommittedConfigsTest {
  private static final Path CONFIGS = Path.of("configs");

  @Test
  void quickstartTrainsTheDefaultModelOnTheDefaultData() {
    StudyConfig study = Configs.readStudy(CONFIGS.resolve("quickstart.yaml"), List.of());
    assertThat(study.name()).isEqualTo("quickstart");
    assertThat(study.plan()).extracting(PlannedRun::label).contains("sgdm", "adamw");
    RunConfig defaults = RunConfig.defaults();
    for (PlannedRun run : study.plan()) {
      assertThat(run.config().model()).isEqualTo(defaults.model());
      assertThat(run.config().data()).isEqualTo(defaults.data());
      assertThat(run.config().schedule()).isEqualTo(defaults.schedule());
      assertThat(run.config().clip()).isEqualTo(defaults.clip());
      assertThat(run.config().training().steps()).isEqualTo(300);
    }
  }

  @Test
  void quickstartUsesTheWinnersOfItsTuningAndNoneIsOnAnEdge() throws IOException {
    StudyConfig study = Configs.readStudy(CONFIGS.resolve("quickstart.yaml"), List.of());
    StudyConfig tuning = Configs.readStudy(CONFIGS.resolve("quickstart-tuning.yaml"), List.of());
    List<String> table = Files.readAllLines(Path.of("results/quickstart-tuning/runs.csv"));
    List<String> columns = List.of(table.get(0).split(",", -1));
    for (Arm arm : study.arms()) {
      RunConfig run = arm.points().get(0).config();
      Arm grid =
          tuning.arms().stream().filter(a -> a.name().equals(arm.name())).findFirst().orElseThrow();
      List<Double> rates = grid.points().stream().map(p -> p.config().optimizer().lr()).toList();
      int place = rates.indexOf(run.optimizer().lr());
      assertThat(place).as(arm.name()).isGreaterThan(0).isLessThan(rates.size() - 1);
      assertThat(grid.points().get(place).config().optimizer()).isEqualTo(run.optimizer());

      double best = Double.POSITIVE_INFINITY;
      double bestRate = Double.NaN;
      int rows = 0;
      for (String line : table.subList(1, table.size())) {
        List<String> cells = List.of(line.split(",", -1));
        boolean fresh =
            columns.contains("stage") && cells.get(columns.indexOf("stage")).equals("confirm");
        if (!fresh && cells.get(columns.indexOf("arm")).equals(arm.name())) {
          rows++;
          double loss = Double.parseDouble(cells.get(columns.indexOf("val_loss")));
          if (loss < best) {
            best = loss;
            bestRate = Double.parseDouble(cells.get(columns.indexOf("optimizer.lr")));
          }
        }
      }
      assertThat(rows).as(arm.name() + " has its whole grid in the table").isEqualTo(rates.size());
      assertThat(bestRate).as(arm.name()).isEqualTo(run.optimizer().lr());
    }
  }

  @Test
  void trainShowsEveryKeyWithItsDefault() throws IOException {
    Path file = CONFIGS.resolve("train.yaml");
    RunConfig run = Configs.readRun(file, List.of());
    assertThat(run.with(run.optimizer().withSettings(Map.of()))).isEqualTo(RunConfig.defaults());
    WrittenSettings written =
        WrittenSettings.of(ConfigFile.of(Files.readString(file), "train.yaml").root());
    assertThat(written.keys()).containsAll(Configs.flatten(RunConfig.defaults()).keySet());
  }

  @Test
  void theModelsOfTheStudyHaveItsSizes() throws IOException {
    assertThat(parameters("models/gpt-160m.yaml")).isEqualTo(162_183_936); // 162.18 M
    assertThat(parameters("models/gpt-410m.yaml")).isEqualTo(411_304_960); // 411.3 M
    assertThat(parameters("paper/adamw-160m.yaml")).isEqualTo(162_183_936);
    RunConfig recipe = Configs.readRun(CONFIGS.resolve("paper/adamw-160m.yaml"), List.of());
    assertThat(recipe.tokensPerStep() * recipe.training().steps()).isEqualTo(3_250_585_600L);
    assertThat(recipe.model().paddedVocabulary(50_277)).isEqualTo(50_304);
  }

  /** With the vocabulary as the study counts it, 50,280. */
  private static long parameters(String file) throws IOException {
    ModelConfig m = Configs.readRun(CONFIGS.resolve(file), List.of()).model();
    long block = 4L * m.width() * m.width() + 3L * m.width() * m.mlpHidden() + 2L * m.width();
    return 2L * 50_280 * m.width() + m.layers() * block + m.width();
  }

  @Test
  void everyCommittedFileIsAStudyOrARun() throws IOException {
    try (Stream<Path> files = Files.walk(CONFIGS)) {
      List<Path> yaml =
          files
              .filter(f -> f.toString().endsWith(".yaml"))
              .filter(f -> !f.startsWith(CONFIGS.resolve("reproduce"))) // claims
              .filter(f -> !f.startsWith(CONFIGS.resolve("cluster"))) // jobs, see KubernetesTest
              .sorted()
              .toList();
      assertThat(yaml).hasSizeGreaterThanOrEqualTo(20);
      for (Path file : yaml) {
        boolean study = Files.readString(file).lines().anyMatch(line -> line.startsWith("base:"));
        if (study) {
          assertThat(Configs.readStudy(file, List.of()).plan()).as(file.toString()).isNotEmpty();
        } else {
          assertThat(Configs.readRun(file, List.of()).training().steps()).isPositive();
        }
      }
    }
  }
}
