package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.chart.Section;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories to arms. */
class StudyDataTest {
  private static final RunConfig ADAMW = StudyFixture.config("adamw", 4e-3, 0.1);
  private static final RunConfig SGDM = StudyFixture.config("sgdm", 1, 0);

  @TempDir Path folder;
  private StudyFixture study;

  @BeforeEach
  void emptyStudy() {
    study = new StudyFixture(folder.resolve("one"));
  }

  private StudyData read() {
    return StudyData.read(List.of(study.root()));
  }

  @Test
  void seedsOfOneSettingAreOneArmInTheOrderOfTheStudy() {
    study.names("one", "A title", "sgdm", "adamw");
    study.run("adamw", ADAMW, 2, 5);
    study.run("adamw", ADAMW, 1, 5);
    study.run("sgdm", SGDM, 1, 6);
    StudyData data = read();
    assertThat(data.title()).isEqualTo("A title");
    assertThat(data.arms()).extracting(ArmRuns::name).containsExactly("sgdm", "adamw");
    assertThat(data.arms().get(1).runs()).extracting(RunData::seed).containsExactly(1L, 2L);
  }

  @Test
  void threadsAndDeviceDoNotMakeAnArm() {
    study.run("adamw", ADAMW, 1, 5);
    study.run("adamw", ADAMW.with("training.threads", 4), 2, 5);
    assertThat(read().arms()).hasSize(1);
  }

  @Test
  void pointsOfAGridAreNamedByWhatVaries() {
    study.run("adamw", ADAMW, 1, 5);
    study.run("adamw", StudyFixture.config("adamw", 2e-3, 0.1), 1, 5.1);
    assertThat(read().arms())
        .extracting(ArmRuns::name)
        .containsExactly("adamw lr=0.002", "adamw lr=0.004");
  }

  @Test
  void armsOfTwoStudiesCarryTheStudysName() {
    study.run("adamw", ADAMW, 1, 5);
    StudyFixture other = new StudyFixture(folder.resolve("two"));
    other.run("adamw", SGDM, 1, 6);
    StudyData data = StudyData.read(List.of(study.root(), other.root()));
    assertThat(data.arms()).extracting(ArmRuns::name).containsExactly("one/adamw", "two/adamw");
    assertThat(data.title()).isEqualTo("one and two");
    assertThat(data.comparable()).isTrue();
  }

  @Test
  void lossesOfDifferentDataAreNotRankedTogether() {
    for (long seed = 1; seed <= 2; seed++) {
      study.run("adamw", ADAMW, seed, 5 + 0.01 * seed);
      study.run("sgdm", SGDM, seed, 6 + 0.01 * seed);
    }
    StudyFixture other = new StudyFixture(folder.resolve("two"));
    RunConfig bytes = ADAMW.with(Map.of("data.tokenizer", "bytes", "data.vocab", 257));
    for (long seed = 1; seed <= 2; seed++) {
      other.run("adamw", bytes, seed, 2 + 0.01 * seed);
    }
    StudyData data = StudyData.read(List.of(study.root(), other.root()));
    StudyReport report = StudyReport.of(data);
    String warning = data.warning().orElseThrow();
    assertThat(warning)
        .startsWith("These losses must not be ranked together")
        .contains("one: ", "two: ", "tokenizer bytes, vocabulary 257");
    assertThat(report.overview().sentences().get(0)).isEqualTo(warning);
    assertThat(report.overview().sentences())
        .noneMatch(sentence -> sentence.contains("Lowest validation loss"));
    assertThat(report.table().rows())
        .extracting(ArmRuns::name)
        .containsExactly("one/adamw", "one/sgdm", "two/adamw");
    assertThat(report.sections())
        .extracting(Section::id)
        .doesNotContain("seeds", "time")
        .contains("studies");
    assertThat(report.sections().get(0).sentences())
        .contains("No two arms have the same name and the same data.");
    assertThat(report.table().terminal().replace("\n  ", " ")).startsWith(warning);
    assertThat(report.table().markdown()).startsWith("**" + warning);
  }

  @Test
  void tokensOfOneTextAreRankedByBitsPerByte() throws IOException {
    StudyFixture tokens = new StudyFixture(folder.resolve("one"));
    tokens.run("adamw", ADAMW, 1, 5);
    StudyFixture other = new StudyFixture(folder.resolve("two"));
    other.run("adamw", ADAMW.with(Map.of("data.tokenizer", "bytes", "data.vocab", 257)), 1, 2);
    bits(tokens.root(), 1.8, "ab12");
    bits(other.root(), 2.9, "ab12");
    List<Path> both = List.of(other.root(), tokens.root());
    ComparisonTable table = ComparisonTable.of(StudyData.read(both));
    assertThat(table.rows()).extracting(ArmRuns::name).containsExactly("one/adamw", "two/adamw");
    assertThat(table.warning().orElseThrow())
        .contains("ranked by bits per byte of the same validation text");
    assertThat(table.markdown())
        .contains("| validation bits per byte |", "| 1.8000 |", "| 2.9000 |");

    bits(other.root(), 2.9, "cd34");
    table = ComparisonTable.of(StudyData.read(both));
    assertThat(table.rows()).extracting(ArmRuns::name).containsExactly("two/adamw", "one/adamw");
    assertThat(table.warning().orElseThrow()).contains("must not be ranked");
  }

  /** Gives the runs of a study what later versions write. */
  private static void bits(Path study, double bits, String text) throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (Stream<Path> runs = Files.list(study.resolve("runs"))) {
      for (Path run : runs.toList()) {
        Path summary = run.resolve("summary.json");
        ObjectNode fields = (ObjectNode) json.readTree(summary.toFile());
        json.writeValue(summary.toFile(), fields.put("val_bits_per_byte", bits));
        Path manifest = run.resolve("manifest.json");
        ObjectNode facts = (ObjectNode) json.readTree(manifest.toFile());
        facts.withObject("/data").put("validation_text_sha256", text);
        json.writeValue(manifest.toFile(), facts);
      }
    }
  }

  @Test
  void theStudysRecordSaysWhichRunsArePartOfIt() {
    study.run("adamw", ADAMW, 1, 5);
    study.run("adamw", ADAMW, 2, 5);
    study.plan("adamw-lr0.004-2", "adamw-lr0.004-3", "adamw-lr0.004-4");
    StudyData data = read();
    assertThat(data.runs()).extracting(RunData::seed).containsExactly(2L);
    assertThat(data.leftOut()).isEqualTo(1);
    assertThat(data.notBegun()).isEqualTo(2);
    assertThat(StudyReport.of(data).overview().sentences())
        .contains(
            "Not shown: 2 planned runs not begun yet and 1 run in the folder left out, since"
                + " study.yaml does not list them.");
    study.plan("adamw-lr0.004-7");
    assertThatThrownBy(this::read)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no run of study.yaml has started");
  }

  @Test
  void aRunGivenTwiceCountsOnce() {
    Path run = study.run("adamw", ADAMW, 1, 5);
    assertThat(StudyData.read(List.of(run, study.root(), run)).runs()).hasSize(1);
  }

  @Test
  void aKilledRunTellsHowFarItCame() {
    study.torn("adamw", ADAMW, 1, 5, 137);
    RunSummary summary = read().runs().get(0).summary();
    assertThat(summary.status()).isEqualTo(RunStatus.UNFINISHED);
    assertThat(summary.steps()).isEqualTo(137);
    assertThat(summary.tokens()).isEqualTo(137 * 2048);
    assertThat(summary.valLoss()).isBetween(5.0, 6.0);
    assertThat(summary.seconds()).isNaN();
  }

  @Test
  void aRunThatHasOnlyItsConfigurationIsRead() {
    Path run = folder.resolve("s/runs/abc");
    StudyFixture.write(run.resolve("run.yaml"), Configs.toYaml(ADAMW.with("training.seed", 7)));
    RunData data = StudyData.read(List.of(run)).runs().get(0);
    assertThat(data.study()).isEqualTo("s");
    assertThat(data.arm()).isEqualTo("adamw");
    assertThat(data.seed()).isEqualTo(7);
    assertThat(data.id()).isEqualTo("abc");
    assertThat(data.summary().steps()).isZero();
    assertThat(data.measured("update_rms")).isNaN();
  }

  @Test
  void aDirectoryWithoutRunYamlHasNotBegun() throws IOException {
    study.run("adamw", ADAMW, 1, 5);
    Files.createDirectories(study.root().resolve("runs/claimed"));
    assertThat(read().runs()).hasSize(1);
  }

  @Test
  void unusableDirectoriesAreNamed() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> StudyData.read(List.of(empty)))
        .isInstanceOf(InputException.class)
        .hasMessage(empty + ": holds no runs; expected: a study with runs/ or a run with run.yaml");
    assertThatThrownBy(() -> StudyData.read(List.of(folder.resolve("none"))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such directory");
    Files.createDirectories(empty.resolve("runs"));
    assertThatThrownBy(() -> StudyData.read(List.of(empty)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no run has started");
    assertThatThrownBy(() -> StudyData.read(List.of())).isInstanceOf(InputException.class);
  }

  @Test
  void anUnknownStatusIsNamed() {
    Path run = study.run("adamw", ADAMW, 1, 5);
    StudyFixture.write(run.resolve("summary.json"), "{\"status\":\"gone\"}");
    assertThatThrownBy(this::read)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("summary.json: status is gone; allowed: finished");
  }
}
