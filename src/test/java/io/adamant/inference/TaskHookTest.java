package io.adamant.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.RunConfig;
import io.adamant.data.IdTokenizer;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.train.ProgressListener;
import io.adamant.train.StoredModel;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskHookTest {

  @TempDir Path temp;
  private Path task;

  @BeforeEach
  void writeQuestions() throws IOException {
    String[] words = {"ada", "bo", "cleo", "dan", "eve", "finn", "gus", "hal"};
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      lines.add(
          "{\"context\": \"%s\", \"choices\": [\"%s\", \"%s\", \"%s\"], \"answer\": %s}"
              .formatted(
                  words[i % 8],
                  words[(i + 1) % 8],
                  words[(i + 5) % 8],
                  words[(i + 2) % 8],
                  i % 5 == 0 ? 2 : 0));
    }
    task = Files.write(temp.resolve("task.jsonl"), lines);
  }

  /** A run whose embedding is frozen: it is evaluated with all weights. */
  private RunConfig config() {
    return TestRuns.config(
        TestRuns.corpus(temp),
        "measure.evaluate_every=15",
        "measure.evaluate_task=" + task,
        "groups.still.match=embedding.*",
        "groups.still.lr_scale=0");
  }

  private RunSummary train(RunConfig run, TokenDataset data, Path root) {
    List<TrainingHook> hooks =
        run.measure().evaluateEvery() == 0
            ? List.of()
            : List.of(new TaskHook(run, data.tokenizer()));
    return new Training(run, data, hooks, ProgressListener.NONE).train(root, () -> false);
  }

  private static List<JsonNode> lines(Path root) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(root.resolve(RunDirectory.METRICS))) {
      lines.add(Json.MAPPER.readTree(line));
    }
    return lines;
  }

  @Test
  void anEvaluatedRunIsTheSameRunAndSaysWhatEvaluateSays() throws IOException {
    RunConfig config = config();
    Path with = temp.resolve("with");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary evaluated = train(config, data, with);
      RunSummary plain =
          train(config.with("measure.evaluate_every", 0), data, temp.resolve("without"));
      assertThat(evaluated.weightsSha256()).isEqualTo(plain.weightsSha256());
    }
    List<JsonNode> told = lines(with).stream().filter(line -> line.has("task")).toList();
    assertThat(told).extracting(line -> line.path("step").asInt()).containsExactly(15, 30, 40);
    assertThat(lines(temp.resolve("without"))).noneMatch(line -> line.has("task"));

    StoredModel stored = StoredModel.open(with, StoredModel.Choice.LAST);
    try (var tokenizer = stored.tokenizer();
        LanguageModel model = new LanguageModel(stored, tokenizer, Device.cpu(), 1)) {
      MultipleChoice answers =
          MultipleChoice.of(
              model.scorer(), tokenizer, new int[0], TaskFile.read(task), answered -> {});
      JsonNode last = told.get(2).path("task");
      assertThat(last.path("questions").asInt()).isEqualTo(24);
      JsonNode accuracy = last.path("accuracy");
      double share = answers.accuracy().accuracy();
      assertThat(share).isBetween(0.2, 0.95);
      assertThat(accuracy.path("value").asDouble()).isEqualTo(share);
      assertThat(accuracy.path("standard_error").asDouble())
          .isEqualTo(answers.accuracy().standardError())
          .isCloseTo(Math.sqrt(share * (1 - share) / 23), within(1e-12));
      assertThat(last.path("accuracy_by_length").path("value").asDouble())
          .isEqualTo(answers.accuracyByLength().accuracy());
    }
  }

  @Test
  void questionsThatCannotBeAskedAreRefusedInOneLine() throws IOException {
    RunConfig config = config();
    assertThatThrownBy(() -> new TaskHook(config, new IdTokenizer(300)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("measure.evaluate_every");
    Files.writeString(task, "{}\n");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      assertThatThrownBy(() -> new TaskHook(config, data.tokenizer()))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("measure.evaluate_task: " + task + ":1: no question");
    }
    assertThatThrownBy(() -> config.with("measure.evaluate_task", ""))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith(
            "measure.evaluate_every is 15; allowed: 0, or a file as measure.evaluate_task");
  }
}
