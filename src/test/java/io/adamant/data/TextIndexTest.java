package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes of a text and its identity, whatever the tokenizer and the format. */
class TextIndexTest {

  @TempDir Path folder;

  private DataStatistics statistics(String tokenizer, Path corpus, Optional<Path> validation) {
    DatasetSpec spec =
        new DatasetSpec(
            corpus.toString(),
            tokenizer,
            0,
            validation.map(Path::toString),
            DatasetSpec.DEFAULT_VALIDATION_FRACTION);
    try (TokenDataset data = TokenDataset.open(spec, folder.resolve("cache"), line -> {})) {
      DataStatistics statistics = data.statistics();
      assertThat(text(data.train(), data.tokenizer())).hasSize((int) statistics.trainBytes());
      assertThat(text(data.validation(), data.tokenizer()))
          .hasSize((int) statistics.validationBytes());
      return statistics;
    }
  }

  /** What the tokens decode to, without ends of text. */
  private static byte[] text(TokenView tokens, Tokenizer tokenizer) {
    long[] all = new long[(int) tokens.size()];
    tokens.read(0, all.length, all, 0);
    int[] ids =
        Arrays.stream(all)
            .mapToInt(id -> (int) id)
            .filter(t -> t != tokenizer.endOfText())
            .toArray();
    return tokenizer.decode(ids).getBytes(StandardCharsets.UTF_8);
  }

  private Path write(String name, int documents, String separator) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < documents; i++) {
      text.append(separator.isEmpty() ? "{\"text\": \"" : "");
      text.append("Größe %s: naïve 漢字 and words, %s.".formatted(i, "x".repeat(i % 7)));
      text.append(separator.isEmpty() ? "\"}\n" : separator);
    }
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void bytesAreThoseOfTheTextWhereverItIsSplit() throws IOException {
    Path corpus = write("a.txt", 3000, "\n<|endoftext|>\n"); // some 200 KB: several portions
    DataStatistics bytes = statistics("bytes", corpus, Optional.empty());
    DataStatistics gpt2 = statistics("gpt2", corpus, Optional.empty());
    long total = bytes.trainBytes() + bytes.validationBytes();
    assertThat(gpt2.trainBytes() + gpt2.validationBytes()).isEqualTo(total);
    assertThat(total).isEqualTo(Files.size(corpus) - LongStream.range(0, 3000).map(i -> 14).sum());
    assertThat(bytes.bitsPerByte(Math.log(2)))
        .as("one bit a token: a byte a token, and ends of text")
        .isEqualTo(bytes.validationTokens() / (double) bytes.validationBytes(), within(1e-12));
    assertThat(gpt2.bitsPerByte(1.0)).isLessThan(0.8 * bytes.bitsPerByte(1.0));
  }

  @Test
  void oneValidationTextIsTheSameForAllTokenizersAndFormats() throws IOException {
    Path corpus = write("a.txt", 300, "\n<|endoftext|>\n");
    Path validation = write("v.jsonl", 100, "");
    DataStatistics bytes = statistics("bytes", corpus, Optional.of(validation));
    DataStatistics gpt2 = statistics("gpt2", corpus, Optional.of(validation));
    assertThat(bytes.validationText()).isEqualTo(gpt2.validationText()).hasSize(64);
    assertThat(bytes.validationBytes()).isEqualTo(gpt2.validationBytes());
    Path other = write("w.jsonl", 101, "");
    assertThat(statistics("bytes", corpus, Optional.of(other)).validationText())
        .isNotEqualTo(bytes.validationText());
  }
}
