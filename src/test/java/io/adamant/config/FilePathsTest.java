package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A path in a file is relative to that file, one of the command line to the current folder. */
class FilePathsTest {

  @TempDir Path folder;

  private Path file(String text) throws IOException {
    Path file = folder.resolve("set up/run.yaml");
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Test
  void aPathInARunsFileIsRelativeToIt() throws IOException {
    Path run =
        file(
            """
            data: {corpus: ../texts/a b.txt, tokenizer: t.json, vocab: 300}
            training: {init_from: ../runs/1}
            measure: {evaluate_task: q.jsonl}
            """);

    assertThat(Configs.readRun(run, List.of()).training().initFrom())
        .isEqualTo(folder.resolve("runs/1").toString());
    assertThat(Configs.readRun(run, List.of()).measure().evaluateTask())
        .isEqualTo(folder.resolve("set up/q.jsonl").toString());
    DataConfig data = Configs.readRun(run, List.of()).data();
    assertThat(data.corpus()).isEqualTo(folder.resolve("texts/a b.txt").toString());
    assertThat(data.tokenizer()).isEqualTo(folder.resolve("set up/t.json").toString());
    assertThat(data.validationCorpus()).isEmpty();

    DataConfig typed = Configs.readRun(run, List.of("data.corpus=texts/c.txt")).data();
    assertThat(typed.corpus()).isEqualTo("texts/c.txt");
  }

  @Test
  void messagesHaveTheAbsolutePathThatWasTried() {
    assertThatThrownBy(() -> Configs.readRun(Path.of("nowhere/r.yaml"), List.of()))
        .hasMessage(
            "nowhere/r.yaml: no such file (looked for "
                + Path.of("nowhere/r.yaml").toAbsolutePath()
                + ")");
  }

  @Test
  void wordsAbsolutePathsAndTheHomeFolderStayAsTheyAre() throws IOException {
    for (String corpus : List.of("wordnet", "/texts/../a.txt", "~/a.txt")) {
      Path run = file("data.corpus: " + corpus + "\ndata.tokenizer: bytes\n");
      DataConfig data = Configs.readRun(run, List.of()).data();
      assertThat(data.corpus()).isEqualTo(corpus);
      assertThat(data.tokenizer()).isEqualTo("bytes");
    }
  }

  @Test
  void pathsInBaseArmsAndGridsOfAStudyToo() throws IOException {
    Path study =
        file(
            """
            name: s
            base: {data: {corpus: a.txt}}
            arms:
              one: {data.corpus: ./b.txt}
              two: {grid: {data.corpus: [c.txt, wordnet]}}
              three: {data: {validation_corpus: v.txt}}
            """);
    Path below = folder.resolve("set up");

    assertThat(
            Configs.readStudy(study, List.of()).plan().stream()
                .map(run -> run.config().data().corpus()))
        .containsExactly(
            below.resolve("b.txt").toString(),
            below.resolve("c.txt").toString(),
            "wordnet",
            below.resolve("a.txt").toString());
    assertThat(Configs.readStudy(study, List.of()).plan().get(3).config().data().validationCorpus())
        .isEqualTo(below.resolve("v.txt").toString());
  }
}
