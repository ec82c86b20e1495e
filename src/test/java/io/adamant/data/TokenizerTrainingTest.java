package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokenizers of one's own text. The merges and ids in {@code tokenizers/mixed.*} are those of
 * Hugging Face's tokenizers 0.23.2 (Python): {@code BpeTrainer(vocab_size=657, min_frequency=2,
 * special_tokens=["<|endoftext|>"], initial_alphabet=ByteLevel.alphabet())}, one document after the
 * other.
 */
class TokenizerTrainingTest {
  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(TokenizerTrainingTest.class.getResource("/tokenizers/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TokenizerTraining train(Object corpus, int vocab) {
    return TokenizerTraining.train("CORPUS", corpus.toString(), false, vocab, line -> {});
  }

  private static List<String> merges(TokenizerTraining trained) throws IOException {
    List<String> merges = new ArrayList<>();
    JsonNode root = Json.MAPPER.readTree(trained.json());
    root.path("model").path("merges").forEach(merge -> merges.add(merge.asText()));
    return merges;
  }

  private static List<String> documents() throws IOException {
    List<String> documents = new ArrayList<>();
    for (String line : Files.readAllLines(resource("mixed.jsonl"))) {
      documents.add(Json.MAPPER.readTree(line).path("text").asText());
    }
    return documents;
  }

  @Test
  void mergesAndIdsAreThoseOfHuggingFacesTrainer() throws IOException {
    TokenizerTraining trained = train(resource("mixed.jsonl"), 657);
    assertThat(merges(trained)).isEqualTo(Files.readAllLines(resource("mixed.merges.txt")));
    assertThat(trained.vocab()).isEqualTo(257 + 279);
    assertThat(trained.documents()).isEqualTo(12);
    List<String> ids = Files.readAllLines(resource("mixed.ids.txt"));
    Path file = Files.writeString(folder.resolve("own.json"), trained.json());
    try (Tokenizer tokenizer = Tokenizer.of(file.toString(), 0)) {
      long tokens = 0;
      List<String> documents = documents();
      for (int i = 0; i < documents.size(); i++) {
        int[] encoded = tokenizer.encode(documents.get(i));
        int[] expected = Arrays.stream(ids.get(i).split(" ")).mapToInt(Integer::parseInt).toArray();
        assertThat(encoded).isEqualTo(expected);
        assertThat(tokenizer.decode(encoded)).isEqualTo(documents.get(i));
        tokens += encoded.length;
      }
      assertThat(trained.bytesPerToken()).isEqualTo((double) trained.bytes() / tokens);
      assertThat(tokenizer.vocabularySize()).isEqualTo(trained.vocab());
      assertThat(tokenizer.endOfText()).isZero();
      assertThat(tokenizer.cuts()).isEqualTo(CutRule.SPACES_AND_LINES);
    }
  }

  @Test
  void aSmallerVocabularyIsTheBeginningOfALargerOne() throws IOException {
    List<String> all = merges(train(resource("mixed.jsonl"), 657));
    assertThat(merges(train(resource("mixed.jsonl"), 300))).isEqualTo(all.subList(0, 43));
    assertThat(merges(train(resource("mixed.jsonl"), 257))).isEmpty();
  }

  /** Merges by their definition: all pairs of all words are counted again for each. */
  private static List<BpeMerges.Merge> naive(List<String> words, long[] counts, int most) {
    List<List<Integer>> symbols = new ArrayList<>();
    words.forEach(word -> symbols.add(new ArrayList<>(word.chars().boxed().toList())));
    List<BpeMerges.Merge> merges = new ArrayList<>();
    while (merges.size() < most) {
      Map<Long, Long> pairs = new TreeMap<>(); // in the order in which equal ones are taken
      for (int word = 0; word < counts.length; word++) {
        List<Integer> of = symbols.get(word);
        for (int i = 0; i + 1 < of.size(); i++) {
          pairs.merge((long) of.get(i) << 32 | of.get(i + 1), counts[word], Long::sum);
        }
      }
      Map.Entry<Long, Long> best = null;
      for (Map.Entry<Long, Long> pair : pairs.entrySet()) {
        best = best == null || pair.getValue() > best.getValue() ? pair : best;
      }
      if (best == null || best.getValue() < 2) {
        return merges;
      }
      BpeMerges.Merge merge =
          new BpeMerges.Merge((int) (best.getKey() >> 32), best.getKey().intValue());
      for (List<Integer> of : symbols) {
        for (int i = 0; i + 1 < of.size(); i++) {
          if (of.get(i) == merge.first() && of.get(i + 1) == merge.second()) {
            of.set(i, 256 + merges.size());
            of.remove(i + 1);
          }
        }
      }
      merges.add(merge);
    }
    return merges;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void mergesAreThoseOfTheDefinition(int letters) {
    int[] bytes = IntStream.range(0, 256).toArray();
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      Map<String, Long> words = new LinkedHashMap<>();
      for (int i = 0; i < 40; i++) {
        StringBuilder word = new StringBuilder();
        for (int n = random.nextInt(12); n >= 0; n--) {
          word.append((char) ('a' + random.nextInt(letters)));
        }
        words.put(word.toString(), 1L + random.nextInt(4));
      }
      List<String> texts = List.copyOf(words.keySet());
      long[] counts = words.values().stream().mapToLong(Long::longValue).toArray();
      assertThat(new BpeMerges(texts, counts, bytes).find(60, 256, done -> {}))
          .as("seed %s", seed)
          .isEqualTo(naive(texts, counts, 60));
    }
  }

  /** Text that is read in several portions, of words from a few to very many. */
  private Path longText() throws IOException {
    Random random = new Random(3);
    StringBuilder text = new StringBuilder();
    while (text.length() < 2_500_000) {
      text.append(Integer.toString((int) Math.pow(60_000, random.nextDouble()), 26));
      text.append(random.nextInt(4000) == 0 ? "\n<|endoftext|>\n" : " ");
    }
    return Files.writeString(folder.resolve("long.txt"), text);
  }

  private static WordCounts count(Path file, long room, int threads) throws IOException {
    WordCounts words = new WordCounts(room, threads);
    try (PieceSource source = Corpus.of("CORPUS", file.toString()).open(Reading.STRICT)) {
      words.add(source, fraction -> assertThat(fraction).isBetween(0.0, 1.0));
    }
    return words;
  }

  @Test
  void countsDoNotDependOnThreadsAndKeepToTheirRoom() throws IOException {
    Path file = longText();
    WordCounts whole = count(file, Long.MAX_VALUE, 2);
    Map<String, Long> plain = new HashMap<>();
    Gpt2Tokenizer.WORDS
        .matcher(Files.readString(file).replace("<|endoftext|>\n", ""))
        .results()
        .forEach(word -> plain.merge(word.group(), 1L, Long::sum));
    assertThat(whole.all()).isEqualTo(plain.values().stream().mapToLong(Long::longValue).sum());
    for (int i = 0; i < whole.words().size(); i++) {
      assertThat(plain).containsEntry(whole.words().get(i), whole.counts()[i]);
    }
    assertThat(whole.words()).hasSameSizeAs(plain.keySet());
    assertThat(whole.forgotten()).isZero();

    long room = 1_500_000; // about six thousand of these words
    WordCounts one = count(file, room, 1);
    WordCounts five = count(file, room, 5);
    assertThat(one.words()).isEqualTo(five.words()).hasSizeBetween(2_000, 8_000);
    assertThat(one.counts()).isEqualTo(five.counts());
    assertThat(one.forgotten()).isEqualTo(five.forgotten()).isPositive();
    assertThat(one.bytes()).isEqualTo(whole.bytes());
    List<String> frequent = plain.keySet().stream().filter(word -> plain.get(word) > 200).toList();
    assertThat(frequent).hasSizeGreaterThan(100);
    for (String word : frequent) {
      assertThat(one.counts()[one.words().indexOf(word)]).isEqualTo(plain.get(word));
    }
  }

  /** Without spaces, a word is as long as its text. */
  @Test
  void textWithoutSpacesIsCountedInStretches() throws IOException {
    String astral = "\ud83d\ude00";
    Path file = Files.writeString(folder.resolve("a.txt"), "x" + astral.repeat(100_000));
    WordCounts words = count(file, Long.MAX_VALUE, 2);
    assertThat(words.bytes()).isEqualTo(400_001);
    assertThat(words.words()).allMatch(word -> word.length() <= WordCounts.LONGEST);
    long[] counts = words.counts();
    long bytes = 0;
    for (int i = 0; i < counts.length; i++) {
      byte[] utf8 = words.words().get(i).getBytes(StandardCharsets.UTF_8);
      assertThat(new String(utf8, StandardCharsets.UTF_8)).isEqualTo(words.words().get(i));
      bytes += counts[i] * utf8.length;
    }
    assertThat(bytes).isEqualTo(400_001);
  }

  @Test
  void formatsAndSourcesOfTheSameDocumentsGiveTheSameFile() throws IOException {
    String expected = train(resource("mixed.jsonl"), 400).json();
    List<String> documents = documents();
    Path gz = folder.resolve("first.jsonl.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      for (String document : documents.subList(0, 5)) {
        String line = Json.line(Map.of("body", Map.of("text", document))) + "\n";
        out.write(line.getBytes(StandardCharsets.UTF_8));
      }
    }
    Path rest = folder.resolve("rest.jsonl");
    Files.write(
        rest,
        documents.subList(5, 12).stream().map(each -> Json.line(Map.of("text", each))).toList());
    Object first = Map.of("path", gz.toString(), "field", "body.text", "weight", 2);
    Object second = Map.of("path", rest.toString(), "weight", 1);
    assertThat(train(Json.line(List.of(first, second)), 400).json()).isEqualTo(expected);
  }

  @Test
  void trainedTokenizersMakeDataSets() throws IOException {
    Path file = folder.resolve("own.json");
    Files.writeString(file, train(resource("mixed.jsonl"), 320).json());
    DatasetSpec spec =
        new DatasetSpec(
            resource("mixed.jsonl").toString(), file.toString(), 0, Optional.empty(), 0.2);
    try (TokenDataset data = TokenDataset.open(spec, folder.resolve("cache"), line -> {})) {
      assertThat(data.tokenizer().vocabularySize()).isEqualTo(320);
      assertThat(data.statistics().trainDocuments() + data.statistics().validationDocuments())
          .isEqualTo(12);
    }
  }

  @Test
  void unusableInputIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), "some words");
    Path blank = Files.writeString(folder.resolve("blank.txt"), " \n ");
    Path invalid = Files.write(folder.resolve("invalid.txt"), new byte[] {'a', (byte) 0xff});
    ByteBuffer header = ByteBuffer.allocate(1024 + 2 * 40).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(20240520).putInt(1).putInt(40);
    Path shard = Files.write(folder.resolve("ids.bin"), header.array());
    for (int vocab : List.of(-1, 0, 256, 1_000_001)) {
      assertThatThrownBy(() -> train(text, vocab))
          .isInstanceOf(InputException.class)
          .hasMessage("--vocab is %s; allowed: 257 (256 bytes and end-of-text) to 1000000", vocab);
    }
    assertThatThrownBy(() -> train(blank, 300))
        .isInstanceOf(InputException.class)
        .hasMessage("CORPUS: blank.txt holds no text");
    assertThatThrownBy(() -> train(invalid, 300))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("invalid.txt")
        .hasMessageContaining("byte offset 1");
    assertThatThrownBy(() -> train(shard, 300))
        .isInstanceOf(InputException.class)
        .hasMessage("CORPUS: ids.bin holds token ids; allowed: text");
    assertThatThrownBy(() -> train(folder.resolve("none"), 300))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("CORPUS: no file or directory");
    assertThat(TokenizerTraining.train("CORPUS", invalid.toString(), true, 300, line -> {}).words())
        .isEqualTo(2);
  }
}
