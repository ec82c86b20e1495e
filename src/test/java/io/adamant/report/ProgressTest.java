package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.config.RunConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study that still trains, from its files. */
class ProgressTest {
  private static final RunConfig ADAMW = StudyFixture.config("adamw", 4e-3, 0.1);

  @TempDir Path folder;
  private StudyFixture study;

  @BeforeEach
  void begin() {
    study = new StudyFixture(folder.resolve("planned"));
    study.run("adamw", ADAMW, 1, 5);
    study.torn("adamw", ADAMW, 2, 5, 100);
    study.diverged("adamw", ADAMW, 3, 120);
    study.plan("adamw-lr0.004-1", "adamw-lr0.004-2", "adamw-lr0.004-3", "adamw-lr0.004-4");
  }

  private Progress progress() {
    return Progress.of(StudyData.read(List.of(study.root())), List.of(study.root()));
  }

  @Test
  void runsAreCountedAndTheTimeLeftIsThatOfTheTokens() {
    Progress.Arm arm = progress().arms().get(0);
    assertThat(List.of(arm.planned(), arm.finished(), arm.diverged(), arm.begun()))
        .containsExactly(4L, 1L, 1L, 1L);
    double tokens = ADAMW.tokens() + ADAMW.tokens() - 100 * 2048;
    assertThat(arm.tokensLeft()).isEqualTo(tokens);
    assertThat(arm.tokensPerSecond()).isEqualTo(11_800);
    assertThat(arm.loss()).isBetween(5.0, 8.0);
    assertThat(progress().open()).isTrue();
    assertThat(progress().line())
        .startsWith("2 of 4 runs done, 1 begun, 1 diverged; about ")
        .endsWith(" left");
  }

  @Test
  void aPageLoadsItselfAgainUntilEveryRunHasAResult() {
    Path page = Reports.writePage(StudyData.read(List.of(study.root())), progress(), folder, 7);
    assertThat(page).content().contains("data-reload=\"7\"", "content=\"7\"", "Still training");
    study.run("adamw", ADAMW, 2, 5);
    study.run("adamw", ADAMW, 4, 5);
    assertThat(progress().open()).isFalse();
    Path done = Reports.write(List.of(study.root()), folder, false).get(0);
    assertThat(done).content().doesNotContain("data-reload=", "http-equiv=\"refresh\"");
    assertThat(done).content().doesNotContain("Still training");
  }
}
