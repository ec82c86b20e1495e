package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.adamant.config.Configs;
import io.adamant.config.StudyConfig;
import io.adamant.results.StepMetrics;
import io.adamant.train.ProgressListener;
import io.adamant.train.TestRuns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies run by workers of this process. */
class StudyRunnerTest {

  @TempDir Path temp;
  private final List<String> started = new ArrayList<>();
  private final List<String> elsewhere = new ArrayList<>();
  private Duration patience = Duration.ofDays(1);
  private int failAtStep = -1;

  private StudyPlan plan(String name, String seeds) {
    return plan(name, seeds, "auto");
  }

  private StudyPlan plan(String name, String seeds, String kernels) {
    StudyConfig study =
        Configs.parseStudy(
            """
            name: %s
            base:
              model: {layers: 1, width: 16, heads: 2, context: 16}
              data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.02}
              training: {steps: 6, batch: 2, threads: 1, eval_tokens: 256, checkpoint_every: 2,
                         log_every: 1, kernels: %s}
            arms:
              one: {optimizer: {type: adamw, lr: 1.0e-2}}
              same: {optimizer: {type: adamw, lr: 0.01}}
            seeds: %s
            """
                .formatted(name, TestRuns.corpus(temp), kernels, seeds),
            List.of());
    return StudyPlan.of(study, 1, temp.resolve("cache"), line -> {});
  }

  private StudyRunner.Result run(StudyPlan plan, StudyDirectory directory) {
    return run(plan, directory, () -> false);
  }

  private StudyRunner.Result run(StudyPlan plan, StudyDirectory directory, BooleanSupplier stop) {
    directory.write(plan);
    StudyRunner.Listener listener =
        new StudyRunner.Listener() {
          @Override
          public ProgressListener runStarted(StudyPlan.Item item, int epoch, long fromStep) {
            started.add(epoch + " from " + fromStep);
            return new ProgressListener() {
              @Override
              public void progressed(long step, StepMetrics line) {
                if (step == failAtStep) {
                  throw new IllegalStateException("broken at " + step);
                }
              }
            };
          }

          @Override
          public void runElsewhere(StudyPlan.Item item, String owner) {
            elsewhere.add(owner);
          }

          @Override
          public boolean leaves(Duration idle) {
            return idle.compareTo(patience) >= 0;
          }

          @Override
          public void runSkipped(StudyPlan.Item item, String kernels) {
            started.add("skipped for " + kernels);
          }
        };
    return new StudyRunner(
            plan.items(), directory, item -> List.of(), listener, "test", Duration.ofSeconds(1))
        .run(stop);
  }

  @Test
  void aRunThatAnotherStudyTrainsNowIsWaitedFor() {
    StudyDirectory first = new StudyDirectory(temp.resolve("results/first"));
    StudyDirectory second = new StudyDirectory(temp.resolve("results/second"));
    try (StudyPlan plan = plan("first", "[1]")) {
      second.write(plan);
      ClaimFiles sibling = new ClaimFiles(second.work(plan.items().get(0).id()));
      assertThat(sibling.create()).isTrue();
      assertThat(sibling.sign(1, Owner.self("another"))).isTrue();
      int[] looks = {0};
      run(plan, first, () -> ++looks[0] > 6);
      assertThat(started).isEmpty();
      assertThat(elsewhere).as("said once, however often it looked").hasSize(1);
      assertThat(elsewhere.get(0)).startsWith("another (pid ").contains(" since 20");
      sibling.release(1);
      run(plan, first);
      assertThat(started).as("nobody trains it now").hasSize(1);
    }
  }

  @Test
  void whoWaitsInVainLeavesAndTellsWhoHoldsWhat() {
    StudyDirectory directory = new StudyDirectory(temp.resolve("results/first"));
    try (StudyPlan plan = plan("first", "[1, 2]")) {
      directory.write(plan);
      ClaimFiles held = new ClaimFiles(directory.work(plan.items().get(0).id()));
      assertThat(held.create()).isTrue();
      assertThat(held.sign(1, Owner.self("job 812_3 on n7"))).isTrue();
      patience = Duration.ofMillis(300);
      run(plan, directory);
      assertThat(started).as("what was free").hasSize(1);
      assertThat(elsewhere).hasSize(1);
      assertThat(elsewhere.get(0)).startsWith("job 812_3 on n7 (pid ");
      assertThat(directory.published(plan.items().get(0).id())).isEmpty();
    }
  }

  @Test
  void aRunThatAnotherStudyTrainedIsCopiedWithItsOrigin() {
    StudyDirectory first = new StudyDirectory(temp.resolve("results/first"));
    StudyDirectory second = new StudyDirectory(temp.resolve("results/second"));
    try (StudyPlan plan = plan("first", "[1]")) {
      run(plan, first);
    }
    try (StudyPlan plan = plan("second", "[1, 2]")) {
      assertThat(plan.armRuns()).hasSize(4);
      assertThat(plan.items()).as("two arms ask for the same runs").hasSize(2);
      StudyEstimate estimate =
          StudyEstimate.of(plan.items(), List.of(), second, item -> fail("known by the first"));
      assertThat(estimate.done()).isEqualTo(1);
      assertThat(estimate.tokens()).isEqualTo(6 * 2 * 16);
      assertThat(estimate.seconds()).isPresent();
      StudyDirectory elsewhere = new StudyDirectory(temp.resolve("others/fresh"));
      List<String> measured = new ArrayList<>();
      estimate =
          StudyEstimate.of(
              plan.items(),
              List.of(),
              elsewhere,
              item -> {
                measured.add(item.id());
                return new StudyEstimate.Sample(item.config(), 0.5, 1000);
              });
      assertThat(measured).as("one of each kind").hasSize(1);
      assertThat(estimate.seconds()).hasValue(2 * 6 * 2 * 16 * 0.5);
      assertThat(estimate.bytes()).hasValue(2000);
      run(plan, second);
      assertThat(started).as("one of each seed").containsExactly("1 from 0", "1 from 0");
      Path copy = second.run(plan.items().get(0).id());
      assertThat(copy.resolve("origin.json")).content().contains("\"study\" : \"first\"");
      assertThat(copy.resolve("arm.json")).content().contains("second");
      assertThat(copy.resolve("metrics.jsonl"))
          .hasSameTextualContentAs(first.run(plan.items().get(0).id()).resolve("metrics.jsonl"));
      assertThat(second.root().resolve("work")).doesNotExist();
    }
  }

  @Test
  void aCrashedRunIsTriedThreeTimesFromItsCheckpointAndThenReported() {
    StudyDirectory directory = new StudyDirectory(temp.resolve("results/crash"));
    try (StudyPlan plan = plan("crash", "[1]")) {
      String id = plan.items().get(0).id();
      failAtStep = 5;
      StudyRunner.Result result = run(plan, directory);
      assertThat(started).containsExactly("1 from 0", "2 from 4", "3 from 4");
      assertThat(result.givenUp().get(id)).startsWith("crashed 3 times").contains("broken at 5");
      assertThat(StudyStatus.read(plan.items(), directory).count(StudyStatus.State.FAILED))
          .isEqualTo(1);
      failAtStep = -1;
      directory.retry(id);
      assertThat(run(plan, directory).givenUp()).isEmpty();
      assertThat(started).endsWith("4 from 4");
      assertThat(directory.run(id).resolve("attempts.json")).content().contains("broken at 5");
      assertThat(Files.exists(directory.root().resolve("work"))).isFalse();
    }
  }

  @Test
  void aWorkerReadsTheRecordOfTheStudy() {
    StudyDirectory directory = new StudyDirectory(temp.resolve("results/record"));
    try (StudyPlan plan = plan("record", "[1, 2]")) {
      directory.write(plan);
      try (StudyPlan read = StudyPlan.ofRecord(directory, 1, "cpu", temp.resolve("cache"))) {
        assertThat(read.items())
            .extracting(StudyPlan.Item::id)
            .isEqualTo(plan.items().stream().map(StudyPlan.Item::id).toList());
      }
    }
  }

  @Test
  void aRunGoesOnWithTheKernelsThatItWasBegunWith() {
    StudyDirectory calm = new StudyDirectory(temp.resolve("results-calm/s"));
    StudyDirectory directory = new StudyDirectory(temp.resolve("results/s"));
    String id;
    try (StudyPlan plan = plan("s", "[1]", "torch+explicit")) {
      id = plan.items().get(0).id();
      run(plan, calm);
      failAtStep = 5;
      run(plan, directory);
      failAtStep = -1;
    }
    started.clear();
    try (StudyPlan plan = plan("s", "[1]")) {
      directory.retry(id);
      run(plan, directory);
      assertThat(started).containsExactly("4 from 4");
      assertThat(directory.published(id).orElseThrow().weightsSha256())
          .isEqualTo(calm.published(id).orElseThrow().weightsSha256());
    }
  }

  @Test
  void aRunBegunWithKernelsThatThisMachineLacksIsLeftToOthers() throws Exception {
    StudyDirectory directory = new StudyDirectory(temp.resolve("results/s"));
    try (StudyPlan plan = plan("s", "[1, 2]")) {
      String id = plan.items().get(0).id();
      Path attempt = directory.work(id).resolve("attempt-0001");
      Path checkpoint = Files.createDirectories(attempt.resolve("checkpoint/step-00000002"));
      Files.writeString(checkpoint.resolve("checkpoint.json"), "{\"kernel_path\": \"tpu+magic\"}");
      StudyRunner.Result result = run(plan, directory);
      assertThat(started).containsExactly("skipped for tpu+magic", "1 from 0");
      assertThat(result.summaries()).containsOnlyKeys(plan.items().get(1).id());
      assertThat(result.givenUp()).isEmpty();
      assertThat(attempt).as("nobody took it over").exists();
      assertThat(new ClaimFiles(directory.work(id)).look()).isEmpty();
    }
  }

  @Test
  void aWorkerReadsARecordOfAMachineWithOtherKernels() throws Exception {
    StudyDirectory directory = new StudyDirectory(temp.resolve("results/s"));
    try (StudyPlan plan = plan("s", "[1]")) {
      directory.write(plan);
      String kernels = plan.items().get(0).config().training().kernels();
      Path record = directory.root().resolve("study.yaml");
      Files.writeString(record, Files.readString(record).replace(kernels, "bf16+sdpa"));
      try (StudyPlan read = StudyPlan.ofRecord(directory, 1, "cpu", temp.resolve("cache"))) {
        assertThat(read.items().get(0).config().training().kernels()).isEqualTo(kernels);
      }
    }
  }
}
