package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
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

class SampleCommandTest {

  @TempDir static Path temp;
  private static Path run;

  @BeforeAll
  static void train() {
    run = temp.resolve("run");
    RunConfig config =
        TestRuns.config(TestRuns.corpus(temp), "training.steps=60", "model.vocab_multiple=32");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      TestRuns.train(config, data, run);
    }
  }

  private static Invocation sample(String... more) {
    List<String> args = new ArrayList<>(List.of("sample", run.toString(), "--threads", "1"));
    args.addAll(List.of(more));
    return Invocation.of(args.toArray(new String[0]));
  }

  private static JsonNode json(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of(more));
    args.add("--json");
    Invocation found = sample(args.toArray(new String[0]));
    assertThat(found.exitCode()).as(found.err()).isZero();
    return Json.MAPPER.readTree(found.out());
  }

  private static String refusal(String... more) {
    Invocation found = sample(more);
    assertThat(found.exitCode()).as(found.err()).isEqualTo(2);
    assertThat(found.out()).isEmpty();
    assertThat(found.err().lines()).hasSize(1);
    return found.err().strip();
  }

  @Test
  void thePromptAndItsContinuationGoToStandardOutputAndAllElseBeside() {
    Invocation found = sample("--prompt", "ada bo", "--tokens", "30", "--temperature", "0");
    assertThat(found.exitCode()).isZero();
    assertThat(found.out()).startsWith("ada bo").hasSize(36 + System.lineSeparator().length());
    List<String> err = found.err().lines().toList();
    assertThat(err).hasSize(2);
    assertThat(err.get(0))
        .matches("step 60 of run run: 15,952 parameters; weights loaded in \\d+\\.\\d\\d s");
    assertThat(err.get(1))
        .matches("first token after \\d.* s, then [\\d.]+ tokens/s \\([\\d.]+ ms each\\)");
  }

  @Test
  void aSeedGivesTheSameTextsAndAnotherSeedOthers() throws IOException {
    String[] settings = {"--tokens", "25", "--samples", "2", "--top-p", "0.9", "--seed", "3"};
    JsonNode first = json(settings).path("samples");
    assertThat(json(settings).path("samples")).isEqualTo(first);
    assertThat(first).hasSize(2);
    assertThat(first.get(0).path("ids")).isNotEqualTo(first.get(1).path("ids"));
    settings[7] = "4";
    assertThat(json(settings).path("samples").get(0)).isNotEqualTo(first.get(0));
    // The second text does not depend on the first one's length.
    Invocation shown = sample("--tokens", "25", "--samples", "2", "--top-p", "0.9", "--seed", "3");
    assertThat(shown.out())
        .isEqualTo(
            "--- prompt 1, text 1 ---%n%s%n--- prompt 1, text 2 ---%n%s%n"
                .formatted(text(first, 0), text(first, 1)));
  }

  private static String text(JsonNode samples, int index) {
    return samples.get(index).path("text").asText();
  }

  @Test
  void jsonHasIdsTextsAndLogProbabilitiesOfTheModelAsItIs() throws IOException {
    JsonNode document = json("--prompt", "ada ", "--tokens", "5", "--temperature", "0");
    assertThat(document.path("model").asText()).isEqualTo("step 60 of run run");
    JsonNode found = document.path("samples").get(0);
    assertThat(found.path("prompt").asText()).isEqualTo("ada ");
    assertThat(found.path("prompt_ids")).hasToString("[97,100,97,32]");
    assertThat(found.path("ids")).hasSize(5);
    assertThat(found.path("text").asText()).hasSize(5);
    assertThat(found.path("stopped").asText()).isEqualTo("tokens");
    // Whatever is drawn, the logarithms are those of the same tokens.
    JsonNode sure =
        json("--prompt-ids", "97,100,97,32", "--tokens", "5", "--top-k", "1", "--temperature", "3")
            .path("samples")
            .get(0);
    assertThat(sure.path("ids")).isEqualTo(found.path("ids"));
    for (int i = 0; i < 5; i++) {
      double log = found.path("log_probabilities").get(i).asDouble();
      assertThat(log).isNegative();
      assertThat(sure.path("log_probabilities").get(i).asDouble()).isCloseTo(log, within(1e-9));
    }
  }

  @Test
  void promptsComeFromAFile() throws IOException {
    Path file = Files.writeString(temp.resolve("prompts.txt"), "ada \n\nbo cleo\r\nada \n");
    JsonNode samples = json("--prompts", file.toString(), "--tokens", "9").path("samples");
    assertThat(samples).hasSize(3);
    assertThat(samples.get(2).path("prompt").asText()).isEqualTo("ada ");
    assertThat(samples.get(2).path("ids")).isNotEqualTo(samples.get(0).path("ids"));
    assertThat(samples.get(0).path("prompt").asText()).isEqualTo("ada ");
    assertThat(samples.get(1).path("prompt").asText()).isEqualTo("bo cleo");
  }

  @Test
  void withoutAPromptATextBegins() throws IOException {
    JsonNode found = json("--tokens", "3").path("samples").get(0);
    assertThat(found.path("prompt").asText()).isEmpty();
    assertThat(found.path("prompt_ids")).hasToString("[256]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-plain",
        "llama-gqa-tied",
        "llama-gqa-tied-sharded",
        "gpt2-tiny",
        "qwen2-tiny"
      })
  void aForeignModelSaysWhatItsOwnCodeSays(String name) throws IOException {
    Path models = Path.of("../shared/models");
    assumeThat(Files.isDirectory(models)).as("%s is there", models).isTrue();
    Path numbers = models.resolve(name.replace("-sharded", "")).resolve("expected.json");
    JsonNode greedy = Json.MAPPER.readTree(numbers.toFile()).path("greedy");
    Invocation found =
        Invocation.of(
            "sample",
            models.resolve(name).toString(),
            "--prompt=" + greedy.path("prompt").asText(),
            "--tokens=" + greedy.path("ids").size(),
            "--temperature=0",
            "--threads=1",
            "--json");
    assertThat(found.exitCode()).as(found.err()).isZero();
    JsonNode sample = Json.MAPPER.readTree(found.out()).path("samples").get(0);
    assertThat(sample.path("prompt_ids")).isEqualTo(greedy.path("prompt_ids"));
    assertThat(sample.path("ids")).isEqualTo(greedy.path("ids"));
    assertThat(sample.path("prompt").asText() + sample.path("text").asText())
        .isEqualTo(greedy.path("text").asText());
  }

  @Test
  void badInputIsOneLine() throws IOException {
    assertThat(refusal("--prompt-ids", "1,257")).contains("--prompt-ids is 257", "0 to 256");
    assertThat(refusal("--prompt-ids", "-1")).contains("--prompt-ids is -1");
    assertThat(refusal("--prompt-ids", "1,x")).contains("'x' is not a whole number");
    assertThat(refusal("--top-p", "0")).contains("--top-p is 0", "above 0 and at most 1");
    assertThat(refusal("--top-p", "1.5")).contains("--top-p is 1.5");
    assertThat(refusal("--top-k", "-2")).contains("--top-k is -2");
    assertThat(refusal("--temperature", "-0.5")).contains("--temperature is -0.5");
    assertThat(refusal("--tokens", "0")).contains("--tokens is 0");
    assertThat(refusal("--samples", "0")).contains("--samples is 0");
    assertThat(Invocation.of("sample", run.toString(), "--threads", "0").err())
        .contains("--threads is 0");
    assertThat(refusal("--device", "tpu")).contains("--device", "tpu", "cuda:N");
    assertThat(refusal("--prompt", "a", "--prompt-ids", "1")).contains("one of --prompt");
    Path empty = Files.writeString(temp.resolve("empty.txt"), "\n \n");
    assertThat(refusal("--prompts", empty.toString())).contains("empty.txt is empty");
    assertThat(refusal("--prompts", temp + "/none.txt")).contains("none.txt", "no such file");
    Path latin = Files.write(temp.resolve("latin.txt"), new byte[] {'a', (byte) 0xe9, '\n'});
    assertThat(refusal("--prompts", latin.toString())).contains("latin.txt is not UTF-8");
    Invocation nowhere = Invocation.of("sample", temp + "/nowhere");
    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.err().lines()).hasSize(1);
    assertThat(nowhere.err()).contains("nowhere is not there", "expected: ");
  }
}
