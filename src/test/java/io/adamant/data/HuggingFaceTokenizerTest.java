package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceTokenizerTest {
  @TempDir Path folder;

  /** A tokenizer.json of GPT-2's encoding cut to {@code vocab}, written from its ranks. */
  static Path gpt2File(Path folder, int vocab) throws IOException {
    RankGreedyBpe bpe = new RankGreedyBpe(vocab - 1);
    ObjectNode root = new JsonMapper().createObjectNode();
    root.put("version", "1.0").putNull("normalizer");
    ArrayNode added = root.putArray("added_tokens");
    ObjectNode end = added.addObject().put("id", vocab - 1).put("content", "<|endoftext|>");
    for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      end.put(flag, false);
    }
    end.put("special", true);
    for (String part : List.of("pre_tokenizer", "decoder")) {
      ObjectNode node = root.putObject(part).put("type", "ByteLevel");
      node.put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", true);
    }
    ObjectNode model = root.putObject("model").put("type", "BPE");
    ObjectNode ids = model.putObject("vocab");
    ArrayNode merges = model.putArray("merges");
    bpe.ranks().entrySet().stream()
        .sorted(Comparator.comparing(Map.Entry::getValue))
        .forEach(
            entry -> {
              ids.put(visible(entry.getKey()), entry.getValue());
              if (entry.getKey().length() > 1) {
                List<String> halves = bpe.merge(entry.getKey(), entry.getValue());
                merges.add(visible(halves.get(0)) + " " + visible(halves.get(1)));
              }
            });
    return Files.writeString(folder.resolve("tokenizer.json"), root.toString());
  }

  /** GPT-2's files show a byte that has no printable Latin-1 character as one from 256 on. */
  static String visible(String bytes) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < bytes.length(); i++) {
      char c = bytes.charAt(i);
      int hidden = 0;
      for (char d = 0; d < c; d++) {
        hidden += printable(d) ? 0 : 1;
      }
      shown.append(printable(c) ? c : (char) (256 + hidden));
    }
    return shown.toString();
  }

  private static boolean printable(char c) {
    return (c >= '!' && c <= '~') || (c >= 0xa1 && c != 0xad);
  }

  @Test
  void equalsOurGpt2OnLongText() throws IOException {
    String text = String.join("\n", new WordNetCorpus().glosses().subList(0, 500));
    Gpt2Tokenizer ours = new Gpt2Tokenizer(1024);
    try (Tokenizer theirs = Tokenizer.of(gpt2File(folder, 1024).toString(), 1024)) {
      int[] tokens = theirs.encode(text);
      assertThat(tokens.length).isGreaterThan(10_000); // not truncated to 512
      assertThat(tokens).isEqualTo(ours.encode(text));
      assertThat(theirs.decode(tokens)).isEqualTo(text);
      assertThat(theirs.vocabularySize()).isEqualTo(1024);
      assertThat(theirs.endOfText()).isEqualTo(1023);
      assertThat(theirs.identity()).startsWith("huggingface ");
      assertThatThrownBy(() -> theirs.decode(new int[] {1024}))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aByteOrderMarkIsSkipped() throws IOException {
    Path file = gpt2File(folder, 300);
    Files.writeString(file, "\ufeff" + Files.readString(file));
    try (Tokenizer tokenizer = Tokenizer.of(file.toString(), 300)) {
      assertThat(tokenizer.encode("ab")).isEqualTo(new Gpt2Tokenizer(300).encode("ab"));
    }
  }

  @Test
  void cannotBeCutOrStretched() throws IOException {
    String file = gpt2File(folder, 300).toString();
    assertThatThrownBy(() -> Tokenizer.of(file, 301))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("301 is larger than the vocabulary");
    assertThatThrownBy(() -> Tokenizer.of(file, 299))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be cut to 299; allowed: 300");
  }

  /** The post-processors of these files would put a token in front; truncation is to 5 tokens. */
  @Test
  void everyKindOfModelGivesTheIdsOfTheTextAlone() {
    assertIds(TokenizerFixtures.byteLevel("<|endoftext|>", ""), "the word", "t", "he", " word");
    assertIds(
        TokenizerFixtures.byteLevel("<|end_of_text|>", TokenizerFixtures.LLAMA_3), "12 the", "12");
    assertIds(TokenizerFixtures.llama2(), "the word", "\u2581the", "\u2581word");
    assertIds(TokenizerFixtures.llama2(), "\u00e9", "\u2581", "<0xC3>", "<0xA9>");
    assertIds(TokenizerFixtures.unigram(), "the wo", "\u2581the", "\u2581", "wo");
    assertIds(TokenizerFixtures.wordPiece(), "The words", "the", "word", "##s");
    assertIds(TokenizerFixtures.wordPiece(), "word[SEP]word", "word", "[SEP]", "word");
  }

  /** The first tokens of a text, as the vocabulary names them, a space as itself. */
  private void assertIds(TokenizerFixtures fixture, String text, String... tokens) {
    try (Tokenizer tokenizer = Tokenizer.of(fixture.write(folder).toString(), 0)) {
      int[] expected =
          Arrays.stream(tokens)
              .mapToInt(
                  token ->
                      TokenizerFile.read(fixture.write(folder))
                          .endOfText(token.replace(" ", visible(" "))))
              .toArray();
      assertThat(Arrays.copyOf(tokenizer.encode(text), expected.length)).isEqualTo(expected);
    }
    try (Tokenizer tokenizer = Tokenizer.of(fixture.write(folder).toString(), 0)) {
      assertThat(tokenizer.encode(text.repeat(50)).length).isGreaterThanOrEqualTo(50);
    }
  }

  @Test
  void endOfTextIsFoundOrNamed() {
    for (String name : TokenizerFile.END_OF_TEXT_NAMES) {
      String file = TokenizerFixtures.byteLevel(name, "").added(0, "<x>", "").write(folder) + "";
      try (Tokenizer tokenizer = Tokenizer.of(file, 0)) {
        assertThat(tokenizer.endOfText()).isEqualTo(1);
      }
    }
    TokenizerFixtures two = TokenizerFixtures.byteLevel("<|im_end|>", "");
    String file = two.added(400, "<|endoftext|>", "").write(folder).toString();
    String identity;
    try (Tokenizer tokenizer = Tokenizer.of(file, 0)) {
      assertThat(tokenizer.endOfText()).isEqualTo(400);
      identity = tokenizer.identity();
    }
    try (Tokenizer tokenizer = Tokenizer.of(file, 0, "<|im_end|>")) {
      assertThat(tokenizer.endOfText()).isEqualTo(1);
      assertThat(tokenizer.identity()).startsWith(identity).isNotEqualTo(identity);
    }
    try (Tokenizer tokenizer = Tokenizer.of(file, 0, "!!")) { // of the model, not an added one
      assertThat(tokenizer.endOfText()).isEqualTo(tokenizer.encode("!!")[0]);
    }
    String unigram = TokenizerFixtures.unigram().write(folder).toString();
    try (Tokenizer tokenizer = Tokenizer.of(unigram, 0, "word")) { // which lists by id
      assertThat(tokenizer.endOfText()).isEqualTo(4);
    }
    assertThatThrownBy(() -> Tokenizer.of(file, 0, "<|end|>"))
        .isInstanceOf(InputException.class)
        .hasMessage("data.end_of_text: " + file + " has no token '<|end|>'");
    assertThatThrownBy(() -> Tokenizer.of("gpt2", 0, "<|end|>"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.end_of_text is <|end|>; allowed: auto with tokenizer gpt2");
  }

  @Test
  void aTextForWhichThereIsNoMemoryIsRefusedBeforeTheLibraryEndsTheProcess() {
    Path file = Path.of("t.json");
    HuggingFaceTokenizer.requireMemory(file, 10_000_000, OptionalLong.of(2_100_000_000));
    HuggingFaceTokenizer.requireMemory(file, 10_000_000, OptionalLong.empty());
    assertThatThrownBy(
            () -> HuggingFaceTokenizer.requireMemory(file, 10_000_000, OptionalLong.of(1L << 30)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.tokenizer: t.json cannot be given a text of 10,000,000 char")
        .hasMessageContaining("about 2.0 GiB of memory for it; 1.0 GiB are free")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void refusesRandomIds() {
    TokenizerFixtures random = TokenizerFixtures.byteLevel("</s>", "");
    random.model().put("dropout", 0.1);
    assertThatThrownBy(() -> Tokenizer.of(random.write(folder).toString(), 0))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("are random: set its model.dropout to null");
  }

  @Test
  void aTextThatATokenizerCannotEncodeIsRefusedInOneLine() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("words.json"),
            """
            {"version": "1.0", "pre_tokenizer": {"type": "Whitespace"},
             "added_tokens": [{"id": 2, "content": "</s>", "single_word": false, "lstrip": false,
               "rstrip": false, "normalized": false, "special": true}],
             "model": {"type": "WordLevel", "unk_token": "unknown", "vocab": {"a": 0, "b": 1}}}
            """);
    try (Tokenizer tokenizer = Tokenizer.of(file.toString(), 0)) {
      assertThat(tokenizer.encode("a b</s>a")).containsExactly(0, 1, 2, 0);
      assertThatThrownBy(() -> tokenizer.encode("a c"))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("data.tokenizer: " + file + " cannot encode a text: ")
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void refusesWhatIsNoTokenizer() throws IOException {
    refused("", "is not a Hugging Face tokenizer.json");
    refused("not json", "it is not JSON");
    refused("{\"a\": 1}", "it has no model.vocab");
    refused("{\"model\": {\"vocab\": {}}}", "its vocabulary is empty");
    refused("{\"model\": {\"vocab\": {\"a\": 0, \"b\": 1}}}", "has no end-of-text");
    refused(
        "{\"model\": {\"type\": \"Odd\", \"vocab\": {\"a\": 0, \"b\": 1}},"
            + " \"added_tokens\": [{\"id\": 2, \"content\": \"</s>\"}]}",
        "is not a Hugging Face tokenizer.json");
  }

  private void refused(String content, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("bad.json"), content);
    assertThatThrownBy(() -> Tokenizer.of(file.toString(), 300))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.tokenizer: " + file)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }
}
