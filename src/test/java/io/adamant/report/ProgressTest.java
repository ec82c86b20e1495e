package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.config.RunConfig;
import io.adamant.results.RunStatus;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private Progress progress(String... standing) {
    Map<String, RunStatus> stands = new HashMap<>();
    for (int i = 0; i < standing.length; i += 2) {
      stands.put("adamw-lr0.004-" + standing[i], RunStatus.valueOf(standing[i + 1]));
    }
    List<Path> studies = List.of(study.root());
    return Progress.of(
        StudyData.read(studies),
        studies,
        (directory, id) -> stands.getOrDefault(id, RunStatus.UNFINISHED));
  }

  @Test
  void aRunThatStandsStillHasNoSpeedAndOneThatWasGivenUpIsNotWaitedFor() {
    Progress.Arm stopped = progress("2", "INTERRUPTED").arms().get(0);
    assertThat(List.of(stopped.planned(), stopped.done(), stopped.begun()))
        .containsExactly(4L, 2L, 0L);
    assertThat(stopped.tokensLeft()).isEqualTo(2.0 * ADAMW.tokens() - 100 * 2048);
    assertThat(stopped.tokensPerSecond()).isZero();
    Progress.Arm one = progress("2", "FAILED").arms().get(0);
    assertThat(List.of(one.diverged(), one.begun())).containsExactly(2L, 0L);
    assertThat(one.tokensLeft()).isEqualTo((double) ADAMW.tokens());
    assertThat(progress("2", "FAILED", "4", "FAILED").open()).isFalse(); // 4 never wrote a file
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
        .startsWith("2 of 4 runs done, 1 training, 1 diverged or given up; about ")
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
