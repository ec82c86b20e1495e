package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A validation part of whole documents, wherever they lie. */
class DocumentSplitTest {
  private static final int END = 256;

  @TempDir Path folder;

  private Path write(String name, List<String> documents) throws IOException {
    List<String> lines = documents.stream().map(text -> Json.line(Map.of("text", text))).toList();
    return Files.write(folder.resolve(name), lines);
  }

  private TokenDataset open(String corpus, String tokenizer, double fraction) {
    return TokenDataset.open(
        new DatasetSpec(corpus, tokenizer, 0, Optional.empty(), fraction, "", false, true),
        folder.resolve("cache"),
        line -> {});
  }

  private static List<String> documents(TokenView tokens) {
    List<String> documents = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int token : ids(tokens)) {
      if (token == END) {
        documents.add(text.toString());
        text.setLength(0);
      } else {
        text.append((char) token);
      }
    }
    assertThat(text).as("a document is whole").isEmpty();
    return documents;
  }

  private static int[] ids(TokenView tokens) {
    long[] all = new long[(int) tokens.size()];
    tokens.read(0, all.length, all, 0);
    return Arrays.stream(all).mapToInt(Math::toIntExact).toArray();
  }

  private static List<String> corpus(Random random) {
    int kinds = 2 + random.nextInt(40);
    return IntStream.range(0, 2 + random.nextInt(80))
        .mapToObj(i -> random.nextInt(kinds))
        .map(kind -> kind + "x".repeat(kind * kind % 37))
        .toList();
  }

  /** The place of a document in the order of hashes. */
  private static Documents.Name name(String document) {
    List<Documents.Name> names = new ArrayList<>();
    int[] ids = IntStream.concat(document.chars(), IntStream.of(END)).toArray();
    new Documents(TokenView.of(ids), true, END).forEach((start, length, name) -> names.add(name));
    return names.get(0);
  }

  /** Which documents a fraction holds out, from the definition. */
  private static Set<String> naive(List<String> corpus, double fraction) {
    Comparator<Documents.Name> order =
        (a, b) ->
            a.high() == b.high()
                ? Long.compareUnsigned(a.low(), b.low())
                : Long.compareUnsigned(a.high(), b.high());
    List<String> kinds =
        corpus.stream()
            .distinct()
            .sorted(Comparator.comparing(DocumentSplitTest::name, order))
            .toList();
    long all = corpus.stream().mapToLong(text -> text.length() + 1).sum();
    long wanted = Math.round(fraction * all);
    long tokens = 0;
    long nearest = Long.MAX_VALUE;
    int best = 0;
    for (int count = 1; count < kinds.size(); count++) {
      String kind = kinds.get(count - 1);
      tokens += corpus.stream().filter(kind::equals).count() * (kind.length() + 1);
      // The corpus' least number of tokens here is one.
      if (Math.abs(tokens - wanted) < nearest) {
        nearest = Math.abs(tokens - wanted);
        best = count;
      }
    }
    return Set.copyOf(kinds.subList(0, best));
  }

  @Test
  void holdsOutWholeDocumentsWithAllTheirCopies() throws IOException {
    Random random = new Random(20);
    for (int i = 0; i < 40; i++) {
      List<String> corpus = corpus(random);
      if (corpus.stream().distinct().count() < 2) {
        continue;
      }
      double fraction = new double[] {0.02, 0.1, 0.5, 0.97}[i % 4];
      Set<String> held = naive(corpus, fraction);
      List<String> validation = corpus.stream().filter(held::contains).toList();
      List<String> training = corpus.stream().filter(text -> !held.contains(text)).toList();
      String file = write(i + ".jsonl", corpus).toString();
      DatasetSpec twoFiles =
          new DatasetSpec(
              write(i + "-train.jsonl", training).toString(),
              "bytes",
              0,
              Optional.of(write(i + "-valid.jsonl", validation).toString()),
              0.5);
      for (int start = 0; start < 2; start++) { // the second time from what is remembered
        try (TokenDataset data = open(file, "bytes", fraction);
            TokenDataset same = TokenDataset.open(twoFiles, folder.resolve("cache"), line -> {})) {
          assertThat(documents(data.validation())).as("corpus %s", i).isEqualTo(validation);
          assertThat(documents(data.train())).isEqualTo(training);
          // Bytes, hash of the text, counts, cross-entropy and identity: those of two files.
          assertThat(data.statistics()).isEqualTo(same.statistics());
          assertThat(data.dataSha256()).isEqualTo(same.dataSha256());
          assertThat(data.overlap().orElseThrow().repeated()).isZero();
          assertThat(data.overlap().orElseThrow().cut()).isZero();
          assertThat(data.overlap().orElseThrow().documents()).isEqualTo(validation.size());
        }
      }
    }
  }

  @Test
  void aLargerFractionHoldsOutTheSameAndMore() throws IOException {
    List<String> corpus =
        IntStream.range(0, 2000).mapToObj(i -> "document " + i + " ".repeat(i % 9) + "!").toList();
    String file = write("many.jsonl", corpus).toString();
    Set<String> before = new HashSet<>();
    for (double fraction : new double[] {0.01, 0.05, 0.3}) {
      try (TokenDataset data = open(file, "bytes", fraction)) {
        Set<String> held = Set.copyOf(documents(data.validation()));
        assertThat(held).containsAll(before);
        before.addAll(held);
        long all = data.train().size() + data.validation().size();
        // Half of the longest document, which has 23 tokens.
        assertThat(Math.abs(data.validation().size() - fraction * all)).isLessThanOrEqualTo(12);
      }
    }
    assertThat(before)
        .anyMatch(text -> text.startsWith("document 1 ") || text.matches(".* \\d\\d .*"));
  }

  /** Of a tokenizer that does not keep every character, too. */
  @Test
  void bytesAreThoseOfTheTextWhateverTheTokenizer() throws IOException {
    List<String> corpus =
        IntStream.range(0, 200)
            .mapToObj(i -> "The  WORDS Größe " + "word ".repeat(i % 23) + (char) ('a' + i % 26))
            .toList();
    String file = write("text.jsonl", corpus).toString();
    String tokenizer = TokenizerFixtures.wordPiece().write(folder).toString();
    try (TokenDataset data = open(file, tokenizer, 0.2);
        TokenDataset bytes = open(file, "bytes", 0.2)) {
      DataStatistics statistics = data.statistics();
      long all = corpus.stream().mapToLong(text -> text.length() + 2).sum(); // ö and ß are two
      assertThat(statistics.trainBytes() + statistics.validationBytes()).isEqualTo(all);
      assertThat(bytes.statistics().trainBytes() + bytes.statistics().validationBytes())
          .isEqualTo(all);
      assertThat(statistics.validationBytes())
          .as("a fifth, and more than ten bytes a token")
          .isBetween(all / 10, all / 3);
      assertThat(statistics.validationText()).hasSize(64);
    }
  }

  @Test
  void shardsAreSplitLikeTheirText() throws IOException {
    List<String> corpus = IntStream.range(0, 90).mapToObj(i -> "text " + i * 7 % 60).toList();
    String text = write("text.jsonl", corpus).toString();
    try (TokenDataset data = open(text, "bytes", 0.1)) {
      int[] ids =
          corpus.stream()
              .flatMapToInt(each -> IntStream.concat(each.chars(), IntStream.of(END)))
              .toArray();
      ByteBuffer bytes = ByteBuffer.allocate(2 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
      Arrays.stream(ids).forEach(id -> bytes.putShort((short) id));
      int middle = 402; // within a document
      Files.write(folder.resolve("a.bin"), Arrays.copyOf(bytes.array(), middle));
      Files.write(
          folder.resolve("b.bin"), Arrays.copyOfRange(bytes.array(), middle, 2 * ids.length));
      try (TokenDataset shards = open(folder.resolve("*.bin").toString(), "bytes", 0.1)) {
        assertThat(shards.dataSha256()).isEqualTo(data.dataSha256());
        assertThat(shards.statistics())
            .usingRecursiveComparison()
            .ignoringFields("validationText") // which ids alone do not tell
            .isEqualTo(data.statistics());
      }
    }
  }

  /** As a shard has one that goes on in a file that is not read. */
  @Test
  void aDocumentWithoutAnEndIsTrainedOn() throws IOException {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      ids.addAll(List.of(i, 41, END));
    }
    ids.addAll(List.of(7, 8));
    ByteBuffer bytes = ByteBuffer.allocate(2 * ids.size()).order(ByteOrder.LITTLE_ENDIAN);
    ids.forEach(id -> bytes.putShort(id.shortValue()));
    Path shard = Files.write(folder.resolve("ids.bin"), bytes.array());
    try (TokenDataset data = open(shard.toString(), "bytes", 0.1)) {
      assertThat(ids(data.train())).endsWith(END, 7, 8);
      assertThat(data.validation().size()).isEqualTo(12);
      assertThat(data.overlap()).contains(new Overlap(4, 0, 0, 12, 0));
    }
  }

  @Test
  void eachSourceOfAMixtureIsSplitByItself() throws IOException {
    Path a = write("a.jsonl", IntStream.range(0, 50).mapToObj(i -> "a" + i % 40).toList());
    Path b = write("b.jsonl", IntStream.range(0, 70).mapToObj(i -> "b" + i).toList());
    String mixture =
        Stream.of(a, b)
            .map(file -> "{\"path\": \"%s\", \"weight\": 1}".formatted(file))
            .collect(Collectors.joining(", ", "[", "]"));
    try (TokenDataset data = open(mixture, "bytes", 0.1);
        TokenDataset first = open(a.toString(), "bytes", 0.1);
        TokenDataset second = open(b.toString(), "bytes", 0.1)) {
      List<String> held = new ArrayList<>(documents(first.validation()));
      held.addAll(documents(second.validation()));
      assertThat(documents(data.validation())).isEqualTo(held);
      assertThat(data.train().parts()).hasSize(2);
      assertThat(ids(data.train().parts().get(1).tokens())).isEqualTo(ids(second.train()));
      assertThat(data.statistics().validationDocuments()).isEqualTo(held.size());
    }
  }

  @Test
  void whatIsRememberedAndDamagedIsMadeAgain() throws IOException {
    String file =
        write("a.jsonl", IntStream.range(0, 50).mapToObj(i -> "a" + i).toList()).toString();
    DataStatistics whole;
    try (TokenDataset data = open(file, "bytes", 0.2)) {
      whole = data.statistics();
    }
    Path memory;
    try (Stream<Path> files = Files.list(folder.resolve("cache/derived"))) {
      memory = files.findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(memory);
    for (int at : new int[] {0, 40, StoreHeader.BYTES, good.length - 1}) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(memory, bad);
      try (TokenDataset data = open(file, "bytes", 0.2)) {
        assertThat(data.statistics()).isEqualTo(whole);
        assertThat(documents(data.validation())).allMatch(text -> text.startsWith("a"));
      }
      assertThat(Files.readAllBytes(memory)).isEqualTo(good);
    }
    for (int length : new int[] {0, 100, StoreHeader.BYTES, good.length - 8}) {
      Files.write(memory, Arrays.copyOf(good, length));
      try (TokenDataset data = open(file, "bytes", 0.2)) {
        assertThat(data.statistics()).isEqualTo(whole);
      }
    }
  }

  @Test
  void refusesWhatHasNoTwoDocuments() throws IOException {
    String one = write("one.jsonl", List.of("only")).toString();
    String same = write("same.jsonl", List.of("same", "same", "same")).toString();
    for (String corpus : List.of(one, same)) {
      assertThatThrownBy(() -> open(corpus, "bytes", 0.1))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "data.validation_split is documents; allowed: tokens where, as in %s, there are no two different documents",
              Path.of(corpus).getFileName());
    }
    Path ids = Files.write(folder.resolve("x.bin"), new byte[] {1, 0, 2, 0, 1, 0, 2, 0});
    assertThatThrownBy(
            () ->
                TokenDataset.open(
                    new DatasetSpec(
                        ids.toString(), "none", 3, Optional.empty(), 0.5, "", false, true),
                    folder.resolve("cache"),
                    line -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "data.validation_split is documents; allowed: tokens with tokenizer none");
  }

  @Property(tries = 400)
  void stretchesReadAsIfTheyWereCopied(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 3) Integer> gaps,
      @ForAll @IntRange(min = 0, max = 40) int from,
      @ForAll @IntRange(min = 0, max = 40) int length) {
    List<Long> places = new ArrayList<>();
    List<Integer> inside = new ArrayList<>();
    List<Integer> outside = new ArrayList<>();
    int at = 0;
    for (int gap : gaps) {
      IntStream.range(at, at + gap).forEach(outside::add);
      places.add((long) at + gap);
      places.add(gap + 1L);
      IntStream.range(at + gap, at + 2 * gap + 1).forEach(inside::add);
      at += 2 * gap + 1;
    }
    IntStream.range(at, at + from % 3).forEach(outside::add);
    at += from % 3;
    TokenView all = TokenView.of(IntStream.range(0, at).toArray());
    long[] numbers = places.stream().mapToLong(Long::longValue).toArray();
    check(SelectedView.of(all, numbers), inside, from, length);
    check(SelectedView.without(all, numbers), outside, from, length);
  }

  private static void check(TokenView view, List<Integer> tokens, int from, int length) {
    assertThat(view.size()).isEqualTo(tokens.size());
    long[] read = new long[length + 1];
    if (from + length > tokens.size()) {
      assertThatThrownBy(() -> view.read(from, length, read, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      return;
    }
    view.read(from, length, read, 1);
    assertThat(Arrays.stream(read).skip(1).mapToObj(Math::toIntExact).toList())
        .isEqualTo(tokens.subList(from, from + length));
  }
}
