package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {

  @ParameterizedTest
  @CsvSource({
    "3, 8",
    "6, 16",
    "64, 176",
    "96, 256",
    "128, 344",
    "192, 512",
    "255, 680",
    "256, 768",
    "288, 768",
    "384, 1024",
    "512, 1536",
    "768, 2048",
    "1000000, 2666752"
  })
  void autoIsEightThirdsOfTheWidthRoundedUp(int width, int expected) {
    assertThat(ModelConfig.autoMlpHidden(width, Mlp.SWIGLU)).isEqualTo(expected);
    assertThat(ModelConfig.autoMlpHidden(width, Mlp.SWIGLU) * 3L)
        .isGreaterThanOrEqualTo(width * 8L);
  }

  @ParameterizedTest
  @CsvSource({"1.0, 32", "0.5, 16", "0.25, 8", "0.3, 8", "0.0, 0", "0.0625, 2", "0.99, 30"})
  void rotatesAnEvenNumberOfDimensions(double rotary, int expected) {
    assertThat(Shapes.model(1, 128, 4, 8, 344, rotary, 0.02).rotaryDims()).isEqualTo(expected);
  }

  @Test
  void aFractionThatIsNotExactInBinaryCountsAsMeant() {
    assertThat(0.58 * 100).isLessThan(58);
    assertThat(Shapes.model(1, 100, 1, 8, 272, 0.58, 0.02).rotaryDims()).isEqualTo(58);
  }

  @Test
  void refusesRotationThatRotatesNothing() {
    assertThatThrownBy(() -> Shapes.model(1, 8, 8, 8, 24, 1.0, 0.02))
        .hasMessage(
            "configuration: model.rotary is 1.0; allowed: 0, or a fraction that leaves at least 2 of the 1"
                + " dimensions of a head");
    assertThat(Shapes.model(1, 8, 8, 8, 24, 0, 0.02).rotaryDims()).isZero();
  }

  @Test
  void aHeadIsItsShareOfTheWidth() {
    assertThat(ModelConfig.defaults().headSize()).isEqualTo(32);
  }
}
