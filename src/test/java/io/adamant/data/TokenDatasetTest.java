package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenDatasetTest {
  @TempDir Path folder;

  private TokenDataset open(DatasetSpec spec) {
    return TokenDataset.open(spec, folder.resolve("cache"), line -> {});
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static DatasetSpec bytes(Path corpus, double fraction) {
    return new DatasetSpec(corpus.toString(), "bytes", 257, Optional.empty(), fraction);
  }

  @Test
  void aWholeCorpusIsTokenizedOnceAndIsBothParts() throws IOException {
    String text = "abracadabra\n".repeat(500);
    Path corpus = write("whole.txt", text);
    List<String> told = new ArrayList<>();
    try (TokenDataset data =
            TokenDataset.openWhole(bytes(corpus, 0.05), folder.resolve("cache"), told::add);
        TokenDataset parted = open(bytes(corpus, 0.05))) {
      long tokens = text.length() + 1L; // with the end of text
      assertThat(data.validation().size()).isEqualTo(tokens);
      assertThat(data.train().size()).isEqualTo(tokens);
      long[] ids = new long[(int) tokens];
      data.validation().read(0, ids.length, ids, 0);
      assertThat(ids).startsWith('a', 'b', 'r').endsWith('a', '\n', 256);
      assertThat(data.statistics().validationBytes()).isEqualTo(text.length());
      // 2 bytes for each token: a store of both parts would have twice as many.
      assertThat(Files.size(data.stores().get(0))).isBetween(2 * tokens, 3 * tokens);
      assertThat(parted.stores()).isEqualTo(data.stores()); // the one of training on the same text
    }
    Path short2 = write("short.txt", "");
    assertThatThrownBy(
            () -> TokenDataset.openWhole(bytes(short2, 0.05), folder.resolve("cache"), told::add))
        .isInstanceOf(InputException.class);
  }

  /** 6.59 nats is the value of a separate count of the same corpus, split elsewhere. */
  @Test
  void wordNetAtTheQuickstartsVocabulary() {
    try (TokenDataset data = open(DatasetSpec.of("wordnet", "gpt2", 4096))) {
      DataStatistics statistics = data.statistics();
      assertThat(statistics.documents()).isEqualTo(117_791);
      assertThat(statistics.trainTokens() + statistics.validationTokens())
          .isEqualTo(data.train().size() + data.validation().size())
          .isBetween(2_850_000L, 2_870_000L);
      assertThat(statistics.validationTokens()).isBetween(140_000L, 146_000L);
      assertThat(statistics.unigramCrossEntropy()).isCloseTo(6.59, within(0.02));
      assertThat(data.description()).isEqualTo("WordNet 3.1 glosses");
      // Run ids contain this hash: it changes only with StoreHeader.VERSION or the corpus's order.
      assertThat(data.dataSha256())
          .isEqualTo("e7c4d1ee0799edd2f54bf489afcbb4a637ea76ea701d97af9241ec682a760637");
    }
  }

  @Test
  void wordNetKeepsFiftyThousandValidationTokens() {
    DatasetSpec spec = new DatasetSpec("wordnet", "gpt2", 1024, Optional.empty(), 1e-6);
    try (TokenDataset data = open(spec)) {
      assertThat(data.statistics().validationTokens()).isBetween(50_000L, 51_000L);
    }
  }

  @Test
  void wordNetsOrderIsPinned() {
    List<String> glosses = new WordNetCorpus().glosses();
    assertThat(glosses).hasSize(117_791).noneMatch(gloss -> !gloss.equals(gloss.strip()));
    assertThat(glosses.subList(0, 2))
        .containsExactly(
            "not circulating or flowing; \"dead air\"; \"dead water\"; \"stagnant water\"",
            "envy without restraint");
  }

  @Test
  void theUnigramCrossEntropyIsThatOfANaiveCount() throws IOException {
    Path train = write("train.txt", "abracadabra\n");
    Path validation = write("valid.txt", "bazaar\n");
    DatasetSpec spec =
        new DatasetSpec(train.toString(), "bytes", 257, Optional.of(validation.toString()), 0.05);
    try (TokenDataset data = open(spec)) {
      // "abracadabra\n" and end-of-text: 13 tokens, a 5, b 2, r 2, the others of "bazaar\n": 0 or
      // 1.
      double n = 13 + 257;
      double sum = 3 * Math.log(n / 6) + 2 * Math.log(n / 3);
      sum += Math.log(n / 1) + 2 * Math.log(n / 2);
      assertThat(data.statistics().unigramCrossEntropy()).isCloseTo(sum / 8, within(1e-12));
      assertThat(data.statistics().trainTokens()).isEqualTo(13);
      assertThat(data.statistics().validationTokens()).isEqualTo(8);
      assertThat(data.description()).isEqualTo("train.txt, validated on valid.txt");
      assertThat(data.files())
          .containsExactly(
              new DataFile(
                  train.toAbsolutePath().toString(), 12, new Sha256().add("abracadabra\n").hex()),
              new DataFile(
                  validation.toAbsolutePath().toString(), 7, new Sha256().add("bazaar\n").hex()));
      assertThat(data.tokenizer().vocabularySize()).isEqualTo(257);
    }
  }

  @Test
  void aTextOfOneDocumentIsCutInside() throws IOException {
    try (TokenDataset data = open(bytes(write("one.txt", "x".repeat(999)), 0.05))) {
      assertThat(data.train().size()).isEqualTo(950);
      assertThat(data.validation().size()).isEqualTo(50);
    }
  }

  @Test
  void aTextOfManyDocumentsIsCutAtTheNearestEnd() throws IOException {
    String text = ("y".repeat(11) + "\n<|endoftext|>\n").repeat(100); // 13 tokens each
    try (TokenDataset data = open(bytes(write("many.txt", text), 0.1))) {
      assertThat(data.train().size()).isEqualTo(90 * 13);
      assertThat(data.statistics().trainDocuments()).isEqualTo(90);
      assertThat(data.statistics().validationDocuments()).isEqualTo(10);
    }
    // 5.5 % of 1300 is 71.5, rounded 72: the nearest whole number of documents is 5 (65) or 6 (78).
    try (TokenDataset data = open(bytes(folder.resolve("many.txt"), 0.055))) {
      assertThat(data.validation().size()).isIn(65L, 78L);
    }
  }

  @Test
  void aFarEndOfADocumentDoesNotMoveTheCut() throws IOException {
    String text = "x".repeat(799) + "\n<|endoftext|>\n" + "y".repeat(198); // 801 and 199 tokens
    try (TokenDataset data = open(bytes(write("two.txt", text), 0.15))) {
      assertThat(data.validation().size()).isEqualTo(150);
    }
    try (TokenDataset data = open(bytes(folder.resolve("two.txt"), 0.19))) {
      assertThat(data.validation().size()).isEqualTo(199);
    }
  }

  @Test
  void refusesATextThatChangesWhileItIsRead() throws IOException {
    Path text = write("growing.txt", "some text\n");
    assertThatThrownBy(
            () ->
                TokenDataset.open(
                    bytes(text, 0.5), folder.resolve("cache"), line -> append(text, "and more\n")))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.corpus: growing.txt changed while it was read");
  }

  private static void append(Path file, String text) {
    try {
      Files.writeString(file, text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void refusesTextThatIsEmptyOrTooShort() throws IOException {
    for (String text : new String[] {"", "  \n\n", "<|endoftext|>\n"}) {
      Path empty = write("empty.txt", text);
      assertThatThrownBy(() -> open(bytes(empty, 0.05)))
          .isInstanceOf(InputException.class)
          .hasMessage("data.corpus: empty.txt holds no text");
      DatasetSpec spec =
          new DatasetSpec(
              write("good.txt", "good").toString(),
              "bytes",
              257,
              Optional.of(empty.toString()),
              0.05);
      assertThatThrownBy(() -> open(spec))
          .isInstanceOf(InputException.class)
          .hasMessage("data.validation_corpus: empty.txt holds no text");
    }
    for (double fraction : new double[] {0, 1, -0.1, Double.NaN}) {
      assertThatThrownBy(() -> bytes(folder, fraction))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("data.validation_fraction must be above 0 and below 1, found ");
    }
  }

  @Test
  void reportsProgress() throws IOException {
    Path text = write("a.txt", "some text");
    List<String> lines = new ArrayList<>();
    try (TokenDataset data =
        TokenDataset.open(bytes(text, 0.05), folder.resolve("c"), lines::add)) {
      assertThat(data.dataSha256()).matches("[0-9a-f]{64}");
    }
    assertThat(lines).singleElement().asString().startsWith("tokenized a.txt: 10 tokens in ");
  }

  @Test
  void theCacheIsWhereTheEnvironmentSays() {
    Path home = Path.of("/home/x");
    assertThat(CacheDirectory.of(Map.of(), () -> home))
        .isEqualTo(Path.of("/home/x/.cache/adamant"));
    assertThat(CacheDirectory.of(Map.of("XDG_CACHE_HOME", "/c"), () -> home))
        .isEqualTo(Path.of("/c/adamant"));
    assertThat(CacheDirectory.of(Map.of("XDG_CACHE_HOME", "relative"), () -> home))
        .isEqualTo(Path.of("/home/x/.cache/adamant"));
    assertThat(CacheDirectory.of(Map.of("XDG_CACHE_HOME", "/c", "ADAMANT_CACHE", "/a"), () -> home))
        .isEqualTo(Path.of("/a"));
  }
}
