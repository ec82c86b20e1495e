package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that decide who trains a run. */
class RunClaimTest {

  private static final Duration LEASE = Duration.ofSeconds(1);
  private static final Owner ELSEWHERE = new Owner("w", "far", "another machine", 1, 1, "", -1);

  @TempDir Path temp;
  private ClaimFiles files;
  private Attempts attempts;
  private long now;

  @BeforeEach
  void prepare() {
    files = new ClaimFiles(temp.resolve("work/abc"));
    attempts = new Attempts(files.work());
  }

  private static long winners(Callable<Boolean> race) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      List<Callable<Boolean>> racers = IntStream.range(0, 16).mapToObj(i -> race).toList();
      long won = 0;
      for (Future<Boolean> result : threads.invokeAll(racers)) {
        won += result.get() ? 1 : 0;
      }
      return won;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void ofManyWhoClaimOrTakeOverOneWins() throws Exception {
    for (int round = 0; round < 20; round++) {
      files = new ClaimFiles(temp.resolve("work/round" + round));
      assertThat(winners(files::create)).isEqualTo(1);
      ClaimFiles.State first = files.look().orElseThrow();
      assertThat(winners(() -> files.takeOver(first))).isEqualTo(1);
      assertThat(files.look().orElseThrow().epoch()).isEqualTo(2);
      files.release(2);
      ClaimFiles.State free = files.look().orElseThrow();
      assertThat(free.held()).isFalse();
      assertThat(winners(() -> files.takeOver(free))).isEqualTo(1);
    }
  }

  @Test
  void aClaimMadeAnewByALateProcessIsRefused() {
    assertThat(files.create()).isTrue();
    assertThat(files.sign(1, ELSEWHERE)).isTrue();
    assertThat(files.takeOver(files.look().orElseThrow())).isTrue();
    assertThat(files.sign(2, ELSEWHERE)).isTrue();
    assertThat(files.create()).as("claim-0001 is free again").isTrue();
    assertThat(files.sign(1, ELSEWHERE)).isFalse();
    assertThat(files.look().orElseThrow().epoch()).isEqualTo(2);
  }

  @Test
  void aHeartbeatKeepsAClaimAndSilenceLosesIt() {
    LeaseWatch watch = new LeaseWatch(Duration.ofNanos(100), () -> now);
    ClaimFiles.State state = new ClaimFiles.State(1, true, "5");
    assertThat(watch.expired(temp, state)).isFalse();
    for (int look = 0; look < 3; look++) {
      now += 25;
      assertThat(watch.expired(temp, state)).isFalse();
    }
    now += 24;
    assertThat(watch.expired(temp, new ClaimFiles.State(1, true, "6"))).isFalse();
    for (int look = 0; look < 3; look++) {
      now += 30;
      assertThat(watch.expired(temp, new ClaimFiles.State(1, true, "6"))).isFalse();
    }
    now += 30;
    assertThat(watch.expired(temp, new ClaimFiles.State(1, true, "6"))).isTrue();
  }

  @Test
  void anObserverThatSleptTakesNothing() {
    LeaseWatch watch = new LeaseWatch(Duration.ofNanos(100), () -> now);
    ClaimFiles.State state = new ClaimFiles.State(1, true, "5");
    assertThat(watch.expired(temp, state)).isFalse();
    now += 1_000_000;
    assertThat(watch.expired(temp, state)).as("one look after a long sleep").isFalse();
  }

  @Test
  void aClockThatIsWrongElsewhereDecidesNothing() throws IOException {
    assertThat(files.create()).isTrue();
    assertThat(files.sign(1, ELSEWHERE)).isTrue();
    LeaseWatch watch = new LeaseWatch(Duration.ofNanos(100), () -> now);
    Path beat = files.work().resolve("beat-0001");
    for (int look = 1; look < 20; look++) {
      files.beat(1, look + " 0");
      Files.setLastModifiedTime(beat, FileTime.fromMillis(0)); // it lives, its clock says 1970
      assertThat(watch.expired(files.work(), files.look().orElseThrow())).isFalse();
      now += 90;
    }
    Files.setLastModifiedTime(beat, FileTime.from(Instant.now().plusSeconds(86_400)));
    boolean expired = false;
    for (int look = 0; look < 10 && !expired; look++) {
      expired = watch.expired(files.work(), files.look().orElseThrow());
      now += 90;
    }
    assertThat(expired).as("it is silent, its clock says tomorrow").isTrue();
  }

  @Test
  void aDeadProcessOfThisMachineIsKnownToBeDead() throws Exception {
    Owner self = Owner.self("me");
    assertThat(self.isKnownDead()).isFalse();
    assertThat(ELSEWHERE.isKnownDead()).isFalse();
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    assertThat(new Owner("w", self.host(), self.machine(), process.pid(), 1, "", 0).isKnownDead())
        .isTrue();
    assertThat(
            new Owner("w", self.host(), self.machine(), self.pid(), self.birth() - 1, "", 0)
                .isKnownDead())
        .as("another process has its number now")
        .isTrue();
  }

  @Test
  void whoLosesItsClaimHearsOfIt() throws Exception {
    RunClaim claim = acquire(ELSEWHERE).orElseThrow();
    assertThat(acquire(ELSEWHERE)).isEmpty();
    assertThat(claim.lost()).isFalse();
    assertThat(files.takeOver(files.look().orElseThrow())).isTrue();
    for (int i = 0; i < 100 && !claim.lost(); i++) {
      Thread.sleep(50);
    }
    assertThat(claim.lost()).isTrue();
    claim.close();
    assertThat(files.look().orElseThrow().held()).as("the successor's claim stands").isTrue();
  }

  private Optional<RunClaim> acquire(Owner who) {
    return RunClaim.acquire(files, new LeaseWatch(LEASE), LEASE, who);
  }

  @Test
  void publishingReplacesNothing() throws IOException {
    Path target = temp.resolve("runs/abc");
    Path first = run("attempt-0001", "first");
    Path late = run("attempt-0002", "late");
    assertThat(Folders.publish(first, target)).isTrue();
    assertThat(Folders.publish(late, target)).isFalse();
    assertThat(target.resolve("run.yaml")).hasContent("first");
    assertThat(late).exists();
    assertThat(Folders.publish(first, temp.resolve("runs/other"))).as("gone").isFalse();
  }

  private Path run(String attempt, String content) throws IOException {
    Path folder = Files.createDirectories(files.work().resolve(attempt));
    Files.writeString(folder.resolve("run.yaml"), content);
    return folder;
  }

  @Test
  void aSuccessorTakesTheFarthestCheckpointAndTheLateOwnerCanPublishNothing() throws IOException {
    Path older = run("attempt-0001", "");
    Files.createDirectories(older.resolve("checkpoint/step-00000030"));
    Files.writeString(older.resolve("checkpoint/step-00000030/weights"), "w");
    Files.writeString(older.resolve("metrics.jsonl"), "{}\n");
    Files.writeString(older.resolve("samples.jsonl"), "[]\n");
    Path noMetrics = run("attempt-0002", "");
    Files.createDirectories(noMetrics.resolve("checkpoint/step-00000040"));
    assertThat(attempts.inherit(files.attempt(3))).isEqualTo(30);
    assertThat(files.attempt(3).resolve("checkpoint/step-00000030/weights")).hasContent("w");
    assertThat(files.attempt(3).resolve("metrics.jsonl")).hasContent("{}");
    assertThat(files.attempt(3).resolve("samples.jsonl")).hasContent("[]");
    assertThat(attempts.newestFirst()).containsExactly(files.attempt(3));
    assertThat(Folders.publish(older, temp.resolve("runs/abc"))).isFalse();
  }

  @Test
  void aRunIsGivenUpAfterThreeErrorsUntilARetry() {
    attempts.crashed(1, "no memory");
    attempts.crashed(2, "no memory");
    assertThat(attempts.givenUp()).isEmpty();
    attempts.crashed(4, "no disk");
    assertThat(attempts.givenUp()).contains("crashed 3 times, at last: no disk");
    attempts.retry(4);
    assertThat(attempts.givenUp()).isEmpty();
  }

  @Test
  void endlessKillsWithoutProgressAreTheRunsFault() throws IOException {
    Files.createDirectories(files.work());
    for (int epoch = 1; epoch <= 21; epoch++) {
      assertThat(attempts.givenUp()).isEmpty();
      Files.writeString(files.owner(epoch), ELSEWHERE.startingAt(50).json());
    }
    assertThat(attempts.givenUp().orElseThrow()).contains("20 times in a row");
    Files.writeString(files.owner(22), ELSEWHERE.startingAt(60).json());
    assertThat(attempts.givenUp()).as("it got on").isEmpty();
  }

  @Test
  void shardsPartTheRuns() {
    Assertions.assertThatThrownBy(() -> Shard.parse("3/2"))
        .isInstanceOf(InputException.class)
        .hasMessage("--shard is 3/2; allowed: i/n with i from 1 to n, such as 2/4");
    List<StudyPlan.Item> items =
        IntStream.range(0, 5)
            .mapToObj(i -> new StudyPlan.Item("a", "a" + i, null, null, "id" + i))
            .toList();
    assertThat(Shard.parse("1/2").of(items))
        .extracting(StudyPlan.Item::id)
        .containsExactly("id0", "id2", "id4");
    assertThat(Shard.parse("2/2").of(items))
        .extracting(StudyPlan.Item::id)
        .containsExactly("id1", "id3");
  }

  @Test
  void eventsSurviveTheirLine() {
    WorkerEvent event =
        new WorkerEvent(WorkerEvent.Kind.STEP, "abc", null, 7L, 1.25, null, null, "a\nb");
    assertThat(event.line().lines()).hasSize(1);
    assertThat(WorkerEvent.parse(event.line())).contains(event);
    assertThat(WorkerEvent.parse(event.line().substring(0, 20))).isEmpty();
    assertThat(WorkerEvent.parse("a library's warning")).isEmpty();
  }
}
