package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;

/**
 * The shape of the language model: pre-norm GPT with RMSNorm, rotary positions and SwiGLU
 * (theory.md §9.1).
 *
 * @param layers number of transformer blocks L
 * @param width model width C; a multiple of {@code heads}
 * @param heads attention heads per block
 * @param context tokens in a training sequence T
 * @param mlpHidden inner width of the SwiGLU; {@code auto} in YAML is {@link #autoMlpHidden}
 * @param rotary fraction of each head that is rotated by position, 0 to 1; see {@link #rotaryDims}
 * @param initStd standard deviation of the initial weights; output projections use {@code
 *     initStd/√(2L)}
 * @param vocabMultiple the model's vocabulary is the tokenizer's, rounded up to a multiple of this,
 *     so that the output layer's shape suits a GPU; see {@link #paddedVocabulary}
 */
@PublicApi
public record ModelConfig(
    @Key(value = "4", min = 1, max = Key.SIZE) int layers,
    @Key(value = "128", min = 1, max = Key.SIZE) int width,
    @Key(value = "4", min = 1, max = Key.SIZE) int heads,
    @Key(value = "128", min = 1, max = Key.SIZE) int context,
    @Key(word = "auto", min = 1, max = 4 * Key.SIZE)
        @Key.Derived(from = "width", by = "autoMlpHidden")
        int mlpHidden,
    @Key(value = "1.0", min = 0, max = 1) double rotary,
    @Key(value = "0.02", min = 0, above = true) double initStd,
    @Key(value = "1", min = 1, max = Key.SIZE) @Key.OlderRuns("1") int vocabMultiple) {

  /**
   * Validates the shape.
   *
   * @throws InputException if heads do not divide the width, or {@code rotary} asks for positions
   *     but leaves no pair of dimensions to rotate
   */
  public ModelConfig {
    if (heads > 0 && width % heads != 0) {
      throw InputException.badValue("model.heads", heads, "a divisor of model.width, " + width);
    }
    if (rotary > 0 && heads > 0 && evenPart(rotary, width / heads) == 0) {
      throw InputException.badValue(
          "model.rotary",
          rotary,
          "0, or a fraction that leaves at least 2 of the %s dimensions of a head"
              .formatted(width / heads));
    }
  }

  /**
   * The quickstart's model: 4 layers, width 128, 4 heads, context 128.
   *
   * @return the defaults
   */
  public static ModelConfig defaults() {
    return ConfigSection.defaults("model", ModelConfig.class);
  }

  /**
   * The inner width that {@code mlp_hidden: auto} means: 8/3·width, rounded up to a multiple of 256
   * from width 256 on and of 8 below.
   *
   * @param width model width, 1 to 1,000,000
   * @return the inner width
   */
  public static int autoMlpHidden(int width) {
    int multiple = width >= 256 ? 256 : 8;
    return (8 * width + 3 * multiple - 1) / (3 * multiple) * multiple;
  }

  /**
   * Rows of the embedding and of the output layer. What lies beyond the tokenizer's vocabulary is
   * never a target, and training drives its probability to zero.
   *
   * @param vocabulary the tokenizer's
   * @return the next multiple of {@code vocabMultiple}
   */
  public int paddedVocabulary(int vocabulary) {
    return Math.multiplyExact((vocabulary + vocabMultiple - 1) / vocabMultiple, vocabMultiple);
  }

  /**
   * Dimensions of a head.
   *
   * @return {@code width / heads}
   */
  public int headSize() {
    return width / heads;
  }

  /**
   * Dimensions of a head that are rotated by position: {@code rotary · headSize}, rounded down to
   * an even number since they turn in pairs.
   *
   * @return an even number from 0 to the head size
   */
  public int rotaryDims() {
    return evenPart(rotary, headSize());
  }

  private static int evenPart(double fraction, int size) {
    // 0.29 * 100 is 28.999999999999996 in binary; the user meant 29.
    int dims = (int) Math.floor(fraction * size + 1e-9);
    return dims - dims % 2;
  }
}
