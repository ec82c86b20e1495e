package io.adamant.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GeneratorTest {

  private static final int VOCABULARY = 50;
  private static final int CONTEXT = 9;

  private TinyModel model;

  @BeforeEach
  void open() {
    model = new TinyModel(VOCABULARY, CONTEXT);
  }

  @AfterEach
  void close() {
    model.close();
  }

  /** Logits behind the last token, by the model itself over the whole text. */
  private float[] logits(List<Integer> text) {
    long[] ids = text.stream().mapToLong(Integer::longValue).toArray();
    float[] all = model.logits(ids);
    return Arrays.copyOfRange(all, all.length - VOCABULARY, all.length);
  }

  private Generator.Continuation greedy(int[] prompt, int count, int endOfText, int vocabulary) {
    Generator generator = new Generator(model.decoder(), vocabulary);
    return generator.generate(
        prompt,
        generator.begin(prompt),
        count,
        TokenSampler.GREEDY,
        TokenSampler.random(1, 0),
        endOfText,
        id -> {});
  }

  @Test
  void aTextBeyondTheContextGoesOnBehindTheLastHalfOfIt() {
    int[] prompt = {3, 1, 4, 1};
    Generator.Continuation found = greedy(prompt, 22, -1, VOCABULARY);
    List<Integer> text = new ArrayList<>(List.of(3, 1, 4, 1));
    int begin = 0;
    for (int i = 0; i < 22; i++) {
      if (text.size() - begin > CONTEXT) {
        begin = text.size() - 5; // half of nine, rounded up
      }
      float[] logits = logits(text.subList(begin, text.size()));
      int best = TokenSampler.GREEDY.draw(logits, null);
      assertThat(found.ids().get(i)).as("token %s", i).isEqualTo(best);
      assertThat(found.logProbabilities().get(i))
          .isCloseTo(TokenSampler.logProbability(logits, best), within(1e-5));
      text.add(best);
    }
    assertThat(found.ids()).hasSize(22);
    assertThat(found.ended()).isFalse();
    assertThat(found.ids().stream().distinct().count()).isGreaterThan(4);
  }

  @Test
  void aLongPromptIsCutToItsEnd() {
    int[] prompt = {7, 7, 7, 7, 9, 2, 6, 5, 3, 5, 8, 9, 7};
    int[] end = Arrays.copyOfRange(prompt, 4, 13);
    assertThat(greedy(prompt, 1, -1, VOCABULARY).ids())
        .isEqualTo(greedy(end, 1, -1, VOCABULARY).ids());
    assertThat(greedy(prompt, 1, -1, VOCABULARY).logProbabilities())
        .isEqualTo(greedy(end, 1, -1, VOCABULARY).logProbabilities());
  }

  @Test
  void theEndOfTextEndsItAndIsNoPartOfIt() {
    int[] prompt = {3, 1, 4, 1};
    List<Integer> free = greedy(prompt, 12, -1, VOCABULARY).ids();
    int at = 1;
    while (free.indexOf(free.get(at)) < at) {
      at++;
    }
    Generator.Continuation ended = greedy(prompt, 12, free.get(at), VOCABULARY);
    assertThat(ended.ended()).isTrue();
    assertThat(ended.ids()).isEqualTo(free.subList(0, at));
    assertThat(ended.logProbabilities()).hasSize(at);
  }

  @Test
  void paddingOfTheVocabularyIsNeverDrawn() {
    int[] prompt = {3, 1, 4, 1};
    int best = greedy(prompt, 1, -1, VOCABULARY).ids().get(0);
    int drawn = greedy(prompt, 1, -1, best).ids().get(0); // the ids below the best one
    assertThat(drawn).isLessThan(best);
    double log = greedy(prompt, 1, -1, best).logProbabilities().get(0);
    assertThat(log)
        .isCloseTo(TokenSampler.logProbability(logits(List.of(3, 1, 4, 1)), drawn), within(1e-5));
  }
}
