package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.config.Configs;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a study stands, read from files that others write. */
class StudyStatusTest {

  @TempDir Path temp;
  private StudyDirectory directory;

  private StudyPlan plan() {
    String yaml =
        """
        name: s
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.02}
          training: {steps: 100, batch: 2, threads: 1, eval_tokens: 256}
        seeds: [1, 2, 3, 4, 5, 6, 7, 8]
        """
            .formatted(TestRuns.corpus(temp));
    directory = new StudyDirectory(temp.resolve("results/s"));
    return StudyPlan.of(Configs.parseStudy(yaml, List.of()), 1, temp.resolve("cache"), line -> {});
  }

  private void publish(StudyPlan.Item item, RunStatus status, double loss) {
    new RunDirectory(directory.run(item.id()))
        .write(
            new RunSummary(
                status,
                "",
                100,
                3200,
                loss,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                50,
                0,
                OptionalLong.empty(),
                List.of(),
                "",
                Optional.empty()));
  }

  private ClaimFiles claim(StudyPlan.Item item, Owner owner) {
    ClaimFiles files = new ClaimFiles(directory.work(item.id()));
    assertThat(files.create()).isTrue();
    assertThat(files.sign(1, owner)).isTrue();
    return files;
  }

  @Test
  void everyStateIsRecognisedAndCountedOnce() throws IOException {
    try (StudyPlan plan = plan()) {
      List<StudyPlan.Item> items = plan.items();
      Owner self = Owner.self("w");
      Owner dead = new Owner("w", self.host(), self.machine(), self.pid(), self.birth() - 1, "", 0);
      publish(items.get(0), RunStatus.FINISHED, 5.0);
      publish(items.get(1), RunStatus.FINISHED, 4.0);
      publish(items.get(2), RunStatus.DIVERGED, Double.NaN);
      claim(items.get(3), self).beat(1, "17 60");
      claim(items.get(4), dead);
      ClaimFiles released = claim(items.get(5), self);
      Files.createDirectories(released.attempt(1).resolve("checkpoint/step-00000040"));
      released.release(1);
      for (int epoch = 1; epoch <= Attempts.MAX_CRASHES; epoch++) {
        new Attempts(directory.work(items.get(6).id())).crashed(epoch, "no memory");
      }
      StudyStatus status = StudyStatus.read(items, directory);
      assertThat(status.runs())
          .extracting(StudyStatus.Line::state)
          .containsExactly(
              StudyStatus.State.FINISHED,
              StudyStatus.State.FINISHED,
              StudyStatus.State.DIVERGED,
              StudyStatus.State.RUNNING,
              StudyStatus.State.INTERRUPTED,
              StudyStatus.State.INTERRUPTED,
              StudyStatus.State.FAILED,
              StudyStatus.State.WAITING);
      assertThat(items.subList(3, 8))
          .extracting(item -> StudyStatus.standing(directory.root(), item.id()))
          .containsExactly(
              RunStatus.UNFINISHED,
              RunStatus.INTERRUPTED,
              RunStatus.INTERRUPTED,
              RunStatus.FAILED,
              RunStatus.UNFINISHED);
      assertThat(Arrays.stream(StudyStatus.State.values()).mapToLong(status::count))
          .containsExactly(2L, 1L, 1L, 2L, 0L, 1L, 1L);
      assertThat(status.runs().get(3).step()).as("told by the heartbeat").isEqualTo(60);
      assertThat(status.runs().get(3).detail()).contains("pid " + self.pid());
      assertThat(status.runs().get(4).detail()).endsWith("is gone");
      assertThat(status.runs().get(5).step()).as("its checkpoint").isEqualTo(40);
      assertThat(status.runs().get(6).detail()).contains("crashed 3 times");
      assertThat(status.best().orElseThrow().item()).isEqualTo(items.get(1));
      // 40 + 100 + 60 + 100 steps of 32 tokens are left, at 150 s for 9,600 tokens, by one worker
      assertThat(status.left().orElseThrow().toMillis() / 1000.0).isCloseTo(150, within(0.01));
    }
  }

  @Test
  void nothingIsPromisedWhileNobodyWorks() throws IOException {
    try (StudyPlan plan = plan()) {
      publish(plan.items().get(0), RunStatus.FINISHED, 5.0);
      StudyStatus status = StudyStatus.read(plan.items(), directory);
      assertThat(status.count(StudyStatus.State.WAITING)).isEqualTo(7);
      assertThat(status.left()).isEmpty();
    }
  }
}
