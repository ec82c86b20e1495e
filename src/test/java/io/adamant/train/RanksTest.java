package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.measure.GroupStatistics;
import io.adamant.measure.MeasurePlan;
import io.adamant.model.Gpt;
import io.adamant.optim.Schedules;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run on several ranks is the run on one, bit for bit: weights, optimizer state and metrics. */
@Timeout(120) // or a rank that is lost would keep the others waiting
class RanksTest {

  @TempDir Path temp;
  private Path corpus;

  @BeforeEach
  void write() {
    corpus = TestRuns.corpus(temp);
  }

  private RunConfig config(String optimizer, String... more) {
    String yaml =
        """
        model: {layers: 2, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: %s, lr: 1.0e-2}
        training: {steps: 12, batch: 8, micro_batch: 1, reduction: tree, leaves: 4, threads: 1,
                   eval_every: 6, eval_tokens: 1024, checkpoint_every: 5, log_every: 3}
        """
            .formatted(corpus, optimizer);
    return Training.resolve(Configs.parseRun(yaml, List.of(more)));
  }

  private RunSummary train(int ranks, RunConfig config, String name) throws Exception {
    return train(ranks, config, name, () -> false);
  }

  private RunSummary train(int ranks, RunConfig config, String name, BooleanSupplier stop)
      throws Exception {
    int steps = config.training().steps();
    TrainingHook hook =
        new GroupStatistics(
            new MeasurePlan(steps, 8, 4, false, 8, 4, step -> 8, true),
            Gpt::group,
            Schedules.of(config.schedule(), config.optimizer().lr(), steps));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      return RankThreads.train(ranks, config, data, List.of(hook), temp.resolve(name), stop);
    }
  }

  /** Hashes of what a run left, without what depends on time. */
  private List<String> left(String name) throws IOException {
    Path run = temp.resolve(name);
    Path last = new CheckpointStore(run.resolve("checkpoint")).newestFirst().get(0);
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(last)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList()) {
        byte[] bytes = Files.readAllBytes(file);
        String hash = new Sha256().add(ByteBuffer.wrap(bytes)).hex();
        found.add(file.getFileName() + " " + hash);
      }
    }
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      ObjectNode node = (ObjectNode) Json.MAPPER.readTree(line);
      node.remove("tokens_per_s");
      found.add(node.toString());
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "adamw, clip.global_norm=0.5",
    "muon, training.precision=bf16",
    "signum, training.readout=ema training.leaves=8",
    "sophiag, training.eval_tokens=0",
    "mars, training.checkpoint_activations=true"
  })
  void severalRanksGiveTheBitsOfOne(String optimizer, String settings) throws Exception {
    RunConfig config = config(optimizer, settings.split(" ", -1));
    RunSummary one = train(1, config, "one");
    assertThat(one.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(left("one")).hasSizeGreaterThan(12);
    for (int size : new int[] {2, 4}) {
      RunSummary several = train(size, config, "several" + size);
      assertThat(several.weightsSha256()).isEqualTo(one.weightsSha256());
      assertThat(several.valLoss()).isEqualTo(one.valLoss());
      assertThat(left("several" + size)).isEqualTo(left("one"));
    }
  }

  /** A tree rounds otherwise, or this would test nothing; and it learns the same. */
  @Test
  void aTreeIsAnotherRunThanASequence() throws Exception {
    RunConfig tree = config("adamw");
    RunConfig sequence = tree.with("training.reduction", "sequential");
    RunSummary a = train(1, tree, "tree");
    RunSummary b = train(1, sequence, "sequence");
    assertThat(a.weightsSha256()).isNotEqualTo(b.weightsSha256());
    assertThat(a.valLoss()).isCloseTo(b.valLoss(), within(1e-4));
  }

  /** Stopped on two ranks, gone on with on four, ended on one. */
  @Test
  void aRunGoesOnWithAnotherNumberOfRanks() throws Exception {
    RunConfig config = config("muon", "training.readout=ema");
    train(1, config, "one");
    AtomicInteger asked = new AtomicInteger();
    assertThat(train(2, config, "moved", () -> asked.incrementAndGet() >= 4).status())
        .isEqualTo(RunStatus.INTERRUPTED);
    assertThat(train(4, config, "moved", () -> asked.incrementAndGet() >= 8).status())
        .isEqualTo(RunStatus.INTERRUPTED);
    assertThat(train(1, config, "moved").status()).isEqualTo(RunStatus.FINISHED);
    assertThat(left("moved")).isEqualTo(left("one"));
  }

  /** A rate that blows up: steps are left out, and the run ends as diverged on all ranks. */
  @Test
  void aStepThatIsNotFiniteIsSkippedByAll() throws Exception {
    RunConfig config = config("sgd", "optimizer.lr=1e30", "training.max_skipped=2");
    RunSummary one = train(1, config, "one");
    assertThat(one.status()).isEqualTo(RunStatus.DIVERGED);
    assertThat(one.skippedSteps()).isEqualTo(3);
    RunSummary two = train(2, config, "two");
    assertThat(two.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(two.reason()).isEqualTo(one.reason());
    assertThat(Files.readAllLines(temp.resolve("two/metrics.jsonl")))
        .hasSameSizeAs(Files.readAllLines(temp.resolve("one/metrics.jsonl")));
  }

  @Test
  void ranksThatTheRunCannotHaveAreRefused() {
    assertThatThrownBy(() -> Training.requireRanks(config("adamw").training(), 3))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "3 ranks were started; with training.leaves: 4 a run can be trained on 1, 2, 4");
    assertThatThrownBy(
            () ->
                Training.requireRanks(
                    config("adamw", "training.reduction=sequential").training(), 2))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training.reduction: tree");
    assertThatThrownBy(() -> config("adamw", "training.leaves=3"))
        .hasMessageContaining("training.leaves", "a divisor of training.batch, 8");
    assertThatThrownBy(() -> config("adamw", "training.micro_batch=4"))
        .hasMessageContaining("a divisor of training.batch / training.leaves, 2");
  }
}
