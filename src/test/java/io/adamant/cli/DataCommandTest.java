package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code data}, and what training says of the same data. */
class DataCommandTest {

  @TempDir Path temp;

  private static Invocation data(Path file, String... options) {
    return Invocation.of(
        Stream.concat(Stream.of("data", file.toString()), Stream.of(options))
            .toArray(String[]::new));
  }

  private static JsonNode json(Path file, String... options) throws IOException {
    String[] all = Stream.concat(Stream.of(options), Stream.of("--json")).toArray(String[]::new);
    return Json.MAPPER.readTree(data(file, all).out());
  }

  /** Documents of 30 bytes "0 word word ...", numbered, so that a window tells its place. */
  private Path numbered(String name, int documents, int different) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < documents; i++) {
      text.append(number(i % different)).append(" word".repeat(5)).append('\n');
      text.append("<|endoftext|>\n");
    }
    return Files.writeString(temp.resolve(name), text);
  }

  private static String number(int i) {
    return Integer.toString(1000 + i).substring(1);
  }

  private Path run(String corpus, String tokenizer) throws IOException {
    return Files.writeString(
        temp.resolve("run.yaml"),
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: %s, validation_fraction: 0.1, tokenizer: %s}
        training: {steps: 3, batch: 4, threads: 1, eval_every: 0, eval_tokens: 64}
        """
            .formatted(corpus, tokenizer));
  }

  @Test
  void showsWhatARunReads() throws IOException {
    numbered("books.txt", 100, 95);
    Invocation shown = data(run("books.txt", "bytes"), "--windows", "1");
    assertThat(shown.exitCode()).as(shown.err()).isZero();
    // 30 tokens a document, with its line end and end-of-text; the last ten hold five that repeat.
    assertThat(shown.out())
        .contains(
            """
            files          1 file, 4,300 bytes
                           books.txt, 4,300 bytes, SHA-256 \
            """,
            """
            tokenizer      bytes 257
            vocabulary     257 ids, end of text is 256
            """,
            "documents              90          10       100\n",
            "tokens              2,700         300     3,000\n",
            "bytes               2,610         290     2,900\n",
            "bytes per token     0.967       0.967     0.967\n",
            """
            run            3 steps of 4 windows of 16 tokens are 192 tokens
            epochs         0.0714
            """,
            """
            duplicates     5 of 10 validation documents (50.0 % of validation tokens) also
                           stand in the training part
            """,
            "lengths of 100 whole documents, from 30 to 30 tokens:\n",
            "16 to 31        100  100 %          100 %  ########################\n",
            "first windows of step 1, as the run reads them:\n[1] from token ")
        .doesNotContain("[2]", "warning");
    assertThat(shown.out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(Invocation.of("prepare", temp.resolve("run.yaml").toString()).out())
        .contains("duplicates    5 of 10 validation documents (50.0 % of validation tokens) also");
  }

  @Test
  void windowsAreThoseOfTheFirstBatchInFull() throws IOException {
    numbered("books.txt", 100, 1000);
    JsonNode windows = json(run("books.txt", "bytes"), "--windows", "9").get(0).get("windows");
    assertThat(windows).as("no more than the batch has").hasSize(4);
    String[] growing = {
      "--set", "training.batch_warmup=0.5", "--set", "training.micro_batch=2", "--windows", "9"
    };
    assertThat(json(run("books.txt", "bytes"), growing).get(0).get("windows"))
        .as("no more than the first batch of those that grow")
        .hasSize(2);
    for (JsonNode window : windows) {
      int token = window.get("token").asInt();
      String document = " word word word word word\n<|endoftext|>";
      int first = token / 30;
      String around = number(first) + document + number((first + 1) % 90) + document;
      // Characters of end-of-text stand for one token.
      String tokens = around.replace("<|endoftext|>", "\0");
      String expected = tokens.substring(token % 30, token % 30 + 16);
      assertThat(window.get("text").asText().replace("<|endoftext|>", "\0")).isEqualTo(expected);
    }
    Invocation text = data(run("books.txt", "bytes"), "--windows", "4");
    assertThat(text.out()).contains("[4] from token ", "\\n").doesNotContain("word\n<|");
  }

  @Test
  void aMixtureHasItsSourcesAndShardsTheirFiles() throws IOException {
    Path a = numbered("a.txt", 60, 1000);
    numbered("b.txt", 30, 1000);
    String entry = "{path: %s, weight: %s}";
    Path mixture =
        run("[" + entry.formatted(a, 3) + ", " + entry.formatted("b.txt", 1) + "]", "bytes");
    assertThat(data(mixture).out())
        .contains(
            "source  weight  windows  training tokens  epochs\n",
            "a.txt        3     75 %            1,620  0.0891\n",
            "b.txt        1     25 %              810  0.0600\n",
            "epochs         0.0891 at most\n");
    assertThat(json(mixture).get(0).at("/sources/1/training_tokens").asLong()).isEqualTo(810);

    ByteBuffer ids = ByteBuffer.allocate(4000).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 2000; i++) {
      ids.putShort((short) (1 + i % 60));
    }
    Files.write(temp.resolve("ids.bin"), ids.array());
    JsonNode shard = json(run("ids.bin", "none, vocab: 65, order: file")).get(0);
    assertThat(shard.at("/windows/1/token").asLong()).isEqualTo(16);
    assertThat(shard.at("/windows/1/file").asLong()).isEqualTo(1);
    assertThat(shard.at("/windows/1/text").asText()).startsWith("17 18 19 20");
    assertThat(shard.has("document_lengths")).isFalse();
    assertThat(shard.at("/training/documents").isMissingNode()).isTrue();
    assertThat(data(run("ids.bin", "none, vocab: 65")).out())
        .doesNotContain("documents", "duplicates");
  }

  @Test
  void ofAStudyEachDataSetOnce() throws IOException {
    numbered("a.txt", 60, 1000);
    numbered("b.txt", 30, 1000);
    Path study =
        Files.writeString(
            temp.resolve("study.yaml"),
            """
            name: two
            base:
              model: {layers: 1, width: 16, heads: 2, context: 16}
              data: {corpus: a.txt, tokenizer: bytes}
              training: {batch: 4}
            arms:
              one: {}
              two: {data: {corpus: b.txt}}
              three: {optimizer: {type: signum, lr: 0.001}}
            """);
    JsonNode sets = json(study);
    assertThat(sets).hasSize(2);
    assertThat(sets.at("/0/runs")).hasToString("[\"one\",\"three\"]");
    assertThat(sets.at("/1/runs")).hasToString("[\"two\"]");
    assertThat(sets.at("/1/training/tokens").asLong()).isLessThan(900);
    assertThat(data(study).out())
        .startsWith("runs           one and 1 other\ncorpus         a.txt\n");
  }

  @Test
  void badInputIsOneLine() throws IOException {
    numbered("tiny.txt", 2, 2);
    for (Invocation bad :
        List.of(
            data(run("nowhere.txt", "bytes")),
            data(run("tiny.txt", "bytes")),
            data(run("tiny.txt", "bytes"), "--windows", "-1"))) {
      assertThat(bad.exitCode()).isEqualTo(2);
      assertThat(bad.out()).isEmpty();
      assertThat(bad.err().lines().filter(line -> !line.startsWith("tokenized"))).hasSize(1);
    }
  }

  @Test
  void trainingWarnsAndRecordsWhatRepeats() throws IOException {
    numbered("books.txt", 100, 95);
    String results = temp.resolve("results").toString();
    Invocation trained =
        Invocation.of("train", run("books.txt", "bytes").toString(), "--results", results);
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    String warning =
        "5 of 10 validation documents (50.0 % of validation tokens) also stand in the training part";
    assertThat(trained.err().lines().filter(("books.txt: " + warning)::equals)).hasSize(1);
    Path runs = temp.resolve("results/run/runs");
    try (Stream<Path> folders = Files.list(runs)) {
      Manifest manifest = RunDirectory.manifest(folders.findFirst().orElseThrow());
      assertThat(manifest.number(Manifest.Key.VALIDATION_DOCUMENTS)).isEqualTo(10);
      assertThat(manifest.number(Manifest.Key.REPEATED_DOCUMENTS)).isEqualTo(5);
      assertThat(manifest.number(Manifest.Key.REPEATED_TOKENS)).isEqualTo(150);
      assertThat(manifest.warnings()).containsExactly(warning);
    }
    assertThat(temp.resolve("results/run/report.html")).content().contains(warning);
  }
}
