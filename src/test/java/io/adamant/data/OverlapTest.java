package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** Documents of a sequence of tokens, and those of the validation part that stand in training. */
class OverlapTest {
  private static final int END = 0;

  @TempDir Path folder;

  /** A document as a test says it. */
  private record Document(long start, List<Integer> tokens) {}

  /** One token after the other, as the definition has it. */
  private static List<Document> naive(int[] tokens, boolean startsWhole) {
    List<Document> documents = new ArrayList<>();
    int start = startsWhole ? 0 : -1;
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] == END) {
        if (start >= 0 && i > start) {
          documents.add(
              new Document(
                  start, IntStream.rangeClosed(start, i).mapToObj(k -> tokens[k]).toList()));
        }
        start = i + 1;
      }
    }
    return documents;
  }

  /** What a scan finds, in the order of the tokens; equal hashes are equal tokens. */
  private static List<Document> scanned(int[] tokens, boolean startsWhole, int portion) {
    List<Document> found = Collections.synchronizedList(new ArrayList<>());
    Map<Documents.Name, List<Integer>> named = Collections.synchronizedMap(new HashMap<>());
    new Documents(TokenView.of(tokens), startsWhole, END)
        .forEach(
            portion,
            (start, length, name) -> {
              List<Integer> content =
                  Arrays.stream(tokens, (int) start, (int) (start + length)).boxed().toList();
              found.add(new Document(start, content));
              List<Integer> before = named.put(name, content);
              assertThat(before == null || before.equals(content)).isTrue();
            });
    assertThat(named).hasSize((int) found.stream().map(Document::tokens).distinct().count());
    return found.stream().sorted((a, b) -> Long.compare(a.start(), b.start())).toList();
  }

  @Property(tries = 500)
  void portionsGiveEveryDocumentOnce(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 3) Integer> tokens,
      @ForAll boolean startsWhole,
      @ForAll @IntRange(min = 1, max = 9) int portion) {
    int[] sequence = tokens.stream().mapToInt(Integer::intValue).toArray();
    assertThat(scanned(sequence, startsWhole, portion)).isEqualTo(naive(sequence, startsWhole));
  }

  /** Longer than what is read at once, and of 32-bit ids, of which two differ in the high half. */
  @Test
  void longDocumentsAndLargeVocabulariesToo() {
    int[] sequence = new int[5 * Census.CHUNK];
    Arrays.fill(sequence, 1);
    for (int end : new int[] {10, 2 * Census.CHUNK - 1, 2 * Census.CHUNK, 4 * Census.CHUNK + 5}) {
      sequence[end] = END;
    }
    for (int portion : new int[] {7_001, Census.CHUNK, Documents.PORTION}) {
      assertThat(scanned(sequence, true, portion)).isEqualTo(naive(sequence, true)).hasSize(3);
    }
    int[] alike = {1, END, 1 + (1 << 16), END};
    assertThat(scanned(alike, true, 2)).hasSize(2);
  }

  @Property(tries = 300)
  void countsAsAComparisonOfAllWithAll(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 2) Integer> training,
      @ForAll @Size(min = 1, max = 30) List<@IntRange(max = 2) Integer> validation,
      @ForAll boolean startsWhole) {
    int[] train = training.stream().mapToInt(Integer::intValue).toArray();
    int[] valid = validation.stream().mapToInt(Integer::intValue).toArray();
    long ends = validation.stream().filter(token -> token == END).count();
    Overlap overlap =
        Overlap.of(
            List.of(TokenView.of(train)),
            List.of(new Overlap.Part(TokenView.of(valid), startsWhole, ends)),
            END);
    Set<List<Integer>> known =
        naive(train, true).stream().map(Document::tokens).collect(Collectors.toSet());
    List<Document> wanted = naive(valid, startsWhole);
    List<Document> repeated = wanted.stream().filter(d -> known.contains(d.tokens())).toList();
    long tokens = repeated.stream().mapToLong(d -> d.tokens().size()).sum();
    // Pieces without their beginning or end; one that lacks both is one.
    boolean open = valid[valid.length - 1] != END;
    long cut = ends == 0 ? 1 : (startsWhole ? 0 : 1) + (open ? 1 : 0);
    assertThat(overlap)
        .isEqualTo(new Overlap(wanted.size(), repeated.size(), tokens, valid.length, cut));
  }

  private Path text(String name, String... documents) throws IOException {
    return Files.writeString(
        folder.resolve(name), String.join("\n<|endoftext|>\n", documents) + "\n");
  }

  private Optional<Overlap> overlap(String corpus, Optional<Path> validation) {
    DatasetSpec spec = new DatasetSpec(corpus, "bytes", 0, validation.map(Path::toString), 0.5);
    try (TokenDataset data = TokenDataset.open(spec, folder.resolve("cache"), line -> {})) {
      return data.overlap();
    }
  }

  @Test
  void ofACorpusOfItsPartAndOfAMixture() throws IOException {
    Path train = text("train.txt", "one", "two", "three", "four");
    Path validation = text("valid.txt", "two", "five", "two", "four");
    // "two\n" and end-of-text are 5 tokens, of 22 of the validation corpus.
    assertThat(overlap(train.toString(), Optional.of(validation)))
        .contains(new Overlap(4, 3, 16, 22, 0));
    Path halves = text("halves.txt", "same", "else", "same", "more");
    assertThat(overlap(halves.toString(), Optional.empty())).contains(new Overlap(2, 1, 6, 12, 0));
    String mixture =
        Stream.of(halves, train)
            .map(file -> "{\"path\": \"%s\", \"weight\": 1}".formatted(file))
            .collect(Collectors.joining(", ", "[", "]"));
    assertThat(overlap(mixture, Optional.of(validation))).contains(new Overlap(4, 3, 16, 22, 0));
    // Each half has "same"; the end of train.txt, "three" and "four", repeats nothing.
    assertThat(overlap(mixture, Optional.empty()))
        .hasValueSatisfying(found -> assertThat(found.repeated()).isEqualTo(1));
  }

  @Test
  void aDocumentThatTheSplitCutsIsLeftOutAndCounted() throws IOException {
    Path one = text("one.txt", "x".repeat(500));
    assertThat(overlap(one.toString(), Optional.empty())).contains(new Overlap(0, 0, 0, 251, 1));
  }

  @Test
  void theWarningSaysHowManyAndHowMuch() {
    assertThat(new Overlap(4005, 312, 780, 10_000, 0).warning())
        .contains(
            "312 of 4,005 validation documents (7.8 % of validation tokens) also stand in the training part");
    assertThat(new Overlap(4005, 0, 0, 10_000, 1).warning()).isEmpty();
  }

  @Test
  void theAnswerIsRememberedUntilTheDataChanges() throws IOException {
    Path train = text("train.txt", "one", "two");
    Optional<Path> validation = Optional.of(text("valid.txt", "two", "six"));
    Overlap first = overlap(train.toString(), validation).orElseThrow();
    assertThat(first.repeated()).isEqualTo(1);
    List<Path> files;
    try (Stream<Path> list = Files.list(folder.resolve("cache/overlaps"))) {
      files = list.toList();
    }
    assertThat(files).hasSize(1);
    Overlap told = new Overlap(2, 2, 9, first.validationTokens(), 0);
    Files.writeString(files.get(0), Json.line(told));
    assertThat(overlap(train.toString(), validation)).contains(told);
    for (String damaged : List.of("", "null", "{", "{\"documents\": 3}")) {
      Files.writeString(files.get(0), damaged);
      assertThat(overlap(train.toString(), validation)).as(damaged).contains(first);
    }
    text("train.txt", "one", "three");
    assertThat(overlap(train.toString(), validation).orElseThrow().repeated()).isZero();
  }

  @Test
  void aVocabularyOfWhichOnlyTheSizeIsKnownHasNoDocuments() throws IOException {
    Path shard = Files.write(folder.resolve("train.bin"), new byte[] {1, 0, 2, 0, 1, 0, 2, 0});
    DatasetSpec spec = new DatasetSpec(shard.toString(), "none", 3, Optional.empty(), 0.5);
    try (TokenDataset data = TokenDataset.open(spec, folder.resolve("cache"), line -> {})) {
      assertThat(data.overlap()).isEmpty();
    }
  }

  /** Not an assertion about us but about the embedded text: many glosses occur twice. */
  @Test
  void wordNetRepeatsGlosses() {
    DatasetSpec spec = DatasetSpec.of("wordnet", "gpt2", 4096);
    try (TokenDataset data = TokenDataset.open(spec, folder.resolve("cache"), line -> {})) {
      Overlap overlap = data.overlap().orElseThrow();
      List<String> glosses = new WordNetCorpus().glosses();
      int train = Math.toIntExact(data.statistics().trainDocuments());
      Set<String> known = Set.copyOf(new java.util.HashSet<>(glosses.subList(0, train)));
      long repeated = glosses.stream().skip(train).filter(known::contains).count();
      assertThat(overlap.documents()).isEqualTo(glosses.size() - train);
      assertThat(overlap.repeated()).isEqualTo(repeated);
      assertThat(overlap.cut()).isZero();
    }
  }
}
