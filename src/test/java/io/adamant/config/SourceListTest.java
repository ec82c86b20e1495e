package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceListTest {

  @TempDir Path folder;

  private static RunConfig run(String yaml) {
    return Configs.parseRun(yaml, List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a.txt | a.txt",
        "[a.txt, 'b c.txt'] | [\"a.txt\",\"b c.txt\"]",
        "{path: 007, field: content} | {\"path\":\"007\",\"field\":\"content\"}",
        "[{path: w/*.parquet, weight: 3}, {path: c.jsonl, weight: 0.123456789012345678910}] |"
            + " [{\"path\":\"w/*.parquet\",\"weight\":3},{\"path\":\"c.jsonl\",\"weight\":0.12345678901234567891}]",
        "[{path: a, weight: heavy, nulls: skip}] |"
            + " [{\"path\":\"a\",\"weight\":\"heavy\",\"nulls\":\"skip\"}]",
      })
  void sourcesAreOneTextAndComeBackFromYaml(String written, String text) {
    for (String key : List.of("corpus", "validation_corpus")) {
      RunConfig run = run("data: {%s: %s}".formatted(key, written));
      assertThat(Configs.flatten(run)).containsEntry("data." + key, text);
      assertThat(run(Configs.toYaml(run))).isEqualTo(run);
      assertThat(Configs.parseRun("{}", List.of("data." + key + "=" + text))).isEqualTo(run);
    }
  }

  @Test
  void aListIsWrittenAsYamlHasIt() {
    RunConfig run = run("data: {corpus: [{path: \"a: b#c\", weight: 3}, yes, größe/*.txt]}");
    assertThat(Configs.toYaml(run))
        .contains("  corpus: [{path: \"a: b#c\", weight: 3}, \"yes\", \"größe/*.txt\"]\n");
  }

  /** As run ids know it: another text, or another way to write it, is no part of them. */
  @Test
  void theIdentityDoesNotDependOnIt() {
    String sha = "0".repeat(64);
    assertThat(
            RunId.of(run("data: {corpus: [{path: a, weight: 1}, {path: b, weight: 2}]}"), sha, 1))
        .isEqualTo(RunId.of(run("{}"), sha, 1));
  }

  @Test
  void pathsWithinAreRelativeToTheFile() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("run.yaml"),
            """
            data:
              corpus:
                - a.txt
                - {path: web/**/*.parquet, field: a.b, weight: 2}
                - wordnet
              validation_corpus: {path: v.jsonl, field: path}
            """);
    DataConfig data = Configs.readRun(file, List.of()).data();
    assertThat(data.corpus())
        .isEqualTo(
            "[\"%s/a.txt\",{\"path\":\"%s/web/**/*.parquet\",\"field\":\"a.b\",\"weight\":2},\"wordnet\"]"
                .formatted(folder, folder));
    assertThat(data.validationCorpus())
        .isEqualTo("{\"path\":\"%s/v.jsonl\",\"field\":\"path\"}".formatted(folder));
  }

  @Test
  void armsAndGridsOfAStudyTakeThemToo() {
    StudyConfig study =
        Configs.parseStudy(
            """
            name: s
            base: {data: {corpus: [a, b]}}
            arms:
              one: {}
              two: {data: {corpus: {path: c}}}
              three: {grid: {data.corpus: [d, [e, f], [{path: g, weight: 1}]]}}
            """,
            List.of());
    assertThat(study.plan().stream().map(run -> run.config().data().corpus()))
        .containsExactly(
            "[\"a\",\"b\"]",
            "{\"path\":\"c\"}",
            "d",
            "[\"e\",\"f\"]",
            "[{\"path\":\"g\",\"weight\":1}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a, [b]]",
        "[{path: {a: b}}]",
        "[{path: [a]}]",
        "[a, ]x",
        "[{path: }]",
        "[~]",
        "[\"a\\nb\"]"
      })
  void whatIsNoListOfSourcesIsRefusedWithItsLine(String written) {
    assertThatThrownBy(() -> run("data:\n  corpus: " + written))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("configuration:2: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void otherKeysTakeNoList() {
    assertThatThrownBy(() -> run("data: {tokenizer: [gpt2]}"))
        .hasMessage("configuration:1: data.tokenizer is a list; allowed: a single value");
  }
}
