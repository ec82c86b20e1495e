package io.adamant.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.ConfirmConfig;
import io.adamant.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of runs and studies: written again after reading, they are the same byte for byte. */
class RunFilesTest {

  private static final Path STUDY = Path.of("src/test/resources/studies/before");

  @TempDir private Path temp;

  static List<Path> runsOfAnEarlierVersion() {
    return RunFolders.of(STUDY);
  }

  @ParameterizedTest
  @MethodSource("runsOfAnEarlierVersion")
  void filesOfAnEarlierVersionAreWrittenTheSame(Path run) throws IOException {
    RunConfig config = RunDirectory.config(run);
    try (RunDirectory copy = new RunDirectory(temp)) {
      copy.write(RunDirectory.manifest(run));
      copy.write(RunDirectory.summary(run).orElseThrow());
    }
    ArmNames.read(run, config).write(temp);
    for (String name : List.of("manifest.json", "summary.json", "arm.json")) {
      assertThat(temp.resolve(name)).hasSameBinaryContentAs(run.resolve(name));
    }
    assertThat(RunDirectory.summary(temp)).isEqualTo(RunDirectory.summary(run));
  }

  @Test
  void aStudyOfAnEarlierVersionIsReadAndWhatItsRunsShareIsWrittenOnce() throws IOException {
    StudyRecord study = StudyRecord.read(STUDY).orElseThrow();
    study.write(temp);
    assertThat(StudyRecord.read(temp)).contains(study);
    assertThat(Files.readString(temp.resolve("study.yaml"))).containsOnlyOnce("layers:");
    assertThat(Files.readString(STUDY.resolve("study.yaml")).split("layers:")).hasSize(7);
    assertThat(study.runs()).hasSize(6);
    assertThat(study.runs().get(0).config().optimizer().type()).isEqualTo("adamw");
  }

  @Test
  void aStudyOfManyRunsIsReadBack() {
    List<StudyRecord.Run> runs = new ArrayList<>();
    for (int seed = 1; seed <= 22_000; seed++) {
      String id = "%012x".formatted(seed);
      runs.add(
          new StudyRecord.Run(
              "adamw",
              "adamw lr=0.001 weight_decay=0.1 clip.global_norm=1 seed=" + seed,
              id,
              Map.of("training", Map.of("seed", seed))));
    }
    StudyRecord study = new StudyRecord("many", "", "", Optional.empty(), runs);
    study.write(temp);
    assertThat(StudyRecord.read(temp)).contains(study);
    assertThat(temp.resolve("study.yaml").toFile().length()).isGreaterThan(3L << 20);
  }

  @Test
  void whatADivergedRunLacksIsNotANumber() {
    Path diverged = STUDY.resolve("runs/8cb59369c04a");
    RunSummary summary = RunDirectory.summary(diverged).orElseThrow();
    assertThat(summary.status()).isEqualTo(RunStatus.DIVERGED);
    assertThat(summary.isFinal()).isTrue();
    assertThat(summary.valLoss()).isNaN();
    assertThat(summary.valPerplexity()).isNaN();
    assertThat(summary.firstBadStep()).hasValue(2);
    assertThat(summary.findings())
        .containsExactly(
            new RunSummary.Finding(
                "non_finite", 2, "embedding.weight", "the loss or the gradient is not finite"));
    assertThat(summary.performance().orElseThrow().microBatch()).isEqualTo(4);
  }

  @Test
  void confirmationsAndIdentitiesThatLookLikeNumbersAreReadBack() throws IOException {
    ConfirmConfig confirm = new ConfirmConfig(List.of(7L, 8L), true, List.of("adamw"));
    StudyRecord.Run run =
        StudyRecord.Run.of("adamw", "adamw lr=1", "12e345678901", RunConfig.defaults());
    StudyRecord study = new StudyRecord("s", "A title", "1a2b", Optional.of(confirm), List.of(run));
    study.write(temp);
    assertThat(Files.readString(temp.resolve("study.yaml"))).contains("id: \"12e345678901\"\n");
    StudyRecord read = StudyRecord.read(temp).orElseThrow();
    assertThat(read.confirm()).contains(confirm);
    assertThat(read.runs().get(0).id()).isEqualTo("12e345678901");
    assertThat(read.runs().get(0).config()).isEqualTo(RunConfig.defaults());

    StudyRecord.Choice winner = new StudyRecord.Choice("adamw", "winner", "lr=1", List.of("1e5"));
    StudyRecord.writeConfirmation(temp, List.of(7L), List.of(winner), List.of("sgdm"));
    assertThat(StudyRecord.confirmation(temp)).containsExactly(winner);
    StudyRecord.deleteConfirmation(temp);
    assertThat(StudyRecord.confirmation(temp)).isEmpty();
  }

  @Test
  void keysOfALaterVersionAreNoError() throws IOException {
    Files.writeString(temp.resolve("run.yaml"), Configs.toYaml(RunConfig.defaults()));
    Files.writeString(temp.resolve("summary.json"), "{\"status\": \"finished\", \"mood\": 1}");
    Files.writeString(temp.resolve("manifest.json"), "{\"cpu\": \"Z80\", \"gpu\": {\"a\": 1}}");
    RunData run = RunData.read(temp);
    assertThat(run.summary().status()).isEqualTo(RunStatus.FINISHED);
    assertThat(run.summary().performance()).isEmpty();
    assertThat(run.manifest().facts()).isEqualTo(Map.of(Manifest.Key.CPU, "Z80"));
    assertThat(run.manifest().number(Manifest.Key.CPU)).isNaN();
    assertThat(run.manifest().warnings()).isEmpty();
  }

  @Test
  void damagedFilesAreNamed() throws IOException {
    assertThat(RunDirectory.summary(temp)).isEmpty();
    assertThat(RunDirectory.manifest(temp).facts()).isEmpty();
    Files.writeString(temp.resolve("summary.json"), "{\"status\": ");
    assertThatThrownBy(() -> RunDirectory.summary(temp))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("summary.json");
    Files.writeString(temp.resolve("study.yaml"), "runs: [");
    assertThatThrownBy(() -> StudyRecord.read(temp))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("study.yaml is not a study's record");
  }

  @Test
  void aLineOfMetricsHasNoNumberForWhatIsNotFinite() {
    StepMetrics line =
        new StepMetrics(3, 96, 0.1, Double.NaN, Double.POSITIVE_INFINITY, 5, true, Map.of());
    assertThat(Json.line(line.with(Map.of("val_loss", 4.5)).toMap()))
        .isEqualTo(
            "{\"step\":3,\"tokens\":96,\"lr\":0.1,\"train_loss\":null,\"grad_norm\":null,"
                + "\"tokens_per_s\":5.0,\"skipped\":true,\"val_loss\":4.5}");
  }
}
