package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A written tokenizer.json, run by Hugging Face's library, gives the ids of what it was made of.
 */
class TokenizerJsonTest {

  private static final String[] TEXTS = {
    "The quick brown fox can't jump; it'll sleep, we've 1234 of them.",
    "  two  spaces\tand tabs\n\n\nlines  ",
    "Grüße, 東京, ελληνικά, \ud83d\ude00 and \u0000\u0007\u00a0\u00ad\u007f",
    "antidisestablishmentarianism internationalization  'S 'T I'D",
    "",
    " ",
  };

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"bytes,0", "gpt2,257", "gpt2,258", "gpt2,300", "gpt2,4096", "gpt2,50257"})
  void theIdsAreTheSame(String name, int vocabulary) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.of(name, vocabulary)) {
      Path file = temp.resolve("tokenizer.json");
      Files.writeString(file, TokenizerJson.of(tokenizer).orElseThrow());
      try (Tokenizer back = Tokenizer.of(file.toString(), 0)) {
        assertThat(back.vocabularySize()).isEqualTo(tokenizer.vocabularySize());
        assertThat(back.endOfText()).isEqualTo(tokenizer.endOfText());
        for (String text : TEXTS) {
          assertThat(back.encode(text)).as(text).isEqualTo(tokenizer.encode(text));
        }
        Random random = new Random(1);
        String letters = "etaoin shrdlu,.\n'\u00e9ETAOI 0123";
        for (int i = 0; i < 200; i++) {
          StringBuilder text = new StringBuilder();
          for (int j = random.nextInt(60); j >= 0; j--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
          }
          int[] ids = tokenizer.encode(text.toString());
          assertThat(back.encode(text.toString())).as("%s", text).isEqualTo(ids);
          assertThat(back.decode(ids)).isEqualTo(text.toString());
        }
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
          assertThat(back.decode(new int[] {id})).isEqualTo(tokenizer.decode(new int[] {id}));
        }
      }
    }
  }

  /** The first merges of GPT-2's own merges.txt. */
  @Test
  void mergesAreThoseOfGpt2InTheirOrder() throws IOException {
    JsonNode json = Json.MAPPER.readTree(TokenizerJson.of(new Gpt2Tokenizer(50_257)).orElseThrow());
    JsonNode merges = json.get("model").get("merges");
    assertThat(merges).hasSize(50_000);
    String[] first = {"\u0120 t", "\u0120 a", "h e", "i n", "r e", "o n", "\u0120t he", "e r"};
    for (int i = 0; i < first.length; i++) {
      assertThat(merges.get(i).asText()).isEqualTo(first[i]);
    }
    assertThat(json.get("model").get("vocab").get("\u0120the").asInt()).isEqualTo(262);
    assertThat(json.get("model").get("vocab").get("!").asInt()).isZero();
  }

  @Test
  void aTokenizerOfAFileIsThatFileAndIdsAloneHaveNone() throws IOException {
    Path file = temp.resolve("tokenizer.json");
    Files.writeString(file, TokenizerJson.of(new BytesTokenizer()).orElseThrow() + "\n\n");
    try (Tokenizer tokenizer = Tokenizer.of(file.toString(), 0)) {
      assertThat(TokenizerJson.of(tokenizer)).contains(Files.readString(file));
    }
    assertThat(TokenizerJson.of(Tokenizer.of("none", 100))).isEmpty();
  }
}
