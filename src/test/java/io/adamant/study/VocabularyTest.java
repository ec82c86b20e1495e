package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code data.vocab: auto} becomes when the tokenizer's file is read. */
class VocabularyTest {
  @TempDir Path folder;
  private RunConfig run;

  @BeforeEach
  void aFileOfFourWords() throws IOException {
    Path tokenizer =
        Files.writeString(
            folder.resolve("words.json"),
            """
            {"version": "1.0", "pre_tokenizer": {"type": "Whitespace"},
             "added_tokens": [{"id": 3, "content": "</s>", "single_word": false, "lstrip": false,
               "rstrip": false, "normalized": false, "special": true}],
             "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "a": 1, "b": 2}}}
            """);
    Path text = Files.writeString(folder.resolve("text.txt"), "a b b a ".repeat(500));
    String yaml = "data: {corpus: '%s', tokenizer: '%s'}".formatted(text, tokenizer);
    run = Configs.parseRun(yaml, List.of("model.context=8", "training.device=cpu"));
  }

  private StudyPlan.Item item(RunConfig config) {
    try (StudyPlan plan = StudyPlan.ofRun("x", config, folder.resolve("cache"), line -> {})) {
      return plan.items().get(0);
    }
  }

  @Test
  void isWrittenOutAndTheRunIsThatOfTheNumber() {
    StudyPlan.Item found = item(run);
    StudyPlan.Item written = item(run.with("data.vocab", 4));
    assertThat(found.config()).isEqualTo(written.config());
    assertThat(found.id()).isEqualTo(written.id());
    assertThat(Configs.toYaml(found.config())).contains("vocab: 4\n");
  }

  @Test
  void isThatOfTheTokenThatSeparatesDocumentsToo() {
    assertThat(item(run.with("data.end_of_text", "a")).id()).isNotEqualTo(item(run).id());
  }

  @Test
  void anotherNumberIsRefused() {
    assertThatThrownBy(() -> item(run.with("data.vocab", 5)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("5 is larger than the vocabulary of tokenizer");
  }

  @Test
  void replacesBytesThatAreNoTextOnlyWhereItIsAsked() throws IOException {
    Path text = folder.resolve("text.txt");
    Files.write(text, new byte[] {(byte) 0xff, ' '}, StandardOpenOption.APPEND);
    assertThatThrownBy(() -> item(run)).hasMessageContaining("byte 0xff at byte offset 4000");
    String replaced = item(run.with("data.invalid_utf8", "replace")).id();
    Files.writeString(
        text, Files.readString(text, StandardCharsets.ISO_8859_1).replace("ÿ", "\ufffd"));
    assertThat(item(run).id()).isEqualTo(replaced);
  }
}
