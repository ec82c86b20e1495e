package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several sources: one after the other, or a mixture by weights. */
class MixtureTest {
  private static final int CONTEXT = 8;

  @TempDir Path folder;

  /** A text of documents that hold nothing but one letter. */
  private Path letters(String letter, int documents) throws IOException {
    String document = letter.repeat(29) + "\n<|endoftext|>\n";
    return Files.writeString(folder.resolve(letter + ".txt"), document.repeat(documents));
  }

  private TokenDataset open(String corpus, Optional<String> validation) {
    DatasetSpec spec = new DatasetSpec(corpus, "bytes", 0, validation, 0.1);
    return TokenDataset.open(spec, folder.resolve("cache"), line -> {});
  }

  private static String entry(Path file, String weight) {
    return "{\"path\": \"%s\", \"weight\": %s}".formatted(file, weight);
  }

  private static String list(String... entries) {
    return "[" + String.join(", ", entries) + "]";
  }

  private static long[] all(TokenView tokens) {
    long[] all = new long[(int) tokens.size()];
    tokens.read(0, all.length, all, 0);
    return all;
  }

  @Property(tries = 300)
  void afterEverySequenceEachSourceIsOffByLessThanOne(
      @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 1, max = 60) Integer> weights) {
    int divisor = weights.stream().reduce(0, MixtureTest::gcd);
    int[] proportions = weights.stream().mapToInt(w -> w / divisor).toArray();
    int sum = Arrays.stream(proportions).sum();
    MixtureOrder order = new MixtureOrder(proportions);
    long[] drawn = new long[proportions.length];
    for (long g = 0; g < 3L * sum + 5; g++) {
      for (int k = 0; k < proportions.length; k++) {
        assertThat(order.before(g, k)).isEqualTo(drawn[k]);
        // |n − g w/W| < 1, in whole numbers.
        assertThat(Math.abs(drawn[k] * sum - g * proportions[k])).isLessThan(sum);
      }
      drawn[order.source(g)]++;
    }
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  @Test
  void farFromTheStartAndWithLongPeriodsToo() {
    MixtureOrder order = new MixtureOrder(new int[] {700_001, 200_000, 99_999});
    long far = 123_456_789_012_345L;
    long sum = 0;
    for (int k = 0; k < 3; k++) {
      long before = order.before(far, k);
      sum += before;
      double share = new int[] {700_001, 200_000, 99_999}[k] / 1e6;
      assertThat((double) before).isCloseTo(far * share, within(1.1));
    }
    assertThat(sum).isEqualTo(far);
  }

  @ParameterizedTest
  @CsvSource({
    "3;1, 3;1",
    "6;2, 3;1",
    "0.75;0.25, 3;1",
    "1e1;5, 2;1",
    "0.1;0.2;0.3, 1;2;3",
    "100, 1"
  })
  void weightsBecomeWholeNumbersInTheirProportion(String weights, String proportions) {
    List<BigDecimal> written = Stream.of(weights.split(";", -1)).map(BigDecimal::new).toList();
    assertThat(Mixture.proportions("k", written))
        .containsExactly(
            Stream.of(proportions.split(";", -1)).map(Integer::valueOf).toArray(Integer[]::new));
  }

  @Test
  void anUnusualProportionIsRefused() {
    List<BigDecimal> weights = List.of(new BigDecimal("0.3333333"), BigDecimal.ONE);
    assertThatThrownBy(() -> Mixture.proportions("data.corpus", weights))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("whose sum is 13333333; allowed: at most 1000000, so round them");
  }

  @Test
  void everyBatchHasItsShareAndIsAFunctionOfItsStep() throws IOException {
    String corpus =
        list(
            entry(letters("a", 40), "3"),
            entry(letters("b", 9), "1"),
            entry(letters("c", 30), "1"));
    try (TokenDataset data = open(corpus, Optional.empty())) {
      int batch = 7;
      Batches batches = new Batches(data.train(), batch, CONTEXT, 5);
      long[] drawn = new long[3];
      long[][] seen = new long[60][];
      long[] targets = new long[batch * CONTEXT];
      for (int step = 0; step < 60; step++) {
        seen[step] = new long[batch * CONTEXT];
        batches.fill(step, 0, batch, seen[step], targets);
        for (int row = 0; row < batch; row++) {
          long[] window = Arrays.copyOfRange(seen[step], row * CONTEXT, (row + 1) * CONTEXT);
          long[] letters =
              Arrays.stream(window).filter(t -> t >= 'a' && t < 'd').distinct().toArray();
          assertThat(letters).as("sources never mix in a window").hasSize(1);
          drawn[(int) letters[0] - 'a']++;
        }
        double g = (step + 1) * batch;
        assertThat(drawn[0]).isCloseTo(Math.round(g * 0.6), within(1L));
        assertThat(Math.abs(drawn[0] - g * 0.6)).isLessThan(1);
        assertThat(Math.abs(drawn[1] - g * 0.2)).isLessThan(1);
        assertThat(Math.abs(drawn[2] - g * 0.2)).isLessThan(1);
      }
      // Entered anywhere, by another object and another division into micro-batches.
      Batches again = new Batches(data.train(), batch, CONTEXT, 5);
      for (int step : new int[] {59, 17, 0}) {
        long[] some = new long[CONTEXT];
        for (int row = batch - 1; row >= 0; row--) {
          again.fill(step, row, 1, some, new long[CONTEXT]);
          assertThat(some)
              .isEqualTo(Arrays.copyOfRange(seen[step], row * CONTEXT, (row + 1) * CONTEXT));
        }
      }
      // b has 9/40 of a's text and a third of its weight.
      assertThat(batches.epochs(60 * 7)).isEqualTo(60 * 7 * 0.2 / windows(data, 1));
      assertThat(batches.epochsWarning(600, 600 * 7).orElseThrow())
          .contains("training text of b.txt ");
    }
  }

  private static long windows(TokenDataset data, int source) {
    return data.train().parts().get(source).tokens().size() / CONTEXT;
  }

  /** Each source's windows are each drawn once in each of its epochs. */
  @Test
  void eachSourceHasEpochsOfItsOwn() {
    TokenView small = TokenView.of(IntStream.range(0, 40).toArray());
    TokenView large = TokenView.of(IntStream.range(1000, 1900).toArray());
    TokenView mixed =
        JoinedView.ofSources(
            List.of(new TokenView.Part("s", small, 2), new TokenView.Part("l", large, 1)));
    Batches batches = new Batches(mixed, 1, 10, 3);
    BitSet targets = new BitSet();
    long[] in = new long[10];
    long[] out = new long[10];
    int ofSmall = 0;
    for (int g = 0; ofSmall < 4; g++) {
      batches.fill(g, 0, 1, in, out);
      if (in[0] < 1000) {
        ofSmall++;
        Arrays.stream(out).forEach(t -> targets.set((int) t));
      }
    }
    assertThat(targets.cardinality()).isEqualTo(40);
  }

  /** A source alone, or with any weight alone, is read as it always was. */
  @Test
  void oneSourceIsNoMixture() throws IOException {
    Path a = letters("a", 30);
    try (TokenDataset plain = open(a.toString(), Optional.empty());
        TokenDataset weighted = open(list(entry(a, "7")), Optional.empty())) {
      assertThat(weighted.dataSha256()).isEqualTo(plain.dataSha256());
      long[] one = new long[CONTEXT];
      long[] other = new long[CONTEXT];
      new Batches(plain.train(), 1, CONTEXT, 1).fill(3, 0, 1, one, new long[CONTEXT]);
      new Batches(weighted.train(), 1, CONTEXT, 1).fill(3, 0, 1, other, new long[CONTEXT]);
      assertThat(other).isEqualTo(one);
    }
  }

  @Test
  void eachSourceIsSplitByItselfAndCounted() throws IOException {
    Path a = letters("a", 100);
    Path b = letters("b", 20);
    try (TokenDataset data = open(list(entry(a, "1"), entry(b, "1")), Optional.empty())) {
      // Documents are 31 tokens: 30 bytes and end-of-text; 10 % of each source is held out.
      long[] validation = all(data.validation());
      assertThat(Arrays.stream(validation).filter(t -> t == 'a').count()).isEqualTo(290);
      assertThat(Arrays.stream(validation).filter(t -> t == 'b').count()).isEqualTo(58);
      assertThat(data.train().size() + data.validation().size()).isEqualTo(120 * 31);
      DataStatistics statistics = data.statistics();
      assertThat(statistics.documents()).isEqualTo(120);
      assertThat(statistics.validationDocuments()).isEqualTo(12);
      double pa = 0.5 * (90 * 29 + 1) / (90 * 31 + 257.0) + 0.5 / (18 * 31 + 257.0);
      double pb = 0.5 * (18 * 29 + 1) / (18 * 31 + 257.0) + 0.5 / (90 * 31 + 257.0);
      double rest = 0.5 * 91 / (90 * 31 + 257.0) + 0.5 * 19 / (18 * 31 + 257.0);
      assertThat(statistics.unigramCrossEntropy())
          .isCloseTo(
              -(290 * Math.log(pa) + 58 * Math.log(pb) + 24 * Math.log(rest)) / (12 * 31),
              within(1e-12));
      assertThat(data.description()).isEqualTo("mixture of 1 x a.txt, 1 x b.txt");
    }
  }

  @Test
  void aValidationCorpusLeavesEverySourceWhole() throws IOException {
    Path a = letters("a", 10);
    Path b = letters("b", 10);
    Path v = letters("v", 5);
    try (TokenDataset data = open(list(entry(a, "1"), entry(b, "2")), Optional.of(v.toString()))) {
      assertThat(data.train().size()).isEqualTo(20 * 31);
      assertThat(all(data.validation())).contains('v').doesNotContain('a', 'b').hasSize(5 * 31);
      assertThat(data.statistics().documents()).isEqualTo(25);
    }
  }

  /** And the data set is the one of sources that are tokenized with it one by one. */
  @Test
  void aValidationCorpusIsTokenizedOnce() throws IOException {
    Path a = letters("a", 10);
    Path b = letters("b", 11);
    Path c = letters("c", 12);
    Path v = letters("v", 5);
    DatasetSpec spec =
        new DatasetSpec(
            list(entry(a, "1"), entry(b, "2"), entry(c, "4")),
            "bytes",
            0,
            Optional.of(v.toString()),
            0.1);
    List<String> progress = new ArrayList<>();
    String sha;
    try (TokenDataset data = TokenDataset.open(spec, folder.resolve("cache"), progress::add)) {
      sha = data.dataSha256();
      assertThat(data.statistics().validationBytes()).isEqualTo(5 * 30);
      assertThat(data.statistics().trainBytes()).isEqualTo(33 * 30);
    }
    assertThat(progress.stream().filter(line -> line.startsWith("tokenized v.txt"))).hasSize(1);
    assertThat(progress.stream().filter(line -> line.startsWith("tokenized "))).hasSize(4);
    Sha256 expected = new Sha256().add("adamant mixture 1\n");
    int weight = 1;
    for (Path source : List.of(a, b, c)) {
      try (TokenDataset data = open(source.toString(), Optional.of(v.toString()))) {
        expected.add("weight %s tokens %s\n".formatted(weight, data.dataSha256()));
      }
      weight *= 2;
    }
    assertThat(sha).isEqualTo(expected.hex());
    progress.clear();
    try (TokenDataset again = TokenDataset.open(spec, folder.resolve("cache"), progress::add)) {
      assertThat(again.dataSha256()).isEqualTo(sha);
    }
    assertThat(progress).isEmpty();
  }

  @Test
  void theIdentityIsOfTextsAndProportions() throws IOException {
    Path a = letters("a", 10);
    Path b = letters("b", 10);
    String first = sha(list(entry(a, "1"), entry(b, "3")));
    assertThat(sha(list(entry(a, "0.25"), entry(b, "0.75")))).isEqualTo(first);
    assertThat(sha(list(entry(a, "1"), entry(b, "2")))).isNotEqualTo(first);
    assertThat(sha(list(entry(b, "3"), entry(a, "1")))).isNotEqualTo(first);
    assertThat(sha(list("\"" + a + "\"", "\"" + b + "\""))).isNotEqualTo(first);
  }

  private String sha(String corpus) {
    try (TokenDataset data = open(corpus, Optional.empty())) {
      return data.dataSha256();
    }
  }

  /** However it is named: as a folder, a pattern or a list, and however it is compressed. */
  @Test
  void withoutWeightsSourcesAreReadOneAfterTheOther() throws IOException {
    Path a = letters("a", 10);
    Path b = letters("b", 10);
    Path both = Files.createDirectories(folder.resolve("both"));
    Files.copy(a, both.resolve("1.txt"));
    Files.copy(b, both.resolve("2.txt"));
    String expected = sha(both.toString());
    assertThat(sha(list("\"" + a + "\"", "{\"path\": \"" + b + "\"}"))).isEqualTo(expected);
    assertThat(sha(both + "/*.txt")).isEqualTo(expected);
    assertThat(sha(list("\"" + b + "\"", "\"" + a + "\""))).isNotEqualTo(expected);
    Path json = folder.resolve("b.jsonl");
    Files.writeString(json, ("{\"content\": \"" + "b".repeat(29) + "\\n\"}\n").repeat(10));
    assertThat(
            sha(
                list(
                    "\"" + a + "\"", "{\"path\": \"%s\", \"field\": \"content\"}".formatted(json))))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | data.corpus is an empty list; allowed: at least one source",
        "[7] | data.corpus entry 1 is 7; allowed: a path, or a mapping with path, field, nulls, weight",
        "[\"a\", {\"field\": \"x\"}] | data.corpus entry 2 has no path",
        "{\"path\": \"a\", \"wieght\": 1} | data.corpus: unknown key 'wieght' (did you mean 'weight'?); allowed",
        "{\"path\": \"a\", \"nulls\": \"keep\"} | data.corpus: nulls is keep; allowed: refuse, skip",
        "{\"path\": \"a\", \"field\": \" \"} | data.corpus: field is empty",
        "{\"path\": \"a\", \"weight\": 0} | data.corpus: weight is 0; allowed: a number above 0",
        "{\"path\": \"a\", \"weight\": -1} | weight is -1; allowed",
        "{\"path\": \"a\", \"weight\": \"NaN\"} | weight is NaN; allowed",
        "{\"path\": \"a\", \"weight\": 1e999999} | weight is ",
        "[{\"path\": \"a\", \"weight\": 1}, \"b\"] | data.corpus: 1 of 2 sources have a weight; allowed: all of them",
        "[\"nowhere.txt\", \"b\"] | data.corpus: no file or directory 'nowhere.txt'",
      })
  void whatIsNoSourceIsRefused(String corpus, String message) {
    assertThatThrownBy(() -> open(corpus, Optional.empty()))
        .isInstanceOf(InputException.class)
        .hasMessageNotContaining("\n")
        .hasMessageContaining(message);
  }

  @Test
  void weightsOfAValidationCorpusAreRefused() throws IOException {
    Path a = letters("a", 10);
    String mixture = list(entry(a, "1"), entry(a, "1"));
    assertThatThrownBy(() -> open(a.toString(), Optional.of(mixture)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.validation_corpus has weights; allowed");
  }

  @Test
  void aSourceShorterThanAWindowIsNamed() throws IOException {
    Path a = letters("a", 100);
    Path b = Files.writeString(folder.resolve("tiny.txt"), "few words");
    try (TokenDataset data = open(list(entry(a, "1"), entry(b, "1")), Optional.empty())) {
      assertThatThrownBy(() -> new Batches(data.train(), 1, 64, 1))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "model.context: a window of 64 + 1 tokens is larger than the training text of"
                  + " tiny.txt, which has 9 tokens");
    }
  }

  @Property(tries = 200)
  void joinedViewsReadAcrossTheirBorders(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 9) Integer> sizes,
      @ForAll @IntRange(min = 0, max = 40) int start,
      @ForAll @IntRange(min = 0, max = 40) int count) {
    int total = sizes.stream().mapToInt(Integer::intValue).sum();
    Assume.that(start + count <= total);
    int[] next = {0};
    List<TokenView.Part> parts =
        sizes.stream()
            .map(
                size ->
                    new TokenView.Part(
                        "",
                        TokenView.of(IntStream.range(0, size).map(i -> next[0]++).toArray()),
                        1))
            .toList();
    long[] read = new long[count + 2];
    JoinedView.ofSources(parts).read(start, count, read, 2);
    assertThat(Arrays.copyOfRange(read, 2, read.length))
        .isEqualTo(IntStream.range(start, start + count).asLongStream().toArray());
  }
}
