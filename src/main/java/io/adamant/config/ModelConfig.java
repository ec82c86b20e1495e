package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;

/**
 * The shape of the language model: a pre-norm GPT, by default with RMSNorm, rotary positions and
 * SwiGLU (theory.md §9.1). Its switches make it the model of other families.
 *
 * @param layers number of transformer blocks L
 * @param width model width C; a multiple of {@code heads} unless {@code headWidth} is given
 * @param heads attention heads per block
 * @param context tokens in a training sequence T
 * @param mlp the MLP's activation and form
 * @param mlpHidden inner width F of the MLP; {@code auto} in YAML is {@link #autoMlpHidden}
 * @param rotary fraction of each head that is rotated by position, 0 to 1; see {@link #rotaryDims}
 * @param initStd standard deviation of the initial weights; output projections use {@code
 *     initStd/√(2L)}
 * @param vocabMultiple the model's vocabulary is the tokenizer's, rounded up to a multiple of this,
 *     so that the output layer's shape suits a GPU; see {@link #paddedVocabulary}
 * @param norm what stands before each part and before the output layer
 * @param normEps added to the mean square or the variance in a norm
 * @param biasNorm whether norms have a bias beside their gain; only with {@code norm: layer}
 * @param biasQkv whether queries, keys and values have a bias
 * @param biasOut whether attention's output projection has one
 * @param biasMlp whether the MLP's products have one each
 * @param positions how the model knows where a token stands
 * @param rotaryBase base of the rotary frequencies: pair i of R/2 turns by t·base^(−2i/R)
 * @param rotaryFactor by which Llama 3's scaling slows low frequencies down; 1 is no scaling
 * @param rotaryLowFreq low_freq_factor of that scaling: waves longer than {@code
 *     rotaryTrainedContext/rotaryLowFreq} are slowed down by the whole factor
 * @param rotaryHighFreq high_freq_factor of it: waves shorter than {@code
 *     rotaryTrainedContext/rotaryHighFreq} are left alone
 * @param rotaryTrainedContext original_max_position_embeddings of it
 * @param kvHeads heads of keys and values, a divisor of {@code heads}: query head h reads key head
 *     {@code h / (heads / kvHeads)}; 0, in YAML {@code auto}, is one for each query head
 * @param headWidth dimensions of a head D; 0, in YAML {@code auto}, is {@code width / heads}
 * @param qkNorm whether the queries and keys of each head pass through a norm with a gain of D
 *     values before they are rotated
 * @param tied whether the output layer's weights are the embedding's
 * @param logitCap logits are {@code cap·tanh(logit/cap)}; 0, in YAML {@code none}, is no cap
 * @param parallel whether attention and MLP of a layer read the same input and are added to it
 *     together, each behind its own norm, in place of one after the other
 */
@PublicApi
public record ModelConfig(
    @Key(value = "4", min = 1, max = Key.SIZE) int layers,
    @Key(value = "128", min = 1, max = Key.SIZE) int width,
    @Key(value = "4", min = 1, max = Key.SIZE) int heads,
    @Key(value = "128", min = 1, max = Key.SIZE) int context,
    @Key("swiglu") @Key.OlderRuns("swiglu") Mlp mlp,
    @Key(word = "auto", min = 1, max = 4 * Key.SIZE)
        @Key.Derived(
            from = {"width", "mlp"},
            by = "autoMlpHidden")
        int mlpHidden,
    @Key(value = "1.0", min = 0, max = 1) double rotary,
    @Key(value = "0.02", min = 0, above = true) double initStd,
    @Key(value = "1", min = 1, max = Key.SIZE) @Key.OlderRuns("1") int vocabMultiple,
    @Key("rms") @Key.OlderRuns("rms") Norm norm,
    @Key(value = "1.0e-6", min = 0, above = true, max = 1) @Key.OlderRuns("1.0e-6") double normEps,
    @Key("false") @Key.OlderRuns("false") boolean biasNorm,
    @Key("false") @Key.OlderRuns("false") boolean biasQkv,
    @Key("false") @Key.OlderRuns("false") boolean biasOut,
    @Key("false") @Key.OlderRuns("false") boolean biasMlp,
    @Key("rotary") @Key.OlderRuns("rotary") Positions positions,
    @Key(value = "500000", min = 1, above = true) @Key.OlderRuns("500000.0") double rotaryBase,
    @Key(value = "1", min = 1) @Key.OlderRuns("1.0") double rotaryFactor,
    @Key(value = "1", min = 0, above = true) @Key.OlderRuns("1.0") double rotaryLowFreq,
    @Key(value = "4", min = 0, above = true) @Key.OlderRuns("4.0") double rotaryHighFreq,
    @Key(value = "8192", min = 1) @Key.OlderRuns("8192") int rotaryTrainedContext,
    @Key(value = "auto", word = "auto", min = 0, max = Key.SIZE) @Key.OlderRuns("auto") int kvHeads,
    @Key(value = "auto", word = "auto", min = 0, max = Key.SIZE) @Key.OlderRuns("auto")
        int headWidth,
    @Key("false") @Key.OlderRuns("false") boolean qkNorm,
    @Key("false") @Key.OlderRuns("false") boolean tied,
    @Key(value = "none", word = "none", min = 0) @Key.OlderRuns("none") double logitCap,
    @Key("false") @Key.OlderRuns("false") boolean parallel) {

  /**
   * Validates the shape.
   *
   * @throws InputException if heads do not divide the width, key heads do not divide the heads,
   *     {@code rotary} asks for positions but leaves no pair of dimensions to rotate, switches
   *     exclude each other, or numbers of a scaling are given without its factor
   */
  public ModelConfig {
    if (headWidth == 0 && heads > 0 && width % heads != 0) {
      throw InputException.badValue("model.heads", heads, "a divisor of model.width, " + width);
    }
    // One shape, one text: the identity of a run is made of it.
    headWidth = heads > 0 && (long) headWidth * heads == width ? 0 : headWidth;
    if (kvHeads > 0 && heads % kvHeads != 0) {
      throw InputException.badValue(
          "model.kv_heads", kvHeads, "a divisor of model.heads, " + heads);
    }
    kvHeads = kvHeads == heads ? 0 : kvHeads;
    int head = headWidth > 0 || heads == 0 ? headWidth : width / heads;
    if (positions == Positions.ROTARY && rotary > 0 && head > 0 && evenPart(rotary, head) == 0) {
      throw InputException.badValue(
          "model.rotary",
          rotary,
          "0, or a fraction that leaves at least 2 of the %s dimensions of a head".formatted(head));
    }
    if (biasNorm && norm != Norm.LAYER) {
      throw InputException.badValue("model.bias_norm", true, "false, or model.norm: layer");
    }
    if (rotaryFactor == 1) {
      // They would count in a run's identity and do nothing.
      requireNoScaling("rotary_low_freq", rotaryLowFreq, 1);
      requireNoScaling("rotary_high_freq", rotaryHighFreq, 4);
      requireNoScaling("rotary_trained_context", rotaryTrainedContext, 8192);
    }
    if (rotaryFactor > 1 && rotaryHighFreq <= rotaryLowFreq) {
      throw InputException.badValue(
          "model.rotary_high_freq",
          rotaryHighFreq,
          "above model.rotary_low_freq, " + rotaryLowFreq);
    }
  }

  private static void requireNoScaling(String key, double value, double byDefault) {
    if (value != byDefault) {
      throw InputException.badValue(
          "model." + key,
          value == Math.rint(value) ? (Object) (long) value : value,
          "%s, or a model.rotary_factor above 1, of whose scaling it is"
              .formatted((long) byDefault));
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
   * The inner width that {@code mlp_hidden: auto} means: 4·width; of a SwiGLU, which has a third
   * matrix, 8/3·width, rounded up to a multiple of 256 from width 256 on and of 8 below.
   *
   * @param width model width, 1 to 1,000,000
   * @param mlp which MLP
   * @return the inner width
   */
  public static int autoMlpHidden(int width, Mlp mlp) {
    if (!mlp.gated()) {
      return 4 * width;
    }
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
   * @return D, {@code width / heads} unless {@code headWidth} is given
   */
  public int headSize() {
    return headWidth > 0 ? headWidth : width / heads;
  }

  /**
   * Heads of keys and of values.
   *
   * @return K, the number of query heads unless {@code kvHeads} is given
   */
  public int keyHeads() {
    return kvHeads > 0 ? kvHeads : heads;
  }

  /**
   * Dimensions of a head that are rotated by position: {@code rotary · headSize}, rounded down to
   * an even number since they turn in pairs.
   *
   * @return an even number from 0 to the head size; 0 without rotary positions
   */
  public int rotaryDims() {
    return positions == Positions.ROTARY ? evenPart(rotary, headSize()) : 0;
  }

  private static int evenPart(double fraction, int size) {
    // 0.29 * 100 is 28.999999999999996 in binary; the user meant 29.
    int dims = (int) Math.floor(fraction * size + 1e-9);
    return dims - dims % 2;
  }
}
