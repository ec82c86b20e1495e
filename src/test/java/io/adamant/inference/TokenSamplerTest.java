package io.adamant.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.base.InputException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenSamplerTest {

  /** Probabilities 0.05, 0.4, 0.1, 0.25, 0.2 of ids 0 to 4. */
  private static final double[] P = {0.05, 0.4, 0.1, 0.25, 0.2};

  private static float[] logits(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (7 + Math.log(probabilities[i])); // a common addend is no matter
    }
    return logits;
  }

  private static double[] frequencies(TokenSampler sampler) {
    int draws = 200_000;
    double[] counts = new double[P.length];
    SplittableRandom random = TokenSampler.random(11, 0);
    float[] logits = logits(P);
    for (int i = 0; i < draws; i++) {
      counts[sampler.draw(logits, random)] += 1.0 / draws;
    }
    return counts;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 1, '0.05 0.4 0.1 0.25 0.2'",
    "0.5, 0, 1, '0.009091 0.581818 0.036364 0.227273 0.145455'", // squares over their sum 0.275
    "2, 0, 1, '0.1055 0.298398 0.149199 0.235904 0.210999'",
    "1, 2, 1, '0 0.615385 0 0.384615 0'",
    "1, 9, 1, '0.05 0.4 0.1 0.25 0.2'",
    "1, 0, 0.39, '0 1 0 0 0'", // the shortest beginning with at least 0.39
    "1, 0, 0.66, '0 0.470588 0 0.294118 0.235294'",
    "1, 3, 0.75, '0 0.615385 0 0.384615 0'", // top-p on what top-k left: 0.65 of 0.85 is 0.765
    "0.5, 3, 0.8, '0 0.719101 0 0.280899 0'", // 0.848 of the squares that top-k left
    "0, 4, 0.9, '0 1 0 0 0'",
  })
  void drawsWhatTheSettingsSay(double temperature, int topK, double topP, String expected) {
    double[] found = frequencies(new TokenSampler(temperature, topK, topP));
    String[] numbers = expected.split(" ", -1);
    for (int id = 0; id < P.length; id++) {
      double p = Double.parseDouble(numbers[id]);
      double deviation = Math.sqrt(p * (1 - p) / 200_000);
      assertThat(found[id]).as("id %s", id).isCloseTo(p, within(4.5 * deviation + 1e-9));
    }
  }

  @Test
  void ofEqualLogitsTheSmallestIdIsFirst() {
    float[] logits = {1, 3, -0.0f, 3, 0.0f, -2};
    assertThat(TokenSampler.GREEDY.draw(logits, null)).isEqualTo(1);
    assertThat(new TokenSampler(1, 1, 1).draw(logits, TokenSampler.random(1, 0))).isEqualTo(1);
    float[] below = {-9, -1, -5, -3};
    assertThat(new TokenSampler(1, 1, 1).draw(below, TokenSampler.random(1, 0))).isEqualTo(1);
    SplittableRandom random = TokenSampler.random(1, 0);
    TokenSampler four = new TokenSampler(1000, 4, 1); // all but uniform among 1, 3, 0 and 2
    for (int i = 0; i < 200; i++) {
      assertThat(four.draw(logits, random)).isIn(1, 3, 0, 2);
    }
  }

  @Test
  void aSampleDependsOnSeedAndIndexAlone() {
    float[] logits = new float[1000];
    int[][] drawn = new int[3][8];
    for (int i = 0; i < 8; i++) {
      drawn[0][i] = TokenSampler.UNMODIFIED.draw(logits, TokenSampler.random(5, i));
      drawn[1][i] = TokenSampler.UNMODIFIED.draw(logits, TokenSampler.random(5, i));
      drawn[2][i] = TokenSampler.UNMODIFIED.draw(logits, TokenSampler.random(6, i));
    }
    assertThat(drawn[0]).isEqualTo(drawn[1]).isNotEqualTo(drawn[2]);
    assertThat(drawn[0]).doesNotHaveDuplicates();
  }

  @Test
  void logProbabilitiesAreThoseOfTheModelAsItIs() {
    float[] logits = logits(P);
    for (int id = 0; id < P.length; id++) {
      assertThat(TokenSampler.logProbability(logits, id)).isCloseTo(Math.log(P[id]), within(1e-6));
    }
    float[] far = {1000, -1000};
    assertThat(TokenSampler.logProbability(far, 0)).isZero();
    assertThat(TokenSampler.logProbability(far, 1)).isEqualTo(-2000);
  }

  @ParameterizedTest
  @CsvSource({"-1,0,1,temperature", "NaN,0,1,temperature", "1,-1,1,top-k", "1,0,0,top-p"})
  void settingsOutOfRangeAreRefusedByName(double temperature, int topK, double topP, String name) {
    assertThatThrownBy(() -> new TokenSampler(temperature, topK, topP))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(name + " is ");
    assertThatThrownBy(() -> new TokenSampler(1, 0, 1.01)).hasMessageContaining("at most 1");
  }
}
