package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.results.StepMetrics;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training learns, repeats itself to the bit, and goes on where it stopped. */
class TrainingTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;
  private Path corpus;

  @BeforeEach
  void writeCorpus() {
    corpus = TestRuns.corpus(temp);
  }

  private static List<JsonNode> lines(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /** Everything in a run's metrics that is not a matter of time. */
  private static List<String> trajectory(Path run) throws IOException {
    return lines(run).stream()
        .map(
            line -> ((com.fasterxml.jackson.databind.node.ObjectNode) line).without("tokens_per_s"))
        .map(Object::toString)
        .toList();
  }

  @Test
  void aDirectoryOfAnotherRunIsRefusedWithWhatDiffers() throws IOException {
    RunConfig config = TestRuns.config(corpus, "training.steps=12");
    RunConfig other =
        TestRuns.config(corpus, "training.steps=12", "optimizer.lr=2.0e-3", "training.seed=7");
    Path finished = temp.resolve("finished");
    Path interrupted = temp.resolve("interrupted");
    Path killed = temp.resolve("killed"); // before its first checkpoint
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary summary = TestRuns.train(config, data, finished);
      TestRuns.train(config, data, interrupted, () -> true);
      Files.createDirectories(killed);
      for (String file : List.of("run.yaml", "manifest.json")) {
        Files.copy(interrupted.resolve(file), killed.resolve(file));
      }
      for (Path root : List.of(finished, interrupted, killed)) {
        assertThatThrownBy(() -> TestRuns.train(other, data, root))
            .isInstanceOf(InputException.class)
            .hasMessage(
                root
                    + " holds another run (optimizer.lr: 0.01 there, 0.002 here; training.seed: 1"
                    + " there, 7 here); use another directory");
      }
      assertThat(TestRuns.train(config, data, finished)).isEqualTo(summary);
      assertThat(TestRuns.train(config, data, interrupted).weightsSha256())
          .isEqualTo(summary.weightsSha256());
      assertThat(TestRuns.train(config, data, killed).weightsSha256())
          .isEqualTo(summary.weightsSha256());
    }
    Files.writeString(corpus, "and a line more\n", StandardOpenOption.APPEND);
    try (TokenDataset longer = TestRuns.data(config, temp.resolve("cache"))) {
      assertThatThrownBy(() -> TestRuns.train(config, longer, finished))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("holds another run (data_sha256: ");
    }
  }

  @Test
  void aRunLearnsAndLeavesItsFiles() throws IOException {
    RunConfig config = TestRuns.config(corpus, "training.steps=120");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      Path root = temp.resolve("run");
      RunSummary summary = TestRuns.train(config, data, root);

      assertThat(summary.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(summary.initValLoss()).isCloseTo(Math.log(257), within(0.05));
      assertThat(summary.valLoss()).isLessThan(data.statistics().unigramCrossEntropy() - 0.5);
      assertThat(summary.valPerplexity()).isCloseTo(Math.exp(summary.valLoss()), within(1e-9));
      assertThat(summary.tokens()).isEqualTo(120 * 4 * 16);
      List<JsonNode> lines = lines(root);
      assertThat(lines).hasSize(120);
      for (int i = 0; i < 120; i++) {
        assertThat(lines.get(i).get("step").asInt()).isEqualTo(i + 1);
        assertThat(lines.get(i).has("val_loss")).isEqualTo((i + 1) % 20 == 0);
      }
      assertThat(lines.get(11).get("lr").asDouble()).isCloseTo(1e-2, within(1e-15));
      assertThat(lines.get(119).get("lr").asDouble()).isCloseTo(1e-5, within(1e-15));
      assertThat(lines.get(119).get("val_loss").asDouble()).isEqualTo(summary.valLoss());
      JsonNode manifest = JSON.readTree(root.resolve("manifest.json").toFile());
      assertThat(manifest.at("/data/sha256").asText()).isEqualTo(data.dataSha256());
      assertThat(root.resolve("run.yaml")).exists();
      assertThat(RunDirectory.summary(root)).contains(summary);
    }
  }

  @Test
  void stoppingAnywhereAndGoingOnGivesTheSameBits() throws IOException {
    RunConfig config = TestRuns.config(corpus);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      Path whole = temp.resolve("whole");
      Path parts = temp.resolve("parts");
      RunSummary expected = TestRuns.train(config, data, whole);
      for (int steps : new int[] {7, 13, 1}) {
        AtomicInteger left = new AtomicInteger(steps);
        RunSummary part = TestRuns.train(config, data, parts, () -> left.decrementAndGet() == 0);
        assertThat(part.status()).isEqualTo(RunStatus.INTERRUPTED);
      }
      RunSummary summary = TestRuns.train(config, data, parts);
      assertThat(summary.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(summary.weightsSha256()).isEqualTo(expected.weightsSha256());
      assertThat(summary.valLoss()).isEqualTo(expected.valLoss());
      assertThat(trajectory(parts)).isEqualTo(trajectory(whole));
    }
  }

  @Test
  void anotherSeedAnotherRun() {
    RunConfig config = TestRuns.config(corpus);
    RunConfig other = TestRuns.config(corpus, "training.seed=2");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      assertThat(RunIdentity.of(other, data)).isNotEqualTo(RunIdentity.of(config, data));
      assertThat(TestRuns.train(other, data, temp.resolve("b")).weightsSha256())
          .isNotEqualTo(TestRuns.train(config, data, temp.resolve("a")).weightsSha256());
    }
  }

  @Test
  void microBatchesAverageToTheBatch() {
    RunConfig one = TestRuns.config(corpus, "training.micro_batch=4", "training.steps=10");
    RunConfig four = TestRuns.config(corpus, "training.micro_batch=1", "training.steps=10");
    try (TokenDataset data = TestRuns.data(one, temp.resolve("cache"))) {
      double a = TestRuns.train(one, data, temp.resolve("one")).valLoss();
      double b = TestRuns.train(four, data, temp.resolve("four")).valLoss();
      assertThat(a).isCloseTo(b, within(1e-4)).isNotEqualTo(b);
    }
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    RunConfig config = TestRuns.config(corpus);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary expected = TestRuns.train(config, data, temp.resolve("whole"));
      Path root = temp.resolve("damaged");
      AtomicInteger left = new AtomicInteger(25);
      TestRuns.train(config, data, root, () -> left.decrementAndGet() == 0);
      Path newest = new CheckpointStore(root.resolve("checkpoint")).newestFirst().get(0);
      assertThat(newest.getFileName()).hasToString("step-00000025");
      try (RandomAccessFile file =
          new RandomAccessFile(newest.resolve("weights.safetensors").toFile(), "rw")) {
        file.seek(file.length() / 2);
        int value = file.read();
        file.seek(file.length() / 2);
        file.write(value ^ 4);
      }
      List<String> messages = new ArrayList<>();
      ProgressListener listener =
          new ProgressListener() {
            @Override
            public void message(String text) {
              messages.add(text);
            }
          };
      RunSummary summary = new Training(config, data, List.of(), listener).train(root, () -> false);
      assertThat(messages).hasSize(2);
      assertThat(messages.get(0)).contains("step-00000025", "damaged", "checksum");
      assertThat(messages.get(1)).contains("resuming after step 20");
      assertThat(summary.weightsSha256()).isEqualTo(expected.weightsSha256());
      assertThat(trajectory(root)).isEqualTo(trajectory(temp.resolve("whole")));
    }
  }

  @Test
  void aNonFiniteStepIsSkippedAndLeavesNoTrace() throws IOException {
    // A rate beyond float32's range blows the weights up at the second step; everything after it is
    // skipped.
    RunConfig config =
        TestRuns.config(
            corpus,
            "optimizer.lr=1e39",
            "schedule.kind=constant",
            "schedule.warmup=0",
            "training.max_skipped=5");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      Path root = temp.resolve("run");
      RunSummary summary = TestRuns.train(config, data, root);
      assertThat(summary.status()).isEqualTo(RunStatus.DIVERGED);
      assertThat(summary.firstBadStep()).hasValue(2);
      assertThat(summary.reason()).contains("not finite", "step 2");
      assertThat(lines(root).get(1).get("skipped").asBoolean()).isTrue();
      assertThat(lines(root).get(1).get("train_loss").isNull()).isTrue();
      // Finished business: the same command again does nothing.
      assertThat(TestRuns.train(config, data, root)).isEqualTo(summary);

      Path stopped = temp.resolve("stopped");
      RunConfig stop =
          TestRuns.config(
              corpus,
              "optimizer.lr=1e39",
              "schedule.kind=constant",
              "schedule.warmup=0",
              "training.on_nonfinite=stop");
      RunSummary atOnce = TestRuns.train(stop, data, stopped);
      assertThat(atOnce.status()).isEqualTo(RunStatus.DIVERGED);
      // The guard left the weights of step 1 alone, however many steps came after.
      assertThat(atOnce.weightsSha256()).isEqualTo(summary.weightsSha256());
    }
  }

  @Test
  void trainingStartsFromWeightsWithAFreshOptimizer() throws IOException {
    RunConfig config = TestRuns.config(corpus, "training.steps=80");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      Path root = temp.resolve("first");
      RunSummary first = TestRuns.train(config, data, root);
      Path from = new CheckpointStore(root.resolve("checkpoint")).newestFirst().get(0);
      RunConfig second = TestRuns.config(corpus, "training.init_from=" + from);
      RunSummary summary = TestRuns.train(second, data, temp.resolve("second"));
      assertThat(summary.initValLoss()).isCloseTo(first.valLoss(), within(0.1));
      RunConfig newest =
          Training.resolve(TestRuns.config(corpus, "training.init_from=" + root)); // the run itself
      assertThat(newest.training().initFrom()).isEqualTo(from.toString());

      // The same weights elsewhere are the same run; others in the same place are another one.
      Path moved = temp.resolve("moved");
      copy(from, moved);
      RunConfig third = TestRuns.config(corpus, "training.init_from=" + moved);
      assertThat(RunIdentity.of(third, data)).isEqualTo(RunIdentity.of(second, data));
      assertThat(TestRuns.train(third, data, temp.resolve("second")).weightsSha256())
          .isEqualTo(summary.weightsSha256());
      copy(
          new CheckpointStore(temp.resolve("second").resolve("checkpoint")).newestFirst().get(0),
          moved);
      assertThat(RunIdentity.of(third, data)).isNotEqualTo(RunIdentity.of(second, data));
      assertThatThrownBy(() -> TestRuns.train(third, data, temp.resolve("second")))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("holds another run (training.init_from: ");

      RunConfig wider = TestRuns.config(corpus, "training.init_from=" + from, "model.width=32");
      assertThatThrownBy(() -> TestRuns.train(wider, data, temp.resolve("third")))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("does not fit this run");
      assertThat(temp.resolve("third").resolve("summary.json")).doesNotExist();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  @Test
  void hooksObserveAndChangeNothing() throws IOException {
    RunConfig config = TestRuns.config(corpus);
    List<Long> seen = new ArrayList<>();
    TrainingHook hook =
        new TrainingHook() {
          @Override
          public boolean wants(long step) {
            return step % 4 == 0;
          }

          @Override
          public Map<String, Object> observe(StepView view) {
            seen.add(view.step());
            view.groups().forEach(g -> g.optimizer().directions(g.state(), g.gradients()).close());
            return Map.of("extra", view.gradientNorm());
          }
        };
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary without = TestRuns.train(config, data, temp.resolve("without"));
      Path root = temp.resolve("with");
      RunSummary with =
          new Training(config, data, List.of(hook), ProgressListener.NONE).train(root, () -> false);
      assertThat(with.weightsSha256()).isEqualTo(without.weightsSha256());
      assertThat(seen).hasSize(10).startsWith(4L, 8L);
      for (JsonNode line : lines(root)) {
        assertThat(line.has("extra")).isEqualTo(line.get("step").asInt() % 4 == 0);
      }
    }
  }

  @Test
  void checkpointsAreKeptByPolicy() throws IOException {
    RunConfig config = TestRuns.config(corpus, "training.keep_checkpoints=2");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      TestRuns.train(config, data, temp.resolve("run"));
      try (Stream<Path> left = Files.list(temp.resolve("run").resolve("checkpoint"))) {
        assertThat(left.map(p -> p.getFileName().toString()).sorted())
            .containsExactly("step-00000030", "step-00000040");
      }
    }
  }

  /** What is no training does not count: an evaluation, a checkpoint or a report may take long. */
  @Test
  void throughputIsThatOfTrainingAlone() throws IOException {
    RunConfig config =
        TestRuns.config(corpus, "training.eval_every=10", "training.checkpoint_every=10");
    ProgressListener slow =
        new ProgressListener() {
          @Override
          public void progressed(long step, StepMetrics line) {
            pause(step == 20);
          }

          @Override
          public void evaluated(long step, double loss) {
            pause(step == 10);
          }

          private void pause(boolean here) {
            try {
              Thread.sleep(here ? 1500 : 0);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    Path root = temp.resolve("run");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      new Training(config, data, List.of(), slow).train(root, () -> false);
    }
    double counted = 5 * 4 * 16 / 1.5; // five steps of four sequences, had they taken the pause
    for (JsonNode line : lines(root)) {
      int step = line.get("step").asInt();
      if (step > 10) { // the first steps compile
        assertThat(line.get("tokens_per_s").asDouble()).as("step %d", step).isGreaterThan(counted);
      }
    }
  }
}
