package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import io.adamant.chart.Digits;
import io.adamant.config.Readout;
import io.adamant.train.StoredModel;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a run's configuration to the weights that it read out, as a user has them. */
class ReadoutOptionTest {

  @TempDir static Path temp;
  private static Path run;
  private static Path text;
  private static Invocation training;

  @BeforeAll
  static void train() throws IOException {
    Path corpus = TestRuns.corpus(temp);
    text = Files.writeString(temp.resolve("held.txt"), Files.readString(corpus).substring(0, 1280));
    Path yaml =
        Files.writeString(
            temp.resolve("tiny.yaml"),
            """
            model: {layers: 2, width: 16, heads: 2, context: 16}
            data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_corpus: '%s'}
            optimizer: {type: adamw, lr: 1.0e-2}
            training: {steps: 40, batch: 4, threads: 1, device: cpu, eval_every: 20, readout: tail}
            """
                .formatted(corpus, text));
    training = Invocation.of("train", yaml.toString(), "--results", temp.toString());
    run = temp.resolve("tiny");
  }

  private static JsonNode summary() throws IOException {
    try (var runs = Files.list(run.resolve("runs"))) {
      return Json.object(runs.findFirst().orElseThrow().resolve("summary.json"));
    }
  }

  private static Invocation of(String command, String... more) {
    String[] args = new String[more.length + 2];
    args[0] = command;
    args[1] = run.toString();
    System.arraycopy(more, 0, args, 2, more.length);
    return Invocation.of(args);
  }

  @Test
  void theRunTellsBothLosses() throws IOException {
    assertThat(training.exitCode()).as(training.err()).isZero();
    double readout = summary().path("readout_val_loss").asDouble();
    String shown = Digits.fixed(readout, 4);
    assertThat(training.err())
        .containsPattern("step 40/40, loss \\S+, validation \\S+ \\(readout " + shown + "\\)")
        .containsPattern("finished, validation loss \\S+ \\(readout " + shown + "\\), perplexity")
        .doesNotContainPattern("step 20/40.*readout"); // before the tail
    assertThat(training.out()).contains("readout", shown); // the table
  }

  @Test
  void evaluateMeasuresWhatTheTrainingMeasured() throws IOException {
    for (String word : new String[] {"tail", "trained"}) {
      Invocation found =
          of(
              "evaluate",
              "--corpus",
              text.toString(),
              "--readout",
              word,
              "--threads",
              "1",
              "--json");
      assertThat(found.exitCode()).as(found.err()).isZero();
      JsonNode json = Json.MAPPER.readTree(found.out());
      String key = word.equals("tail") ? "readout_val_loss" : "val_loss";
      assertThat(json.path("loss").asDouble())
          .isCloseTo(summary().path(key).asDouble(), within(2e-6));
      assertThat(json.path("model").asText().endsWith(", tail")).isEqualTo(word.equals("tail"));
    }
    assertThat(summary().path("val_loss").asDouble())
        .isNotCloseTo(summary().path("readout_val_loss").asDouble(), within(1e-4));
  }

  @Test
  void anExportReadAgainIsTheReadout() throws IOException {
    Path folder = temp.resolve("exported");
    Invocation export = of("export", "--to", folder.toString(), "--readout", "tail");
    assertThat(export.exitCode()).as(export.err()).isZero();
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> written =
          StoredModel.open(folder, StoredModel.Choice.LAST).read(manager);
      StoredModel kept = StoredModel.open(run, StoredModel.Choice.LAST, Readout.TAIL);
      Map<String, NDArray> trained = StoredModel.open(run, StoredModel.Choice.LAST).read(manager);
      kept.read(manager)
          .forEach(
              (name, array) ->
                  assertThat(written.get(name).toFloatArray())
                      .as(name)
                      .containsExactly(array.toFloatArray())
                      .isNotEqualTo(trained.get(name).toFloatArray()));
    }
    assertThat(Json.object(folder.resolve("adamant.json")).path("readout").asText())
        .isEqualTo("tail, steps 33 to 40, of 8 weights");
  }

  @Test
  void sampleDrawsFromIt() {
    Invocation tail =
        of("sample", "--readout", "tail", "--prompt", "ada", "--tokens", "4", "--json");
    assertThat(tail.exitCode()).as(tail.err()).isZero();
    assertThat(tail.out()).contains(", tail\"");
  }

  @ParameterizedTest
  @CsvSource({"sample", "evaluate", "export"})
  void weightsThatAreNotThereAreRefusedInOneLine(String command) {
    String option =
        command.equals("export") ? "--to" : command.equals("sample") ? "--prompt" : "--corpus";
    String value = command.equals("export") ? temp.resolve("none").toString() : text.toString();
    Invocation ema = of(command, option, value, "--readout", "ema");
    assertThat(ema.exitCode()).isEqualTo(2);
    assertThat(ema.err().lines()).hasSize(1);
    assertThat(ema.err())
        .contains("--readout ema: ", "has no such weights; allowed: trained, tail");
    assertThat(temp.resolve("none")).doesNotExist();
    Invocation typo = of(command, option, value, "--readout", "EMA");
    assertThat(typo.exitCode()).isEqualTo(2);
    assertThat(typo.err()).contains("expected: trained, ema, tail, schedule_free, found EMA");
  }
}
