package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.Json;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is computed, printed and written is the same in every locale. The locale is set in this JVM,
 * as a program that uses Adamant as a library has it; Error Prone's DefaultLocale refuses every
 * call that would depend on it.
 */
class LocaleTest {

  private static final Locale OURS = Locale.getDefault();
  private static final Pattern OTHER_DIGIT = Pattern.compile("[\\p{Nd}&&[^0-9]]");
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("theory", "update-rms", "--beta1", "0.9", "--beta2", "0.95", "--snr", "0.01"),
          List.of("theory", "weight-rms", "--lr", "1e-3", "--weight-decay", "0.1", "--json"),
          List.of("optimizers", "signum"));

  @TempDir static Path temp;
  private static Path run;
  private static Map<String, String> files;
  private static List<String> answers;

  @BeforeAll
  static void inTheRootLocale() throws IOException {
    run = temp.resolve("tiny.yaml");
    Files.writeString(
        run,
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: adamw, lr: 1.0e-2}
        training: {steps: 3, batch: 2, threads: 1, eval_tokens: 256, checkpoint_every: 1}
        measure: {every: 1, tensorboard: true}
        """
            .formatted(TestRuns.corpus(temp)));
    Locale.setDefault(Locale.ROOT);
    answers = answers();
    files = train("root");
  }

  @AfterEach
  void restore() {
    Locale.setDefault(OURS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "my-MM-u-nu-mymr", "tr-TR", "fr-CH"})
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void filesAndAnswersAreTheSame(String tag) throws IOException {
    Locale.setDefault(Locale.forLanguageTag(tag));

    assertThat(answers()).isEqualTo(answers);
    assertThat(train(tag)).isEqualTo(files);
  }

  private static List<String> answers() {
    List<String> said = new ArrayList<>();
    for (List<String> command : COMMANDS) {
      Invocation outcome = Invocation.of(command.toArray(new String[0]));
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      said.add(outcome.out());
    }
    return said;
  }

  /** Trains and gives names and contents of the run's files, the values that tell time left out. */
  private static Map<String, String> train(String name) throws IOException {
    Path results = temp.resolve(name);
    Invocation outcome = Invocation.of("train", run.toString(), "--results", results.toString());
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(OTHER_DIGIT.matcher(outcome.out() + outcome.err()).find()).isFalse();
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(results)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        String path = results.relativize(file).toString().replaceFirst("tfevents.*", "tfevents");
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        String decoded =
            path.matches(".*\\.(json|jsonl|csv|md|yaml)") ? Files.readString(file) : "";
        assertThat(OTHER_DIGIT.matcher(file + decoded).find()).as(path).isFalse();
        if (path.endsWith("metrics.jsonl")) {
          StringBuilder lines = new StringBuilder();
          for (String line : text.lines().toList()) {
            JsonNode step = Json.MAPPER.readTree(line);
            ((ObjectNode) step).remove("tokens_per_s");
            lines.append(step).append('\n');
          }
          text = lines.toString();
        }
        boolean same = path.matches(".*(run\\.yaml|study\\.yaml|metrics\\.jsonl|\\.safetensors)");
        found.put(path, same ? text : "");
      }
    }
    return found;
  }
}
