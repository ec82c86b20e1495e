package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a resumed run must remember besides weights and optimizer state. */
class ResumeTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;
  private Path corpus;

  @BeforeEach
  void writeCorpus() {
    corpus = TestRuns.corpus(temp);
  }

  private RunSummary train(
      RunConfig config, TokenDataset data, String name, Consumer<String> messages) {
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void message(String text) {
            messages.accept(text);
          }
        };
    return new Training(config, data, List.of(), listener).train(temp.resolve(name), () -> false);
  }

  /** Trains for some steps and stops as Ctrl-C does. */
  private void part(RunConfig config, TokenDataset data, String name, int steps) {
    AtomicInteger left = new AtomicInteger(steps);
    RunSummary part =
        TestRuns.train(config, data, temp.resolve(name), () -> left.decrementAndGet() == 0);
    assertThat(part.status()).isEqualTo(RunStatus.INTERRUPTED);
  }

  @Test
  void anotherNumberOfThreadsIsSaidAndKept() throws IOException {
    RunConfig two = TestRuns.config(corpus, "training.threads=2");
    RunConfig one = two.with("training.threads", 1);
    List<String> messages = new ArrayList<>();
    try (TokenDataset data = TestRuns.data(two, temp.resolve("cache"))) {
      part(two, data, "r", 3);
      part(two, data, "r", 3); // the same as the first: nothing to say
      assertThat(parts("r")).isEmpty();
      train(one, data, "r", messages::add);
    }
    assertThat(messages)
        .anyMatch(text -> text.startsWith("threads: 1 here, 2 before; the weights' last bits"));
    assertThat(parts("r")).hasSize(2);
    assertThat(parts("r").get(0).path("threads").asInt()).isEqualTo(2);
    assertThat(parts("r").get(1).path("threads").asInt()).isEqualTo(1);
    assertThat(parts("r").get(1).path("from_step").asInt()).isEqualTo(6);
  }

  private JsonNode parts(String name) throws IOException {
    return JSON.readTree(temp.resolve(name).resolve("manifest.json").toFile()).path("parts");
  }

  private List<String> trajectory(String name) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(temp.resolve(name).resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      ((ObjectNode) node).remove("tokens_per_s");
      lines.add(node.toString());
    }
    return lines;
  }

  private List<String> checkpoints(String name) throws IOException {
    try (Stream<Path> left = Files.list(temp.resolve(name).resolve("checkpoint"))) {
      return left.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private static RunSummary withoutTime(RunSummary s) {
    return new RunSummary(
        s.status(),
        s.reason(),
        s.steps(),
        s.tokens(),
        s.valLoss(),
        s.bestValLoss(),
        s.initValLoss(),
        s.valBitsPerByte(),
        s.readoutValLoss(),
        s.trainLoss(),
        Double.NaN,
        0,
        s.skippedSteps(),
        s.firstBadStep(),
        s.findings(),
        s.weightsSha256(),
        Optional.empty());
  }

  @Test
  void theSummaryIsThatOfAnUninterruptedRun() {
    RunConfig config = TestRuns.config(corpus);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary whole = train(config, data, "whole", line -> {});
      part(config, data, "parts", 37); // the mean of the last ten losses spans the stop
      RunSummary resumed = train(config, data, "parts", line -> {});
      assertThat(withoutTime(resumed)).isEqualTo(withoutTime(whole));
    }
  }

  @Test
  void aKillBetweenTheLastCheckpointAndTheSummaryLosesNothing() throws IOException {
    RunConfig config = TestRuns.config(corpus);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary whole = train(config, data, "run", line -> {});
      List<String> metrics = trajectory("run");
      Files.delete(temp.resolve("run").resolve("summary.json"));
      List<String> messages = new ArrayList<>();
      RunSummary again = train(config, data, "run", messages::add);
      assertThat(messages).containsExactly("resuming after step 40");
      assertThat(withoutTime(again)).isEqualTo(withoutTime(whole));
      assertThat(trajectory("run")).isEqualTo(metrics);
    }
  }

  @Test
  void withoutAWholeCheckpointTheRunStartsOverAndEndsTheSame() throws IOException {
    RunConfig config = TestRuns.config(corpus);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary whole = train(config, data, "whole", line -> {});
      part(config, data, "lost", 25);
      for (String name : checkpoints("lost")) {
        Files.write(
            temp.resolve("lost").resolve("checkpoint").resolve(name).resolve("checkpoint.json"),
            new byte[] {'{'});
      }
      List<String> messages = new ArrayList<>();
      RunSummary again = train(config, data, "lost", messages::add);
      assertThat(messages.get(messages.size() - 1)).contains("no intact checkpoint is left");
      assertThat(withoutTime(again)).isEqualTo(withoutTime(whole));
      assertThat(trajectory("lost")).isEqualTo(trajectory("whole"));
    }
  }

  @Test
  void linesBehindTheCheckpointAreGoneAlsoWhereTheResumedPartIsShorter() throws IOException {
    RunConfig config = TestRuns.config(corpus, "training.keep_checkpoints=9");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      part(config, data, "run", 33);
      for (String name : List.of("step-00000020", "step-00000030", "step-00000033")) {
        Path folder = temp.resolve("run").resolve("checkpoint").resolve(name);
        Files.move(folder, folder.resolveSibling("lost-" + name)); // as if killed before it
      }
      part(config, data, "run", 5);
      List<String> lines = trajectory("run");
      assertThat(lines).hasSize(15);
      assertThat(lines.get(14)).contains("\"step\":15,");
    }
  }

  @Test
  void metricsThatLostTheirEndAreToldAndCutToWholeLines() throws IOException {
    RunConfig config = TestRuns.config(corpus);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      part(config, data, "run", 25);
      Path metrics = temp.resolve("run").resolve("metrics.jsonl");
      String text = Files.readString(metrics);
      int secondLine = text.indexOf('\n', text.indexOf('\n') + 1) + 1;
      Files.writeString(metrics, text.substring(0, secondLine + 9));
      List<String> messages = new ArrayList<>();
      train(config, data, "run", messages::add);
      assertThat(messages).anyMatch(line -> line.contains("metrics.jsonl is truncated"));
      List<String> lines = trajectory("run");
      assertThat(lines).hasSize(2 + 15);
      assertThat(lines.get(2)).contains("\"step\":26,");
    }
  }

  @Test
  void theBestCheckpointIsKeptAcrossProcesses() throws IOException {
    // The rate grows all the time: the loss falls and then rises again.
    RunConfig config =
        TestRuns.config(
            corpus,
            "training.steps=60",
            "training.eval_every=10",
            "training.keep_checkpoints=1",
            "optimizer.lr=9",
            "schedule.kind=constant",
            "schedule.warmup=0.99");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      part(config, data, "run", 55);
      int best = bestEvaluation("run");
      assertThat(best).isLessThan(50);
      assertThat(checkpoints("run"))
          .containsExactly(String.format(Locale.ROOT, "step-%08d", best), "step-00000055");
      train(config, data, "run", line -> {});
      assertThat(checkpoints("run"))
          .containsExactly(
              String.format(Locale.ROOT, "step-%08d", bestEvaluation("run")), "step-00000060");
      assertThat(bestEvaluation("run")).as("the last is not the best").isEqualTo(best);
    }
  }

  private int bestEvaluation(String name) throws IOException {
    int best = -1;
    double lowest = Double.POSITIVE_INFINITY;
    for (String line : Files.readAllLines(temp.resolve(name).resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      if (node.has("val_loss") && node.get("val_loss").asDouble() < lowest) {
        lowest = node.get("val_loss").asDouble();
        best = node.get("step").asInt();
      }
    }
    return best;
  }

  /** With a rate beyond float32's range the second step and all after it are not finite. */
  private RunConfig exploding(String... more) {
    List<String> overrides = new ArrayList<>();
    overrides.addAll(List.of("optimizer.lr=1e39", "schedule.kind=constant", "schedule.warmup=0"));
    overrides.addAll(List.of("training.eval_every=0", "training.max_skipped=5"));
    overrides.addAll(List.of(more));
    return TestRuns.config(corpus, overrides.toArray(new String[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"skip", "stop"})
  void divergenceDoesNotDependOnWhenTheHostLooks(String policy) throws IOException {
    RunConfig often = exploding("training.log_every=1", "training.on_nonfinite=" + policy);
    RunConfig seldom = exploding("training.log_every=17", "training.on_nonfinite=" + policy);
    try (TokenDataset data = TestRuns.data(often, temp.resolve("cache"))) {
      RunSummary expected = train(often, data, "often", line -> {});
      RunSummary summary = train(seldom, data, "seldom", line -> {});
      assertThat(expected.status()).isEqualTo(RunStatus.DIVERGED);
      assertThat(expected.steps()).isEqualTo(policy.equals("stop") ? 2 : 7);
      assertThat(withoutTime(summary)).isEqualTo(withoutTime(expected));
      assertThat(trajectory("seldom"))
          .isEqualTo(trajectory("often"))
          .hasSize((int) summary.steps());
    }
  }

  @Test
  void skippedStepsAreCountedAcrossProcesses() throws IOException {
    RunConfig config = exploding("training.checkpoint_every=1");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary whole = train(config, data, "whole", line -> {});
      part(config, data, "parts", 5); // three steps skipped
      RunSummary resumed = train(config, data, "parts", line -> {});
      assertThat(whole.steps()).isEqualTo(7);
      assertThat(withoutTime(resumed)).isEqualTo(withoutTime(whole));
      assertThat(trajectory("parts")).isEqualTo(trajectory("whole"));
    }
  }
}
