package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pieces have the ids of the whole, whatever the tokenizer; what is not known to do is not cut. */
class CutRuleTest {
  private static final String BYTE_LEVEL =
      "{'type':'ByteLevel','add_prefix_space':%s,'trim_offsets':true,'use_regex':true}";
  private static final String METASPACE =
      "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'%s','split':%s}";
  private static final String SIGN =
      "{'type':'Replace','pattern':{'String':' '},'content':'\u2581'}";

  /** Words, runs of every kind of space, marks, digits, signs, look-alikes of special tokens. */
  private static final String[] PARTS = {
    "a",
    "word",
    " word",
    " the",
    " ",
    " ",
    " ",
    " ",
    "  ",
    "   ",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "'s",
    "'S",
    "'",
    "12",
    "1234",
    "!",
    "!!",
    "!\n",
    "/",
    "é",
    "É",
    "e\u0301",
    "\u0301",
    "\u00a0",
    "\u0085",
    "\u3000",
    "\u2581",
    "漢字",
    "Ж",
    "ж",
    "ß",
    "ſ",
    "ﬁ",
    "¨",
    "\u0344",
    "😀",
    "𐐀",
    "क्षि",
    "אב",
    "\u200d",
    "\ufeff",
    "<|endoftext|",
    "|>",
    "<|end",
    "</s",
    ">",
    "<s>",
    "[SEP",
    "]",
    "<mask>",
    "aaaa",
    "aaaaaaa",
    "\u0001",
    "</s>",
    "[SEP]",
    "<|end_of_text|>",
    "\u007f",
    "ÿ",
    "\uffff",
    "<0x0A>",
    "İ"
  };

  @TempDir static Path folder;

  private record Case(String name, CutRule rule, Supplier<TokenizerFixtures> fixture) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(String name, CutRule rule, Supplier<TokenizerFixtures> fixture) {
    return new Case(name, rule, fixture);
  }

  private static TokenizerFixtures gpt2() {
    return TokenizerFixtures.byteLevel("<|endoftext|>", "");
  }

  private static TokenizerFixtures split(String pattern) {
    return TokenizerFixtures.byteLevel("<|end_of_text|>", pattern);
  }

  static Stream<Case> cases() {
    return Stream.of(
        of("gpt2", CutRule.SPACES_AND_LINES, CutRuleTest::gpt2),
        of(
            "gpt-neox",
            CutRule.SPACES_AND_LINES,
            () -> gpt2().set("normalizer", "{'type':'NFC'}").added(400, "   ", "normalized")),
        of(
            "prefix space",
            CutRule.SPACES,
            () -> gpt2().set("pre_tokenizer", BYTE_LEVEL.formatted(true))),
        of("swallows before", CutRule.SPACES, () -> gpt2().added(400, "<mask>", "lstrip")),
        of("swallows behind", CutRule.NOWHERE, () -> gpt2().added(400, "<mask>", "rstrip")),
        of("single words", CutRule.SPACES_AND_LINES, () -> gpt2().added(400, "a", "single_word")),
        of("a token of two words", CutRule.NOWHERE, () -> gpt2().added(400, "a word", "")),
        of(
            "lower case",
            CutRule.PLAIN_SPACES,
            () -> gpt2().set("normalizer", "{'type':'Lowercase'}")),
        of(
            "compatibility",
            CutRule.PLAIN_SPACES,
            () -> gpt2().set("normalizer", "{'type':'NFKC'}")),
        of(
            "starcoder",
            CutRule.SPACES_AND_LINES,
            () ->
                gpt2()
                    .set(
                        "pre_tokenizer",
                        "{'type':'Sequence','pretokenizers':[{'type':'Digits','individual_digits':true},"
                            + BYTE_LEVEL.formatted(false)
                            + "]}")),
        of(
            "falcon",
            CutRule.SPACES_AND_LINES,
            () ->
                gpt2()
                    .set(
                        "pre_tokenizer",
                        "{'type':'Sequence','pretokenizers':[{'type':'Punctuation','behavior':'Contiguous'},"
                            + BYTE_LEVEL.formatted(false)
                            + ",{'type':'Digits','individual_digits':false}]}")),
        of(
            "signs go on",
            CutRule.SPACES_AND_LINES,
            () ->
                gpt2()
                    .set(
                        "pre_tokenizer",
                        "{'type':'Sequence','pretokenizers':[{'type':'Punctuation','behavior':'MergedWithNext'},"
                            + BYTE_LEVEL.formatted(false)
                            + "]}")),
        of(
            "llama 3",
            CutRule.SPACES_AND_LINES,
            () -> {
              TokenizerFixtures llama = split(TokenizerFixtures.LLAMA_3);
              llama.model().put("ignore_merges", true);
              return llama;
            }),
        of(
            "qwen",
            CutRule.SPACES_AND_LINES,
            () ->
                split(TokenizerFixtures.LLAMA_3.replace("{1,3}", ""))
                    .set("normalizer", "{'type':'NFC'}")),
        of("o200k", CutRule.SPACES, () -> split(TokenizerFixtures.O200K)),
        of("words over spaces", CutRule.NOWHERE, () -> split("\\p{L}+ \\p{L}+|\\s+")),
        of("looks back", CutRule.NOWHERE, () -> split("(?<=\\n)\\p{L}|\\p{L}+|\\s+")),
        of("llama 2", CutRule.PLAIN_SPACES_LEFT_OUT, TokenizerFixtures::llama2),
        of("gemma", CutRule.PLAIN_SPACES, () -> TokenizerFixtures.llama2().set("normalizer", SIGN)),
        of(
            "llama 2, a word added",
            CutRule.NOWHERE,
            () -> TokenizerFixtures.llama2().added(400, "word", "")),
        of(
            "llama 2, new style",
            CutRule.PLAIN_SPACES,
            () ->
                TokenizerFixtures.llama2()
                    .set("normalizer", "null")
                    .set("pre_tokenizer", METASPACE.formatted("first", false))),
        of(
            "merges over spaces",
            CutRule.NOWHERE,
            () -> {
              TokenizerFixtures llama = TokenizerFixtures.llama2();
              llama.model().withArray("merges").insert(0, "d \u2581");
              ((ObjectNode) llama.model().get("vocab")).put("d\u2581", 399);
              return llama;
            }),
        of("unigram", CutRule.PLAIN_SPACES, TokenizerFixtures::unigram),
        of(
            "unigram, first",
            CutRule.PLAIN_SPACES,
            () ->
                TokenizerFixtures.unigram()
                    .set("pre_tokenizer", METASPACE.formatted("first", true))),
        of(
            "unigram, whole",
            CutRule.NOWHERE,
            () ->
                TokenizerFixtures.unigram()
                    .set("pre_tokenizer", METASPACE.formatted("first", false))),
        of(
            "unigram, words without their spaces",
            CutRule.SPACES,
            () ->
                TokenizerFixtures.unigram()
                    .set(
                        "pre_tokenizer",
                        "{'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},"
                            + METASPACE.formatted("first", true)
                            + "]}")),
        of(
            "t5 strips",
            CutRule.NOWHERE,
            () ->
                TokenizerFixtures.unigram()
                    .set("normalizer", "{'type':'Strip','strip_left':true,'strip_right':true}")),
        of(
            "a pattern replaced",
            CutRule.NOWHERE,
            () ->
                TokenizerFixtures.unigram()
                    .set(
                        "normalizer",
                        "{'type':'Replace','pattern':{'Regex':'[a-z] [a-z]'},'content':'x'}")),
        of("bert", CutRule.SPACES_AND_LINES, TokenizerFixtures::wordPiece),
        of(
            "not known",
            CutRule.NOWHERE,
            () -> gpt2().set("pre_tokenizer", "{'type':'UnicodeScripts'}")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void piecesHaveTheIdsOfTheWhole(Case each) throws IOException {
    Path file = each.fixture().get().write(folder);
    try (Tokenizer tokenizer = Tokenizer.of(file.toString(), 0)) {
      assertThat(tokenizer.cuts()).isEqualTo(each.rule());
      int cuts = assertSameIds(tokenizer, 3000);
      assertThat(cuts).isGreaterThan(each.rule() == CutRule.NOWHERE ? -1 : 300);
    }
  }

  /** So that a rule that is wrong for a tokenizer shows: that of GPT-2 is for all but its kind. */
  @Test
  void theTextsTellTokenizersApart() throws IOException {
    Map<String, Boolean> wrong = new LinkedHashMap<>();
    for (Case each : cases().toList()) {
      Path file = each.fixture().get().write(folder);
      try (Tokenizer tokenizer = Tokenizer.of(file.toString(), 0)) {
        wrong.put(each.name(), differs(tokenizer, CutRule.SPACES_AND_LINES, 3000));
      }
    }
    assertThat(wrong)
        .containsAllEntriesOf(
            Map.of(
                "gpt2", false,
                "prefix space", true,
                "swallows before", true,
                "swallows behind", true,
                "a token of two words", true,
                "o200k", true,
                "words over spaces", true,
                "llama 2", true,
                "merges over spaces", true))
        .containsEntry("unigram", true)
        .containsEntry("looks back", true)
        .containsEntry("t5 strips", true)
        .containsEntry("bert", false);
  }

  @ParameterizedTest
  @MethodSource("files")
  void piecesHaveTheIdsOfTheWholeWithRealFiles(Path file) throws IOException {
    assumeTrue(Files.exists(file), () -> "no " + file);
    try (Tokenizer tokenizer = Tokenizer.of(file.toString(), 0)) {
      assertThat(tokenizer.cuts()).isEqualTo(CutRule.SPACES_AND_LINES);
      assertThat(assertSameIds(tokenizer, 1000)).isGreaterThan(300);
    }
  }

  static Stream<Path> files() {
    return Stream.of("gpt-neox-20b.json", "gpt2-tiny-5k.json")
        .map(name -> Path.of("../shared/tokenizers", name));
  }

  /** The number of cuts. */
  private static int assertSameIds(Tokenizer tokenizer, int texts) throws IOException {
    Random random = new Random(5);
    int cuts = 0;
    for (int i = 0; i < texts; i++) {
      String text = text(random);
      List<String> pieces = pieces(text, tokenizer.cuts(), 2 + random.nextInt(20));
      assertThat(ids(tokenizer, pieces)).as("%s", pieces).isEqualTo(tokenizer.encode(text));
      cuts += pieces.size() - 1;
    }
    return cuts;
  }

  private static boolean differs(Tokenizer tokenizer, CutRule rule, int texts) throws IOException {
    Random random = new Random(5);
    boolean differs = false;
    for (int i = 0; i < texts && !differs; i++) {
      String text = text(random);
      List<String> pieces = pieces(text, rule, 2 + random.nextInt(20));
      differs = !Arrays.equals(ids(tokenizer, pieces), tokenizer.encode(text));
    }
    return differs;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder("x");
    for (int parts = random.nextInt(40); parts >= 0; parts--) {
      text.append(PARTS[random.nextInt(PARTS.length)]);
      if (random.nextInt(8) == 0) {
        text.append((char) (1 + random.nextInt(255)));
      }
    }
    // Within a line it is refused before any tokenizer sees it.
    return text.toString().replace("<|endoftext|>", "<|end_of_text|>");
  }

  private static int[] ids(Tokenizer tokenizer, List<String> pieces) {
    return pieces.stream().flatMapToInt(each -> IntStream.of(tokenizer.encode(each))).toArray();
  }

  /** The pieces of a document; a text of the parts above has no separator line. */
  private static List<String> pieces(String text, CutRule rule, int target) throws IOException {
    PieceReader reader =
        new PieceReader(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
            "x.txt",
            new Reading(rule, false),
            target,
            target + 10,
            PieceReader.MOST);
    List<String> pieces = new ArrayList<>();
    for (Optional<Piece> p = reader.next(); p.isPresent(); p = reader.next()) {
      pieces.add(p.get().text());
    }
    return pieces;
  }
}
