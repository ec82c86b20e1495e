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
  void quickstartComparesSgdmAndAdamW() {
    StudyConfig study = Configs.readStudy(CONFIGS.resolve("quickstart.yaml"), List.of());
    assertThat(study.name()).isEqualTo("quickstart");
    assertThat(study.base().with("training.seed", 1)).isEqualTo(RunConfig.defaults());
    assertThat(study.plan()).extracting(PlannedRun::label).containsExactly("sgdm", "adamw");
    assertThat(study.plan().get(0).config())
        .isEqualTo(
            RunConfig.defaults()
                .withOptimizer(OptimizerConfig.of("sgdm", 1.0, 0).withSetting("beta1", 0.9)));
    assertThat(study.plan().get(1).config())
        .isEqualTo(
            RunConfig.defaults()
                .withOptimizer(
                    OptimizerConfig.of("adamw", 4e-3, 0.1)
                        .withSetting("beta1", 0.95)
                        .withSetting("beta2", 0.95)
                        .withSetting("eps", 1e-8)));
  }

  @Test
  void trainShowsEveryKeyWithItsDefault() throws IOException {
    Path file = CONFIGS.resolve("train.yaml");
    RunConfig run = Configs.readRun(file, List.of());
    assertThat(run.withOptimizer(run.optimizer().withSettings(Map.of())))
        .isEqualTo(RunConfig.defaults());
    Settings written = Settings.of(ConfigFile.of(Files.readString(file), "train.yaml").root());
    assertThat(written.keys()).containsAll(Configs.flatten(RunConfig.defaults()).keySet());
  }

  @Test
  void everyCommittedFileIsAStudyOrARun() throws IOException {
    try (Stream<Path> files = Files.list(CONFIGS)) {
      List<Path> yaml = files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
      assertThat(yaml).hasSizeGreaterThanOrEqualTo(2);
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
