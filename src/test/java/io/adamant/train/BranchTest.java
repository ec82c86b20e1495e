package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.optim.LearningRate;
import io.adamant.optim.Schedules;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that go on from another one's checkpoint, optimizer state and all. */
class BranchTest {

  @TempDir static Path temp;
  private static RunConfig config;
  private static TokenDataset data;
  private static RunSummary whole;
  private static Path point;

  @BeforeAll
  static void train() {
    config =
        TestRuns.config(
            TestRuns.corpus(temp), "training.keep_checkpoints=9", "schedule.warmup=0.4");
    data = TestRuns.data(config, temp.resolve("cache"));
    whole = TestRuns.train(config, data, temp.resolve("whole"));
    point = temp.resolve("whole/checkpoint/step-00000020");
  }

  @AfterAll
  static void close() {
    data.close();
  }

  private static RunConfig branch(int k, Object... more) {
    Map<String, Object> changes =
        new java.util.HashMap<>(
            Map.of(
                "training.branch_from",
                point.toString(),
                "training.branch_step",
                20,
                "training.branch_batch",
                k,
                "training.batch",
                4 * k,
                "training.steps",
                20 + 20 / k));
    for (int i = 0; i < more.length; i += 2) {
      changes.put((String) more[i], more[i + 1]);
    }
    return config.with(changes);
  }

  private static List<JsonNode> lines(String name) throws IOException {
    return Files.readAllLines(temp.resolve(name).resolve("metrics.jsonl")).stream()
        .map(
            line -> {
              try {
                return Json.MAPPER.readTree(line);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            })
        .toList();
  }

  @Test
  void withTheSameBatchAndOrderItIsTheRunToTheBit() throws IOException {
    RunSummary branch = TestRuns.train(branch(1), data, temp.resolve("same"));
    assertThat(branch.weightsSha256()).isEqualTo(whole.weightsSha256());
    assertThat(branch.valLoss()).isEqualTo(whole.valLoss());
    assertThat(branch.tokens()).isEqualTo(whole.tokens());
    List<JsonNode> there = lines("whole");
    List<JsonNode> here = lines("same");
    assertThat(here).hasSize(20);
    for (int i = 0; i < 20; i++) {
      for (String key : List.of("step", "tokens", "lr", "train_loss", "grad_norm")) {
        assertThat(here.get(i).get(key)).as(key).isEqualTo(there.get(20 + i).get(key));
      }
    }
    Manifest manifest = RunDirectory.manifest(temp.resolve("same"));
    assertThat(manifest.text(Manifest.Key.BRANCH_RUN)).isEqualTo(RunIdentity.of(config, data));
    assertThat(manifest.text(Manifest.Key.BRANCH_SHA256)).isEqualTo(Checkpoint.arraysSha256(point));
    // Time and checkpoints of the run before are not this one's.
    assertThat(branch.seconds()).isLessThan(whole.seconds() + 5);
  }

  @Test
  void aKilledBranchGoesOnToTheSameBits() {
    RunConfig four = branch(2, "training.seed", 7L);
    RunSummary once = TestRuns.train(four, data, temp.resolve("once"));
    AtomicInteger left = new AtomicInteger(3);
    RunSummary part =
        TestRuns.train(four, data, temp.resolve("twice"), () -> left.decrementAndGet() == 0);
    assertThat(part.status()).isEqualTo(RunStatus.INTERRUPTED);
    assertThat(part.steps()).isEqualTo(23);
    RunSummary rest = TestRuns.train(four, data, temp.resolve("twice"));
    assertThat(rest.weightsSha256()).isEqualTo(once.weightsSha256());
    assertThat(rest.tokens()).isEqualTo(whole.tokens());
    assertThat(once.weightsSha256()).isNotEqualTo(whole.weightsSha256());
  }

  /** Four times the batch of the run's order is what four of its steps read. */
  @Test
  void aLargerBatchReadsOnWhereTheRunStood() {
    RunConfig four = branch(4);
    assertThat(four.training().sequences(20)).isEqualTo(config.training().sequences(20));
    assertThat(four.training().sequences(21)).isEqualTo(config.training().sequences(24));
    assertThat(four.tokens()).isEqualTo(config.tokens());
  }

  @Test
  void itsRateIsTheMeanOfTheStepsThatAStepStandsFor() {
    LearningRate run = Schedules.of(config);
    LearningRate same = Schedules.of(branch(1));
    LearningRate four = Schedules.of(branch(4, "training.branch_rate", 2.0));
    for (int step = 0; step < 40; step++) {
      assertThat(same.at(step)).isEqualTo(run.at(step));
    }
    for (int step = 0; step < 5; step++) {
      double mean = 0;
      for (int i = 0; i < 4; i++) {
        mean += run.at(20 + 4 * step + i) / 4;
      }
      assertThat(four.at(20 + step)).isCloseTo(2 * mean, within(1e-15));
    }
  }

  @Test
  void itsIdentityIsTheCheckpointsContentAndNotItsPath() throws IOException {
    Path moved = temp.resolve("moved/step-00000020");
    Files.createDirectories(moved);
    try (var files = Files.list(point)) {
      for (Path file : files.toList()) {
        Files.copy(file, moved.resolve(file.getFileName()));
      }
    }
    String id = RunIdentity.of(branch(1), data);
    assertThat(id).isNotEqualTo(RunIdentity.of(config, data));
    assertThat(RunIdentity.of(branch(1, "training.branch_from", moved.toString()), data))
        .isEqualTo(id);
    Path other = temp.resolve("whole/checkpoint/step-00000010");
    assertThat(RunIdentity.of(branch(1, "training.branch_from", other.toString()), data))
        .isNotEqualTo(id);
  }

  @Test
  void whatCannotBranchIsSaid() {
    assertThatThrownBy(() -> Training.resolve(branch(1, "training.branch_step", 10)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training.branch_step is 10; allowed: 20, that of ");
    assertThatThrownBy(() -> Training.resolve(branch(1, "training.branch_from", "")))
        .hasMessageContaining("training.branch_step is 20; allowed: 0 without branch_from");
    assertThatThrownBy(() -> Training.resolve(branch(1, "training.branch_from", "/nowhere")))
        .hasMessageContaining("training.branch_from: /nowhere is not a readable checkpoint");
    assertThatThrownBy(() -> branch(1, "training.branch_batch", 3))
        .hasMessageContaining("a divisor of training.batch, 4");
    assertThatThrownBy(() -> branch(1, "training.branch_step", 40))
        .hasMessageContaining("below training.steps, 40");
  }
}
