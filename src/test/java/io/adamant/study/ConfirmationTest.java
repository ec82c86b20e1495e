package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.adamant.config.Configs;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.train.ProgressListener;
import io.adamant.train.TestRuns;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Winners are chosen by one set of seeds and trained on another. */
class ConfirmationTest {

  @TempDir Path temp;
  private StudyDirectory directory;
  private final List<String> started = new ArrayList<>();

  @BeforeEach
  void prepare() {
    directory = new StudyDirectory(temp.resolve("results/s"));
  }

  private StudyPlan plan(String confirm) {
    String yaml =
        """
        name: s
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.02}
          training: {steps: 4, batch: 2, threads: 1, eval_tokens: 256, eval_every: 0}
        arms:
          grid:
            optimizer: {type: adamw}
            grid: {optimizer.lr: [1.0e-3, 2.0e-3, 4.0e-3], optimizer.beta1: [0.8, 0.9]}
          single: {optimizer: {type: sgdm, lr: 0.1}}
        seeds: [1, 2]
        confirm: %s
        """
            .formatted(TestRuns.corpus(temp), confirm);
    return StudyPlan.of(Configs.parseStudy(yaml, List.of()), 1, temp.resolve("cache"), line -> {});
  }

  /** A result by label and seed, as if the run had been trained. */
  private void publish(StudyPlan plan, String label, double loss) {
    StudyPlan.Item item =
        plan.items().stream().filter(i -> i.label().equals(label)).findFirst().orElseThrow();
    boolean diverged = Double.isNaN(loss);
    new RunDirectory(directory.run(item.id()))
        .write(
            new RunSummary(
                diverged ? RunStatus.DIVERGED : RunStatus.FINISHED,
                "",
                4,
                128,
                loss,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                1,
                0,
                OptionalLong.empty(),
                List.of(),
                "",
                Optional.empty()));
  }

  private void publish(StudyPlan plan, String point, double seed1, double seed2) {
    publish(plan, point + " seed=1", seed1);
    publish(plan, point + " seed=2", seed2);
  }

  private void publishGrid(StudyPlan plan) {
    publish(plan, "grid lr=0.001 beta1=0.8", 5.0, 5.2);
    publish(plan, "grid lr=0.001 beta1=0.9", 5.0, 5.0);
    publish(plan, "grid lr=0.002 beta1=0.8", 4.0, Double.NaN); // the luckiest, but not both times
    publish(plan, "grid lr=0.002 beta1=0.9", 4.9, 4.9);
    publish(plan, "grid lr=0.004 beta1=0.8", 4.7, 5.3);
    publish(plan, "grid lr=0.004 beta1=0.9", 5.4, Double.NaN);
  }

  @Test
  void theLowestMeanOverAllSeedsWinsAndItsNeighboursDifferInTheRateAlone() {
    try (StudyPlan plan = plan("{seeds: [7, 8, 9]}")) {
      assertThat(Confirmation.atMost(plan)).hasSize((3 + 1) * 3);
      publishGrid(plan);
      publish(plan, "single seed=1", 6);
      assertThat(Confirmation.of(plan, directory)).as("one run is open").isEmpty();
      publish(plan, "single seed=2", 6);
      Confirmation confirmation = Confirmation.of(plan, directory).orElseThrow();
      assertThat(confirmation.choices())
          .extracting(Confirmation.Choice::label)
          .containsExactly(
              "grid lr=0.002 beta1=0.9",
              "single",
              "grid lr=0.001 beta1=0.9",
              "grid lr=0.004 beta1=0.9");
      assertThat(confirmation.choices())
          .extracting(Confirmation.Choice::role)
          .containsExactly(
              Confirmation.Role.WINNER,
              Confirmation.Role.WINNER,
              Confirmation.Role.LOWER,
              Confirmation.Role.HIGHER);
      assertThat(confirmation.choices().get(0).selectionLoss()).isEqualTo(4.9);
      assertThat(confirmation.choices().get(3).selectionLoss()).isNaN();
      assertThat(confirmation.items())
          .hasSize(12)
          .extracting(item -> item.config().training().seed())
          .containsOnly(7L, 8L, 9L);
      assertThat(confirmation.items()).extracting(StudyPlan.Item::id).doesNotHaveDuplicates();
      List<String> ids = plan.items().stream().map(StudyPlan.Item::id).toList();
      assertThat(confirmation.items())
          .extracting(StudyPlan.Item::id)
          .doesNotContainAnyElementsOf(ids);
    }
  }

  @Test
  void anArmWithoutAFinishedPointHasNoWinnerAndARunThatWasGivenUpHoldsNobodyUp() {
    try (StudyPlan plan = plan("{seeds: [7], neighbours: false}")) {
      publishGrid(plan);
      publish(plan, "single seed=1", 6);
      StudyPlan.Item open = plan.items().get(plan.items().size() - 1);
      for (int epoch = 1; epoch <= Attempts.MAX_CRASHES; epoch++) {
        new Attempts(directory.work(open.id())).crashed(epoch, "no memory");
      }
      Confirmation confirmation = Confirmation.of(plan, directory).orElseThrow();
      assertThat(confirmation.without()).containsExactly("single");
      assertThat(confirmation.items())
          .extracting(StudyPlan.Item::label)
          .containsExactly("grid lr=0.002 beta1=0.9 seed=7");
    }
    try (StudyPlan plan = plan("{seeds: [7], arms: [single]}")) {
      assertThat(Confirmation.atMost(plan)).hasSize(1);
      assertThat(Confirmation.of(plan, directory).orElseThrow().without()).hasSize(1);
    }
  }

  private void work(StudyPlan plan, Shard shard) {
    StudyRunner.Listener listener =
        (item, epoch, fromStep) -> {
          started.add(item.label());
          return ProgressListener.NONE;
        };
    new StudyWork(
            plan, shard, directory, item -> List.of(), listener, "test", Duration.ofSeconds(5))
        .run(() -> false);
  }

  @Test
  void shardsTrainTheGridAndWhoeverSeesAllOfItTrainsTheWinners() {
    Path record = directory.root().resolve("confirmation.yaml");
    try (StudyPlan plan = plan("{seeds: [7], neighbours: false}")) {
      directory.write(plan);
      work(plan, Shard.parse("1/2"));
      assertThat(started).hasSize(7);
      assertThat(record).as("the other shard's results are missing").doesNotExist();
      try (StudyPlan read = StudyPlan.ofRecord(directory, 1, "cpu", temp.resolve("cache"))) {
        work(read, Shard.parse("2/2"));
        assertThat(started).as("7 more of the grid, and its share of 2 winners").hasSize(15);
        assertThat(record).exists();
      }
      work(plan, Shard.WHOLE);
      assertThat(started).hasSize(16).doesNotHaveDuplicates();
      List<StudyPlan.Item> items = Confirmation.of(plan, directory).orElseThrow().items();
      assertThat(StudyStatus.read(items, directory).count(StudyStatus.State.FINISHED)).isEqualTo(2);
      StudyEstimate cost =
          StudyEstimate.of(
              items,
              Confirmation.atMost(plan),
              directory,
              item -> fail("finished runs are like it"));
      assertThat(cost.runs()).isEqualTo(4);
      assertThat(cost.atMost()).isEqualTo(2);
      assertThat(cost.done()).isEqualTo(2);
      assertThat(cost.tokens()).isEqualTo(2 * 4 * 2 * 16);

      work(plan, Shard.WHOLE);
      assertThat(started).as("all is done").hasSize(16);
    }
    Optional<Map<String, Double>> winner = best();
    assertThat(started).contains(winner.orElseThrow().keySet().iterator().next() + " seed=7");
  }

  /** The winner of the arm with a grid, from the files. */
  private Optional<Map<String, Double>> best() {
    try (StudyPlan plan = plan("{seeds: [7]}")) {
      return plan.items().stream()
          .filter(item -> item.label().endsWith(" seed=1") && item.arm().equals("grid"))
          .map(item -> item.label().replace(" seed=1", ""))
          .map(point -> Map.of(point, loss(plan, point, 1) + loss(plan, point, 2)))
          .min(
              (a, b) -> Double.compare(a.values().iterator().next(), b.values().iterator().next()));
    }
  }

  private double loss(StudyPlan plan, String point, int seed) {
    String label = point + " seed=" + seed;
    StudyPlan.Item item =
        plan.items().stream().filter(i -> i.label().equals(label)).findFirst().orElseThrow();
    return directory.published(item.id()).orElseThrow().valLoss();
  }
}
