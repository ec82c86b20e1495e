package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunSummary;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluateCommandTest {

  @TempDir static Path temp;
  private static Path run;
  private static Path text;
  private static RunSummary summary;

  @BeforeAll
  static void train() throws IOException {
    run = temp.resolve("run");
    Path corpus = TestRuns.corpus(temp);
    // 1,281 tokens with the end of text: 80 windows of 16 and the token that they are behind.
    text = Files.writeString(temp.resolve("held.txt"), Files.readString(corpus).substring(0, 1280));
    RunConfig config = TestRuns.config(corpus, "data.validation_corpus=" + text);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      summary = TestRuns.train(config, data, run);
    }
  }

  private static Invocation evaluate(String... more) {
    List<String> args = new ArrayList<>(List.of("evaluate", run.toString(), "--threads", "1"));
    args.addAll(List.of(more));
    return Invocation.of(args.toArray(new String[0]));
  }

  private static JsonNode json(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of(more));
    args.add("--json");
    Invocation found = evaluate(args.toArray(new String[0]));
    assertThat(found.exitCode()).as(found.err()).isZero();
    return Json.MAPPER.readTree(found.out());
  }

  private static String refusal(String... more) {
    Invocation found = evaluate(more);
    assertThat(found.exitCode()).as(found.err()).isEqualTo(2);
    assertThat(found.err().lines()).hasSize(1);
    return found.err().strip();
  }

  @Test
  void theLossOfTheValidationTextIsTheOneOfTheTraining() throws IOException {
    JsonNode found = json("--corpus", text.toString());
    assertThat(found.path("tokens").asLong()).isEqualTo(1280);
    assertThat(found.path("loss").asDouble()).isCloseTo(summary.valLoss(), within(2e-6));
    assertThat(found.path("bits_per_byte").asDouble())
        .isCloseTo(summary.valBitsPerByte(), within(1e-5));
    assertThat(found.path("perplexity").asDouble())
        .isCloseTo(Math.exp(summary.valLoss()), within(1e-3));
    assertThat(found.path("standard_error").asDouble()).isBetween(1e-4, 0.2);
    assertThat(found.path("stride").asInt()).isEqualTo(16);

    JsonNode sliding = json("--corpus", text.toString(), "--stride", "4");
    assertThat(sliding.path("tokens").asLong()).isEqualTo(1280);
    assertThat(sliding.path("loss").asDouble()).isLessThan(found.path("loss").asDouble());
    JsonNode near = json("--corpus", text.toString(), "--context", "2");
    assertThat(near.path("loss").asDouble()).isGreaterThan(found.path("loss").asDouble());
    assertThat(json("--corpus", text.toString(), "--limit", "33").path("tokens").asInt())
        .isEqualTo(32);
  }

  @Test
  void aModelOfDocumentsIsEvaluatedWithinThem() throws IOException {
    Path documents = temp.resolve("documents");
    Files.createDirectories(documents);
    Path corpus = TestRuns.corpus(documents);
    Files.writeString(
        corpus, Files.readString(corpus).replace("hal ada", "hal\n<|endoftext|>\nada"));
    Path held =
        Files.writeString(
            temp.resolve("held-documents.txt"), Files.readString(corpus).substring(0, 4000));
    List<Double> losses = new ArrayList<>();
    for (String packing : List.of("documents", "stream")) {
      RunConfig config =
          TestRuns.config(
              corpus,
              "data.validation_corpus=" + held,
              "data.packing=" + packing,
              "model.init_std=0.5",
              "training.steps=10");
      Path root = temp.resolve(packing);
      RunSummary trained;
      try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
        trained = TestRuns.train(config, data, root);
      }
      Invocation found =
          Invocation.of("evaluate", root.toString(), "--threads=1", "--corpus=" + held, "--json");
      assertThat(found.exitCode()).as(found.err()).isZero();
      double loss = Json.MAPPER.readTree(found.out()).path("loss").asDouble();
      // Validation scores whole windows; at most one window of 250 is left over.
      assertThat(loss).isCloseTo(trained.valLoss(), within(4e-3));
      losses.add(loss);
      if (packing.equals("documents")) { // the same weights, read as a stream, lose more than that
        Path yaml = root.resolve("run.yaml");
        Files.writeString(
            yaml, Files.readString(yaml).replace("packing: documents", "packing: stream"));
        Invocation stream =
            Invocation.of("evaluate", root.toString(), "--threads=1", "--corpus=" + held, "--json");
        assertThat(Json.MAPPER.readTree(stream.out()).path("loss").asDouble())
            .isNotCloseTo(loss, within(8e-3));
      }
    }
    assertThat(losses.get(0)).isNotEqualTo(losses.get(1));
  }

  @Test
  void numbersForPeople() {
    Invocation found = evaluate("--corpus", text.toString());
    assertThat(found.out())
        .matches(
            "(?s)tokens +1,280\\R"
                + "loss +\\d\\.\\d{4} \u00b1 0\\.\\d{4} nats per token\\R"
                + "perplexity +\\d+\\.\\d{3}\\R"
                + "bits per byte +\\d\\.\\d{4}\\R");
  }

  @Test
  void aTrainedModelKnowsWhatComesNext() throws IOException {
    Path task = temp.resolve("task.jsonl");
    List<String> lines = new ArrayList<>();
    String[] words = {"ada", "bo", "cleo", "dan", "eve", "finn", "gus", "hal"};
    for (int i = 0; i < 24; i++) {
      lines.add(
          "{\"context\": \"%s\", \"choices\": [\"%s\", \"%s\"], \"answer\": %s}"
              .formatted(
                  words[i % 8],
                  i % 2 == 0 ? words[(i + 1) % 8] : "zzzzzz",
                  i % 2 == 0 ? "zzzzzz" : words[(i + 1) % 8],
                  i % 2));
    }
    Files.write(task, lines);
    JsonNode found = json("--task", task.toString());
    assertThat(found.path("questions").asInt()).isEqualTo(24);
    assertThat(found.path("accuracy").path("value").asDouble()).isGreaterThan(0.9);
    assertThat(found.path("accuracy_by_length").path("value").asDouble()).isGreaterThan(0.9);
    assertThat(found.path("accuracy").path("high").asDouble()).isEqualTo(1);
    assertThat(json("--task", task.toString(), "--limit", "2").path("questions").asInt())
        .isEqualTo(2);
    assertThat(evaluate("--task", task.toString()).out())
        .matches(
            "(?s)questions +24\\R"
                + "accuracy +[01]\\.\\d{4} \u00b1 0\\.\\d{4}, bootstrap \\S+ to \\S+ \\(95 %\\)\\R"
                + "by length .*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-plain", "gpt2-tiny", "qwen2-tiny"})
  void theLossOfAForeignModelIsTheOneOfItsOwnCode(String name) throws IOException {
    Path models = Path.of("../shared/models");
    assumeThat(Files.isDirectory(models)).as("%s is there", models).isTrue();
    JsonNode batch =
        Json.MAPPER.readTree(models.resolve(name).resolve("expected.json").toFile()).path("batch");
    double mean = 0;
    for (JsonNode row : batch.path("rows")) { // 33 ids: one window of 32
      Path shard = temp.resolve(name + ".bin");
      byte[] bytes = new byte[2 * row.size()];
      for (int i = 0; i < row.size(); i++) {
        bytes[2 * i] = (byte) row.get(i).asInt();
        bytes[2 * i + 1] = (byte) (row.get(i).asInt() >> 8);
      }
      Files.write(shard, bytes); // nanoGPT's form: ids of 16 bits
      Invocation found =
          Invocation.of(
              "evaluate",
              models.resolve(name).toString(),
              "--corpus=" + shard,
              "--context=32",
              "--threads=1",
              "--json");
      assertThat(found.exitCode()).as(found.err()).isZero();
      JsonNode json = Json.MAPPER.readTree(found.out());
      assertThat(json.path("tokens").asInt()).isEqualTo(32);
      mean += json.path("loss").asDouble() / batch.path("rows").size();
    }
    assertThat(mean).isCloseTo(batch.path("mean_cross_entropy_f64").asDouble(), within(2e-6));
  }

  @Test
  void badInputIsOneLine() {
    assertThat(refusal()).contains("one of --corpus and --task");
    assertThat(refusal("--corpus", "a", "--task", "b")).contains("one of --corpus and --task");
    assertThat(refusal("--corpus", text.toString(), "--context", "17"))
        .contains("--context is 17", "from 1 to 16");
    assertThat(refusal("--corpus", text.toString(), "--context", "8", "--stride", "9"))
        .contains("--stride is 9", "from 1 to 8");
    assertThat(refusal("--corpus", text.toString(), "--limit", "1")).contains("--limit is 1");
    assertThat(refusal("--task", "x", "--stride", "1")).contains("are for --corpus");
    assertThat(refusal("--corpus", temp + "/none.txt")).contains("none.txt");
    assertThat(refusal("--task", temp + "/none.jsonl")).contains("none.jsonl", "no such file");
  }
}
