package io.adamant.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.config.StopConfig;
import io.adamant.config.StopConfig.Within;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who goes on from which rung, by hand-made losses. */
class LadderTest {

  private static final int STEPS = 100;

  @TempDir Path study;
  private final List<String> givenUp = new ArrayList<>();

  private static List<Ladder.Run> runs(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Ladder.Run("arm", i, "r" + i, STEPS))
        .toList();
  }

  private Ladder ladder(List<Long> rungs, double factor, List<Ladder.Run> runs) {
    return new Ladder(new StopConfig(rungs, 0, factor, Within.ARM), runs, study, givenUp::contains);
  }

  private void result(String id, String status) throws Exception {
    Path folder = Files.createDirectories(study.resolve("runs").resolve(id));
    Files.writeString(folder.resolve("summary.json"), "{\"status\": \"" + status + "\"}");
  }

  /** The rule of the paper: of n that have come, the best floor(n / eta), whoever came first. */
  @Test
  void theBestOfThoseSoFarGoOnAndLaterOnesMayOvertake() {
    Ladder ladder = ladder(List.of(10L), 2, runs(6));
    assertThat(ladder.reached("r0", 10, 3.0, "w").state()).isEqualTo(Ladder.State.WAITING);
    Ladder.Place second = ladder.reached("r1", 10, 2.0, "w");
    assertThat(second).isEqualTo(new Ladder.Place(Ladder.State.PROMOTED, 10, 1, 2, 1));
    assertThat(ladder.asks("r1", 10)).as("it went on").isFalse();
    assertThat(ladder.reached("r2", 10, 2.5, "w").words())
        .isEqualTo("rank 2 of 3 so far at the rung, of which 1 goes on");
    ladder.reached("r3", 10, 4.0, "w");
    assertThat(ladder.place("r2").state())
        .as("held until a worse one made room for two")
        .isEqualTo(Ladder.State.PROMOTED);
    ladder.reached("r4", 10, 1.0, "w");
    assertThat(ladder.place("r1").state()).as("never taken back").isEqualTo(Ladder.State.FREE);
    assertThat(ladder.place("r2").state()).as("overtaken").isEqualTo(Ladder.State.WAITING);
    ladder.reached("r5", 10, 5.0, "w");
    assertThat(ladder.place("r2").state()).as("room again").isEqualTo(Ladder.State.PROMOTED);
    assertThat(List.of("r0", "r3", "r5")).allMatch(ladder::isStopped);
    assertThat(ladder.rungs()).containsExactly(new Ladder.Rung("arm", 10, 6, 6, 3, 2, true));
  }

  @Test
  void anotherProcessReadsTheSameAndWhatWasDecidedStays() {
    Ladder ladder = ladder(List.of(10L), 2, runs(4));
    ladder.reached("r0", 10, 2.0, "w");
    ladder.reached("r1", 10, 9.0, "w");
    Ladder other = ladder(List.of(10L), 2, runs(4));
    for (int i = 0; i < 4; i++) {
      assertThat(other.place("r" + i)).isEqualTo(ladder.place("r" + i));
    }
    assertThat(other.place("r0").state()).as("was alone").isEqualTo(Ladder.State.PROMOTED);
    assertThat(study.resolve("rungs/00000010/r0.stopped.json"))
        .content()
        .contains("\"rank\":1,\"of\":1,\"kept\":0,\"by\":\"w\",\"at\":\"20");
    other.promote("r0", "v");
    assertThat(study.resolve("rungs/00000010/r0.on.json"))
        .content()
        .contains("\"decision\":\"goes on\",\"rank\":1,\"of\":2,\"kept\":1,\"by\":\"v\"");
    ladder.reached("r2", 10, 1.0, "w");
    assertThat(ladder.place("r0").state()).as("it went on").isEqualTo(Ladder.State.FREE);
    assertThat(ladder.asks("r0", 10)).isFalse();
  }

  @Test
  void ofAClosedRungAtLeastOneGoesOnSoThatSomethingFinishes() {
    Ladder ladder = ladder(List.of(10L, 20L), 3, runs(4));
    for (int i = 0; i < 4; i++) {
      ladder.reached("r" + i, 10, i, "w");
    }
    assertThat(ladder.place("r0").state()).isEqualTo(Ladder.State.PROMOTED);
    ladder.promote("r0", "w");
    assertThat(ladder.reached("r0", 20, 7, "w"))
        .as("1 / 3 is none, but nobody else can come")
        .isEqualTo(new Ladder.Place(Ladder.State.PROMOTED, 20, 1, 1, 1));
  }

  @Test
  void seedsOfOneSettingGoOnTogetherByTheirMean() {
    List<Ladder.Run> runs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      runs.add(new Ladder.Run("arm", i / 2, "r" + i, STEPS));
    }
    Ladder ladder = ladder(List.of(10L), 2, runs);
    assertThat(ladder.reached("r0", 10, 1.0, "w").words()).startsWith("other seeds of its setting");
    ladder.reached("r1", 10, 4.0, "w");
    ladder.reached("r2", 10, 2.0, "w");
    ladder.reached("r3", 10, 2.5, "w");
    assertThat(List.of("r0", "r1"))
        .as("mean 2.5, though r0 is the best")
        .allMatch(ladder::isStopped);
    assertThat(ladder.place("r2").state()).isEqualTo(Ladder.State.PROMOTED);
    assertThat(ladder.place("r3").state()).as("decided as it came").isEqualTo(Ladder.State.FREE);
    ladder.reached("r2", 10, 99, "late");
    assertThat(ladder(List.of(10L), 2, runs).place("r2").rank())
        .as("a run has one loss at a step")
        .isEqualTo(1);
  }

  @Test
  void whatDivergedOrWasGivenUpIsLastAndHoldsNobodyUp() throws Exception {
    Ladder ladder = ladder(List.of(10L, 20L), 2, runs(4));
    result("r0", "diverged");
    givenUp.add("r1");
    ladder.reached("r2", 10, 5, "w");
    Ladder.Place last = ladder.reached("r3", 10, Double.NaN, "w");
    assertThat(last).isEqualTo(new Ladder.Place(Ladder.State.STOPPED, 10, 4, 4, 2));
    assertThat(ladder.place("r2").rank()).isEqualTo(1);
    assertThat(ladder.place("r2").state()).isEqualTo(Ladder.State.FREE);
    givenUp.clear();
    ladder.refresh();
    assertThat(ladder.isStopped("r3")).as("r1 is tried again").isFalse();
  }

  @Test
  void armsAreTunedForThemselvesOrAllSettingsCompete() {
    List<Ladder.Run> runs =
        List.of(
            new Ladder.Run("a", 0, "a0", STEPS),
            new Ladder.Run("a", 1, "a1", STEPS),
            new Ladder.Run("b", 0, "b0", STEPS),
            new Ladder.Run("b", 1, "b1", STEPS));
    StopConfig whole = new StopConfig(List.of(10L), 0, 4, Within.STUDY);
    Ladder apart = ladder(List.of(10L), 4, runs);
    for (int i = 0; i < 4; i++) {
      apart.reached(runs.get(i).id(), 10, i, "w");
    }
    assertThat(apart.isStopped("b1")).isTrue();
    assertThat(apart.place("b0").held()).as("the best of its arm").isFalse();
    Ladder together = new Ladder(whole, runs, study, id -> false);
    assertThat(together.isStopped("a1")).isTrue();
    assertThat(together.rungs()).hasSize(1);
  }

  @Test
  void aRunMayBeLetOnByHandAndItsSeedsStay() {
    List<Ladder.Run> runs = new ArrayList<>(runs(2));
    runs.add(new Ladder.Run("arm", 1, "r2", STEPS));
    Ladder ladder = ladder(List.of(10L, 20L), 2, runs);
    ladder.reached("r0", 10, 1, "w");
    ladder.reached("r1", 10, 2, "w");
    ladder.reached("r2", 10, 2, "w");
    ladder.letOn("r1", "me");
    assertThat(ladder.place("r1").state()).isEqualTo(Ladder.State.FREE);
    assertThat(ladder.asks("r1", 20)).isFalse();
    assertThat(ladder.isStopped("r2")).isTrue();
    assertThatThrownBy(() -> ladder.letOn("nobody", "me"))
        .isInstanceOf(InputException.class)
        .hasMessage("no run nobody in the study; runs.csv and --status name them");
  }

  @Test
  void rungsMayBeAddedAndRunsThatFinishedBeforeAreNotRanked() throws Exception {
    ladder(List.of(50L), 2, runs(3)).reached("r0", 50, 1, "w");
    result("r1", "finished");
    Ladder ladder = ladder(List.of(10L, 50L), 2, runs(3));
    assertThat(ladder.place("r0").step()).as("it has passed the new one").isEqualTo(50);
    assertThat(ladder.rungs().get(0).closed()).as("r2 is on its way").isFalse();
    ladder.reached("r2", 10, 1, "w");
    assertThat(ladder.rungs().get(0)).isEqualTo(new Ladder.Rung("arm", 10, 3, 1, 1, 1, true));
    assertThat(ladder.asks("r2", 50)).isTrue();
    assertThat(ladder.asks("stranger", 50)).isFalse();
    assertThat(ladder.place("stranger").state()).isEqualTo(Ladder.State.FREE);
  }

  @Test
  void theLeastIsThatOfRungsReachedByAllFirst() {
    Ladder ladder = ladder(List.of(10L, 30L), 3, runs(9));
    assertThat(ladder.least().stream().mapToLong(Ladder.Share::steps).sum())
        .isEqualTo(6 * 10 + 2 * 30 + STEPS);
  }
}
