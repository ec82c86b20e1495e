package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import io.adamant.base.InputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  private static final String MIXED =
      "It's 12 o'clock —\n\n  naïve Ærøskøbing, 漢字 😀\t<|endoftext|> don't\u00a0\u00a0stop  \u2003!  ";
  private static final Gpt2Tokenizer CUT = new Gpt2Tokenizer(1024);

  @ParameterizedTest
  @CsvSource({"bytes,257", "gpt2,257", "gpt2,1024", "gpt2,4096", "gpt2,50257"})
  void textRoundTrips(String name, int vocab) {
    try (Tokenizer tokenizer = Tokenizer.of(name, vocab)) {
      int[] tokens = tokenizer.encode(MIXED);
      assertThat(tokenizer.decode(tokens)).isEqualTo(MIXED);
      assertThat(Arrays.stream(tokens)).allMatch(token -> token >= 0 && token < vocab - 1);
      assertThat(tokenizer.vocabularySize()).isEqualTo(vocab);
      assertThat(tokenizer.endOfText()).isEqualTo(vocab - 1);
      assertThat(tokenizer.decode(new int[] {vocab - 1})).isEqualTo("<|endoftext|>");
      assertThat(tokenizer.encode("")).isEmpty();
      assertThatThrownBy(() -> tokenizer.decode(new int[] {vocab}))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Property(tries = 300)
  void anyTextRoundTrips(@ForAll String text) {
    String valid = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    assertThat(CUT.decode(CUT.encode(valid))).isEqualTo(valid);
    BytesTokenizer bytes = new BytesTokenizer();
    assertThat(bytes.decode(bytes.encode(valid))).isEqualTo(valid);
  }

  @Property(tries = 300)
  void theWholeVocabularyIsGpt2s(@ForAll String text) {
    assertThat(Whole.OURS.encode(text + MIXED))
        .isEqualTo(Whole.THEIRS.encodeOrdinary(text + MIXED).toArray());
  }

  /** Published ids of GPT-2: "Hello world" is 15496, 995. */
  @Test
  void knowsPublishedIds() {
    assertThat(Whole.OURS.encode("Hello world")).containsExactly(15496, 995);
    assertThat(Whole.OURS.endOfText()).isEqualTo(50256);
  }

  private static final class Whole {
    static final Gpt2Tokenizer OURS = new Gpt2Tokenizer(50_257);
    static final com.knuddels.jtokkit.api.Encoding THEIRS =
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
  }

  @ParameterizedTest
  @ValueSource(ints = {257, 300, 1024, 4096})
  void aCutVocabularyIsRankGreedy(int vocab) {
    Gpt2Tokenizer tokenizer = new Gpt2Tokenizer(vocab);
    RankGreedyBpe oracle = new RankGreedyBpe(vocab - 1);
    List<String> glosses = new WordNetCorpus().glosses().subList(0, 300);
    for (String gloss : glosses) {
      assertThat(tokenizer.encode(gloss)).as(gloss).isEqualTo(oracle.encode(gloss));
    }
  }

  /** Words of thousands of letters, digits, signs and spaces, which are merged in stretches. */
  @ParameterizedTest
  @ValueSource(ints = {257, 300, 1024, 4096, 50257})
  void longWordsAreEncodedAsWhole(int vocab) {
    Gpt2Tokenizer tokenizer = new Gpt2Tokenizer(vocab);
    RankGreedyBpe oracle = new RankGreedyBpe(vocab - 1);
    Random random = new Random(vocab);
    for (String alphabet :
        new String[] {"ACGT", "a", "ab", "aab", "the", "=", "=-", "0", "01", " ", "etaoinshrdlu"}) {
      for (int i = 0; i < 6; i++) {
        String unit = letters(random, alphabet, 1 + random.nextInt(i % 2 == 0 ? 9 : 4000));
        String text = (i % 3 == 0 ? "x " : "") + unit.repeat(1 + 1500 / unit.length());
        assertThat(tokenizer.encode(text)).as("%s %s", alphabet, i).isEqualTo(oracle.encode(text));
      }
    }
  }

  /**
   * Letters whose pairs have ever lower ranks: the last pair merges first, then the last but one
   * before it, so that what comes behind decides on merges far in front.
   */
  @ParameterizedTest
  @ValueSource(ints = {1024, 4096, 50257})
  void mergesThatAreDecidedFromBehindAreThoseOfTheWhole(int vocab) {
    RankGreedyBpe oracle = new RankGreedyBpe(vocab - 1);
    Map<Character, String> longest = new HashMap<>(); // by its first letter
    oracle.ranks().entrySet().stream()
        .filter(entry -> entry.getKey().matches("[A-Za-z]{2}"))
        .sorted(Map.Entry.comparingByValue())
        .forEach(
            entry -> {
              char first = entry.getKey().charAt(0);
              char second = entry.getKey().charAt(1);
              String chain = first + longest.getOrDefault(second, "" + second);
              longest.merge(first, chain, (a, b) -> b.length() > a.length() ? b : a);
            });
    List<String> chains =
        longest.values().stream().sorted(Comparator.comparing(String::length).reversed()).toList();
    Gpt2Tokenizer tokenizer = new Gpt2Tokenizer(vocab);
    Random random = new Random(vocab);
    int joined = 0;
    int given = 0;
    for (int i = 0; i < 400; i++) {
      StringBuilder word = new StringBuilder(letters(random, "xyz", i % 7));
      while (word.length() < 200) {
        word.append(chains.get(random.nextInt(1 + i % 8)).substring(random.nextInt(3)));
      }
      int[] whole = oracle.encode(word.toString());
      byte[] bytes = word.toString().getBytes(StandardCharsets.UTF_8);
      for (int size = 6; size < 60; size += 3) { // so that the shared part is shorter than a chain
        IntArrayList tokens = new IntArrayList();
        if (tokenizer.encodeStretches(bytes, size, tokens)) {
          joined++;
          assertThat(tokens.toArray()).as("%s %s", size, word).isEqualTo(whole);
        } else {
          given++;
        }
      }
    }
    assertThat(joined).isGreaterThan(200);
    assertThat(given).isGreaterThan(50);
  }

  private static String letters(Random random, String alphabet, int count) {
    StringBuilder letters = new StringBuilder();
    for (int i = 0; i < count; i++) {
      letters.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return letters.toString();
  }

  /**
   * Where tokens end within characters, a stretch begins where a character does: cut elsewhere, its
   * first bytes would read as U+FFFD, which has three.
   */
  @ParameterizedTest
  @ValueSource(ints = {300, 700, 4096})
  void stretchesOfCharactersWithSeveralBytesAreJoined(int vocab) {
    Gpt2Tokenizer tokenizer = new Gpt2Tokenizer(vocab);
    Random random = new Random(vocab);
    for (int i = 0; i < 40; i++) {
      StringBuilder word = new StringBuilder();
      int alphabet = 1 + i % 4; // a single character all along, too
      while (word.length() < 120) {
        word.append("\u3042\u6f22\u0416\ufffd".charAt((i + random.nextInt(alphabet)) % 4));
      }
      int[] whole = tokenizer.encode(word.toString());
      byte[] bytes = word.toString().getBytes(StandardCharsets.UTF_8);
      for (int size = 12; size < 60; size += 3) {
        IntArrayList tokens = new IntArrayList();
        assertThat(tokenizer.encodeStretches(bytes, size, tokens)).isTrue();
        assertThat(tokens.toArray()).as("%s %s", size, word).isEqualTo(whole);
      }
    }
  }

  /** Where characters have several bytes, and a word's neighbours are words of every kind. */
  @Test
  void longWordsOfAnyScriptKeepTheIdsOfTheWhole() {
    Random random = new Random(7);
    for (String alphabet :
        new String[] {"漢字仮名交文", "жщю", "\uD801\uDC00\uD801\uDC01", "é\u0301", "\u3000\u00a0"}) {
      StringBuilder word = new StringBuilder();
      int[] characters = alphabet.codePoints().toArray();
      while (word.length() < 3000) {
        word.appendCodePoint(characters[random.nextInt(characters.length)]);
      }
      for (String text :
          List.of("" + word, "it's\n\n" + word + "  12!\n" + word + "\n", " " + word)) {
        assertThat(Whole.OURS.encode(text)).isEqualTo(Whole.THEIRS.encodeOrdinary(text).toArray());
      }
    }
  }

  /** 20 times the length in less than 60 times the time; it was 8 MB in 23 s. */
  @Test
  void aTextOfOneWordTakesTimeInProportion() {
    String word = letters(new Random(1), "ACGT", 200_000);
    CUT.encode(word);
    long start = System.nanoTime();
    int tokens = CUT.encode(word).length;
    long once = System.nanoTime() - start;
    start = System.nanoTime();
    assertThat(CUT.encode(word.repeat(20)).length).isBetween(19 * tokens, 21 * tokens);
    assertThat(System.nanoTime() - start).isLessThan(60 * once);
  }

  @Test
  void identitiesTellTokenizersApart() {
    assertThat(new Gpt2Tokenizer(1024).identity()).isEqualTo(CUT.identity());
    assertThat(new Gpt2Tokenizer(1025).identity()).isNotEqualTo(CUT.identity());
    assertThat(new BytesTokenizer().identity()).isNotEqualTo(new Gpt2Tokenizer(257).identity());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes|4096|data.vocab: 4096 is larger than the vocabulary of tokenizer 'bytes', which is 257",
        "bytes|256|data.vocab: tokenizer 'bytes' cannot be cut to 256; allowed: 257",
        "gpt2|50258|data.vocab: 50258 is larger than the vocabulary of tokenizer 'gpt2', which is 50257",
        "gpt2|256|data.vocab: 256 is too small for tokenizer 'gpt2'; allowed: 257",
        "gpt2|-1|data.vocab must be positive, found -1",
        "gtp2|4096|data.tokenizer: unknown tokenizer 'gtp2' (did you mean 'gpt2'?); allowed: bytes,",
        "byte|257|data.tokenizer: unknown tokenizer 'byte' (did you mean 'bytes'?); allowed:",
        "sentencepiece|9|data.tokenizer: unknown tokenizer 'sentencepiece'; allowed: bytes, gpt2,",
      })
  void refusesInOneLine(String name, int vocab, String message) {
    assertThatThrownBy(() -> Tokenizer.of(name, vocab))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void zeroMeansTheWholeVocabulary() {
    assertThat(Tokenizer.of("bytes", 0).vocabularySize()).isEqualTo(257);
    assertThat(Tokenizer.of("gpt2", 0).vocabularySize()).isEqualTo(50_257);
  }
}
