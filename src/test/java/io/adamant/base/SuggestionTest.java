package io.adamant.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {

  @ParameterizedTest
  @CsvSource({
    "width, width, 0",
    "widht, width, 1",
    "wdth, width, 1",
    "widthh, width, 1",
    "wiith, width, 1",
    "kitten, sitting, 3",
    "'', abc, 3",
    "ca, abc, 3"
  })
  void countsInsertionsDeletionsReplacementsAndSwaps(String a, String b, int edits) {
    assertThat(Suggestion.distance(a, b)).isEqualTo(edits);
  }

  @Property(tries = 200)
  void distanceIsSymmetricAndBoundedByTheLongerWord(
      @ForAll @AlphaChars @StringLength(max = 8) String a,
      @ForAll @AlphaChars @StringLength(max = 8) String b) {
    int distance = Suggestion.distance(a, b);
    assertThat(distance)
        .isEqualTo(Suggestion.distance(b, a))
        .isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
    assertThat(distance == 0).isEqualTo(a.equals(b));
  }

  @Test
  void suggestsTheNearestOrListsAll() {
    List<String> known = List.of("steps", "batch", "seed");
    assertThat(Suggestion.hint("stpes", known)).isEqualTo("did you mean steps?");
    assertThat(Suggestion.hint("max_iters", known)).isEqualTo("did you mean steps?");
    assertThat(Suggestion.hint("batch_size", known)).isEqualTo("did you mean batch?");
    assertThat(Suggestion.hint("sedd", known)).isEqualTo("did you mean seed?");
    assertThat(Suggestion.hint("momentum", known)).isEqualTo("allowed: batch, seed, steps");
  }
}
