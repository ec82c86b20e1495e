package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.config.Configs;
import io.adamant.config.StudyConfig;
import io.adamant.results.Ladder;
import io.adamant.results.Metrics;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunFolders;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.train.ProgressListener;
import io.adamant.train.TestRuns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that stop at rungs, trained: what finishes has the bits of a study that stops none. */
class HalvingTest {

  private static final String STOP = "stop: {rungs: [2, 5], factor: 2}";

  @TempDir Path temp;
  private final List<String> log = new ArrayList<>();

  private StudyPlan plan(String name, String further) {
    StudyConfig study =
        Configs.parseStudy(
            """
            name: %s
            base:
              model: {layers: 1, width: 16, heads: 2, context: 16}
              data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.02}
              training: {steps: 8, batch: 2, threads: 1, eval_every: 0, eval_tokens: 256,
                         checkpoint_every: 0, log_every: 4, kernels: auto}
              optimizer: {type: adamw}
            grid: {optimizer.lr: [1.0e-5, 1.0e-2, 1.0e-4, 3.0e-3]}
            %s
            """
                .formatted(name, TestRuns.corpus(temp), further),
            List.of());
    return StudyPlan.of(study, 1, temp.resolve("cache"), line -> {});
  }

  /** Works as one worker, until nothing is left or so many attempts were begun. */
  private void work(StudyPlan plan, StudyDirectory directory, int attempts) {
    directory.write(plan);
    int[] begun = {0};
    StudyRunner.Listener listener =
        new StudyRunner.Listener() {
          @Override
          public ProgressListener runStarted(StudyPlan.Item item, int epoch, long fromStep) {
            begun[0]++;
            log.add(rate(item) + " from " + fromStep);
            return ProgressListener.NONE;
          }

          @Override
          public void runEnded(StudyPlan.Item item, RunSummary summary) {
            log.add(rate(item) + " " + summary.status().word() + " at " + summary.steps());
          }
        };
    new StudyWork(
            plan,
            Shard.WHOLE,
            directory,
            item -> List.of(),
            listener,
            "test",
            Duration.ofMillis(200))
        .run(() -> begun[0] > attempts);
  }

  private static String rate(StudyPlan.Item item) {
    return Double.toString(item.config().optimizer().lr());
  }

  private StudyDirectory directory(String name) {
    return new StudyDirectory(temp.resolve(name).resolve("study"));
  }

  private static Map<String, String> hashes(StudyPlan plan, StudyDirectory directory) {
    Map<String, String> hashes = new TreeMap<>();
    for (StudyPlan.Item item : plan.items()) {
      directory
          .published(item.id())
          .ifPresent(summary -> hashes.put(rate(item), summary.weightsSha256()));
    }
    return hashes;
  }

  private static Path attempt(StudyDirectory directory, StudyPlan.Item item) {
    return RunFolders.ofRun(directory.work(item.id())).orElseThrow();
  }

  @Test
  void theWorseHalfStopsAndWhatFinishesHasTheBitsOfAStudyThatStopsNone() {
    StudyDirectory calm = directory("calm");
    StudyDirectory halved = directory("halved");
    try (StudyPlan whole = plan("study", "");
        StudyPlan stopping = plan("study", STOP)) {
      assertThat(stopping.items())
          .extracting(StudyPlan.Item::id)
          .as("rungs are no part of a run")
          .isEqualTo(whole.items().stream().map(StudyPlan.Item::id).toList());
      work(whole, calm, Integer.MAX_VALUE);
      Map<String, String> undisturbed = hashes(whole, calm);
      log.clear();
      work(stopping, halved, Integer.MAX_VALUE);
      // 1e-2 goes on at once as the best of two; 3e-3 as the second of four. Of the two at step 5
      // one finishes.
      assertThat(log.subList(0, 4))
          .containsExactly(
              "1.0E-5 from 0", "1.0E-5 stopped at 2", "0.01 from 0", "0.01 stopped at 5");
      Map<String, String> finished = hashes(stopping, halved);
      assertThat(finished).hasSize(1);
      assertThat(undisturbed).containsAllEntriesOf(finished);
      StudyStatus status = StudyStatus.read(stopping.items(), halved, stopping.ladder(halved));
      assertThat(status.count(StudyStatus.State.STOPPED)).isEqualTo(3);
      StudyPlan.Item slowest = stopping.items().get(0);
      StudyStatus.Line line = status.runs().get(0);
      assertThat(line.step()).isEqualTo(2);
      assertThat(line.detail()).isEqualTo("rank 4 of 4 at the rung, of which 2 go on");
      RunSummary stopped = RunDirectory.summary(attempt(halved, slowest)).orElseThrow();
      assertThat(stopped.status()).isEqualTo(RunStatus.STOPPED);
      assertThat(stopped.reason())
          .isEqualTo("rank 1 of 1 so far at the rung, of which none goes on");
      assertThat(WorkerLink.stopped(stopped)).startsWith("stopped at step 2 (rank 1 of 1 so far");
      assertThat(stopped.valLoss()).isFinite();
      assertThat(StudyStatus.standings().apply(halved.root(), slowest.id()))
          .isEqualTo(RunStatus.STOPPED);

      // What the finished run wrote is what it writes without rungs, but for its speed.
      StudyPlan.Item winner =
          stopping.items().stream()
              .filter(item -> finished.containsKey(rate(item)))
              .findFirst()
              .orElseThrow();
      Metrics with = RunDirectory.metrics(halved.run(winner.id()));
      Metrics without = RunDirectory.metrics(calm.run(winner.id()));
      assertThat(with.curve(Metrics.TRAIN_LOSS)).isEqualTo(without.curve(Metrics.TRAIN_LOSS));
      assertThat(with.curve(Metrics.VAL_LOSS)).isEqualTo(without.curve(Metrics.VAL_LOSS));
      assertThat(halved.published(winner.id()).orElseThrow().bestValLoss())
          .isEqualTo(calm.published(winner.id()).orElseThrow().bestValLoss());

      log.clear();
      work(stopping, halved, Integer.MAX_VALUE);
      assertThat(log).as("nothing is left").containsExactly(rate(winner) + " finished at 8");
      log.clear();
      work(whole, halved, Integer.MAX_VALUE);
      assertThat(log).contains("1.0E-5 from 2", "1.0E-5 finished at 8");
      assertThat(hashes(whole, halved)).as("continued to the bit").isEqualTo(undisturbed);
      assertThat(halved.root().resolve("work")).doesNotExist();
    }
  }

  /** A kill between the loss on file and the decision, and one between that and the summary. */
  @Test
  void aWorkerThatWasKilledAtARungLeavesNothingUndecided() throws Exception {
    StudyDirectory directory = directory("killed");
    StudyDirectory calm = directory("calm");
    try (StudyPlan plan = plan("study", STOP)) {
      work(plan, calm, Integer.MAX_VALUE);
      work(plan, directory, 2);
      StudyPlan.Item first = plan.items().get(0);
      Path rung = directory.root().resolve("rungs/00000002");
      assertThat(rung.resolve(first.id() + ".stopped.json")).isRegularFile();
      Files.delete(rung.resolve(first.id() + ".stopped.json"));
      Files.delete(attempt(directory, first).resolve(RunDirectory.SUMMARY));
      StudyPlan.Item second = plan.items().get(1);
      assertThat(rung.resolve(second.id() + ".on.json")).isRegularFile();
      log.clear();
      work(plan, directory, Integer.MAX_VALUE);
      assertThat(log).contains("1.0E-5 from 2", "1.0E-5 stopped at 2");
      assertThat(rung.resolve(first.id() + ".stopped.json")).isRegularFile();
      assertThat(hashes(plan, directory)).isEqualTo(hashes(plan, calm)).hasSize(1);
      assertThat(log).as("nothing is done twice").doesNotHaveDuplicates();
    }
  }

  @Test
  void aRunLetOnByHandEndsWithItsBits() {
    StudyDirectory calm = directory("calm");
    StudyDirectory halved = directory("halved");
    try (StudyPlan whole = plan("study", "");
        StudyPlan stopping = plan("study", STOP)) {
      work(whole, calm, Integer.MAX_VALUE);
      work(stopping, halved, Integer.MAX_VALUE);
      Ladder ladder = stopping.ladder(halved).orElseThrow();
      ladder.letOn(stopping.items().get(0).id(), "me");
      log.clear();
      work(stopping, halved, Integer.MAX_VALUE);
      assertThat(log).contains("1.0E-5 from 2", "1.0E-5 finished at 8");
      assertThat(hashes(stopping, halved)).hasSize(2);
      assertThat(hashes(whole, calm)).containsAllEntriesOf(hashes(stopping, halved));
    }
  }

  /** Two workers at once on one folder: each run ends once, and nobody waits for ever. */
  @Test
  void workersThatShareAFolderDrainIt() throws Exception {
    StudyDirectory calm = directory("calm");
    StudyDirectory shared = directory("shared");
    try (StudyPlan whole = plan("study", "");
        StudyPlan stopping = plan("study", STOP + "\nconfirm: {seeds: [7], neighbours: false}")) {
      work(whole, calm, Integer.MAX_VALUE);
      shared.write(stopping);
      List<Thread> workers =
          Stream.of("a", "b")
              .map(
                  name ->
                      new Thread(
                          () ->
                              new StudyWork(
                                      stopping,
                                      Shard.WHOLE,
                                      shared,
                                      item -> List.of(),
                                      (item, epoch, from) -> ProgressListener.NONE,
                                      name,
                                      Duration.ofSeconds(20))
                                  .run(() -> false)))
              .toList();
      workers.forEach(Thread::start);
      for (Thread worker : workers) {
        worker.join();
      }
      Optional<Ladder> ladder = stopping.ladder(shared);
      Map<String, String> finished = hashes(stopping, shared);
      assertThat(finished).isNotEmpty();
      assertThat(hashes(whole, calm)).containsAllEntriesOf(finished);
      for (StudyPlan.Item item : stopping.items()) {
        assertThat(finished.containsKey(rate(item)) || ladder.orElseThrow().isStopped(item.id()))
            .isTrue();
      }
      Confirmation confirmation = Confirmation.of(stopping, shared).orElseThrow();
      assertThat(StudyStatus.read(confirmation.items(), shared).count(StudyStatus.State.FINISHED))
          .as("the winner of those that finished, on a fresh seed, to its end")
          .isEqualTo(1);
    }
  }
}
