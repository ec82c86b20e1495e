package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerCommandTest {
  @TempDir Path folder;
  private Path to;

  @BeforeEach
  void write() throws IOException {
    to = folder.resolve("own.json");
    Files.writeString(folder.resolve("a.txt"), "the cat and the hat and the mat");
    Files.writeString(folder.resolve("b.jsonl"), "{\"body\": \"the cat and the hat and the mat\"}");
    Files.writeString(folder.resolve("run.yaml"), "data: {corpus: a.txt, tokenizer: own.json}");
  }

  private Invocation train(String... args) {
    return Invocation.of(
        Stream.concat(Stream.of("tokenizer", "train"), Stream.of(args)).toArray(String[]::new));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void writesTheFileAndSaysWhatItIs() {
    Invocation done = train(at("a.txt"), "--vocab", "260", "--to", to.toString());
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(done.out())
        .contains("text          31 bytes, 1 documents\n")
        .contains("words         8, of which 6 different\n")
        .contains("vocabulary    260: 3 merges, 256 bytes and <|endoftext|>\n")
        .contains("to train with data.tokenizer: " + to + "\n");
    assertThat(to).content().contains("\"merges\" : [ \"a t\", ");
  }

  @Test
  void aRunsConfigurationNamesItsCorpus() throws IOException {
    train(at("a.txt"), "--vocab", "265", "--to", to.toString());
    Path other = folder.resolve("other.json");
    for (String[] args :
        new String[][] {
          {at("run.yaml")},
          {
            at("run.yaml"),
            "--set",
            "data.corpus={\"path\": \"" + at("b.jsonl") + "\", \"field\": \"body\"}"
          },
          {at("b.jsonl"), "--field", "body"},
        }) {
      Invocation done =
          train(
              Stream.concat(Stream.of("--vocab", "265", "--to", other.toString()), Stream.of(args))
                  .toArray(String[]::new));
      assertThat(done.exitCode()).as(done.err()).isZero();
      assertThat(other).hasSameTextualContentAs(to);
      Files.delete(other);
    }
  }

  @Test
  void severalSourcesAreOneText() {
    Invocation done = train(at("a.txt"), at("a.txt"), "--vocab", "1000", "--to", to.toString());
    assertThat(done.out()).contains("text          62 bytes, 2 documents\n");
    assertThat(done.out()).contains(", not 1,000: no other pair occurs twice\n");
  }

  private void assertRefused(Invocation done, String... parts) {
    assertThat(done.err().strip().lines()).as(done.err()).hasSize(1);
    assertThat(done.err()).contains(parts);
    assertThat(done.exitCode()).isEqualTo(2);
  }

  @Test
  void badInputIsRefusedInOneLineAndNothingIsWritten() throws IOException {
    assertRefused(train(at("a.txt"), "--vocab", "256", "--to", to.toString()), "--vocab is 256");
    assertRefused(train(at("none"), "--vocab", "300", "--to", to.toString()), "no file");
    assertRefused(
        train(at("a.txt"), "--vocab", "300", "--set", "data.vocab=3"), "--set", "a.txt is none");
    assertRefused(train(at("run.yaml"), "--vocab", "300", "--field", "x"), "--field", "run.yaml");
    assertRefused(Invocation.of("tokenizer"), "expected: train");
    assertThat(to).doesNotExist();
    Files.writeString(to, "before");
    assertRefused(train(at("a.txt"), "--vocab", "300", "--to", to.toString()), "is there already");
    assertThat(to).hasContent("before");
  }
}
