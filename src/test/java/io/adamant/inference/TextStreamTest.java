package io.adamant.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.data.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextStreamTest {

  private static final String TEXT = "naïve 😀😀 “x” 漢字 e\u0301 🇩🇪 end";

  private static List<String> pieces(Tokenizer tokenizer, int[] ids) {
    TextStream stream = new TextStream(tokenizer);
    List<String> pieces = new ArrayList<>();
    for (int id : ids) {
      pieces.add(stream.add(id));
    }
    pieces.add(stream.end());
    return pieces;
  }

  /** Both cut characters into bytes: the second has no merges for most of these. */
  @ParameterizedTest
  @ValueSource(strings = {"bytes", "gpt2"})
  void showsWholeCharactersAndAllOfTheText(String name) {
    try (Tokenizer tokenizer = Tokenizer.of(name, 257)) {
      int[] ids = tokenizer.encode(TEXT);
      List<String> pieces = pieces(tokenizer, ids);
      assertThat(String.join("", pieces)).isEqualTo(TEXT);
      for (String piece : pieces) {
        assertThat(piece).doesNotContain("\uFFFD");
        assertThat(piece.codePoints().filter(c -> c >= 0xD800 && c < 0xE000)).isEmpty();
      }
      assertThat(pieces.get(pieces.size() - 1)).isEmpty(); // nothing was held back at the end
      // A character comes with its last byte, no later.
      assertThat(pieces.subList(0, 4)).containsExactly("n", "a", "", "ï");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes", "gpt2"})
  void bytesThatAreNoTextDoNotHoldBackOrBreakWhatFollows(String name) {
    try (Tokenizer tokenizer = Tokenizer.of(name, 257)) {
      int[] smiley = tokenizer.encode("😀");
      int[] letters = tokenizer.encode("abc");
      int broken = smiley[1]; // a byte that only continues a character
      List<Integer> ids = new ArrayList<>();
      Stream.generate(() -> broken).limit(6).forEach(ids::add);
      for (int id : smiley) {
        ids.add(id);
      }
      ids.add(smiley[0]);
      for (int id : letters) {
        ids.add(id);
      }
      ids.add(smiley[0]);
      List<String> pieces = pieces(tokenizer, ids.stream().mapToInt(Integer::intValue).toArray());
      assertThat(pieces.get(3)).isEqualTo("\uFFFD"); // three are enough to wait for
      String text = String.join("", pieces);
      assertThat(text).contains("😀").contains("abc").endsWith("\uFFFD");
      assertThat(text.replace("\uFFFD", "")).isEqualTo("😀abc");
      assertThat(text.getBytes(StandardCharsets.UTF_8)).isNotEmpty();
    }
  }
}
