package io.adamant.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.adamant.config.Configs;
import io.adamant.config.ModelConfig;
import io.adamant.config.Precision;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.TorchRuntime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading token by token gives the logits of the plain model over the whole text. */
class GptDecoderTest {

  private static final int VOCABULARY = 37;
  private static final int[] TEXT = new Random(3).ints(24, 0, VOCABULARY).toArray();

  private static ModelConfig config(String switches) {
    String base = "layers: 2, width: 24, heads: 4, context: 24, ";
    return Configs.parseRun("model: {" + base + switches + "}", List.of()).model();
  }

  /** Weights that are neither small nor 1 nor 0, so that one left out shows. */
  private static Map<String, NDArray> weights(NDManager manager, ModelConfig config) {
    Random random = new Random(5);
    Map<String, NDArray> weights = new LinkedHashMap<>();
    new ModelSize(config, VOCABULARY)
        .shapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[(int) shape.size()];
              double scale = shape.dimension() == 1 ? 0.3 : 1.5 / Math.sqrt((double) shape.get(1));
              for (int i = 0; i < values.length; i++) {
                values[i] =
                    (float) (scale * random.nextGaussian() + (name.endsWith("gain") ? 1 : 0));
              }
              weights.put(name, manager.create(values, shape));
            });
    return weights;
  }

  private static KernelPath path(ModelConfig config) {
    return KernelPath.choose(CpuFeatures.detect(), Device.cpu(), Precision.FP32, config.context());
  }

  private static float[] reference(
      NDManager manager, ModelConfig config, Map<String, NDArray> weights, int[] tokens) {
    Map<String, NDArray> exact = new LinkedHashMap<>();
    weights.forEach((name, array) -> exact.put(name, array.toType(DataType.FLOAT64, true)));
    long[] ids = Arrays.stream(tokens).asLongStream().toArray();
    return new ReferenceGpt(config, exact)
        .logits(manager, manager.create(ids, new Shape(1, ids.length)))
        .toType(DataType.FLOAT32, false)
        .toFloatArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlp: swiglu",
        "mlp: gelu, norm: layer, bias_norm: true, bias_qkv: true, bias_out: true, bias_mlp: true,"
            + " positions: learned, tied: true, norm_eps: 1.0e-2",
        "mlp: gelu_tanh, norm: layer, positions: learned, bias_mlp: true, kv_heads: 2",
        "mlp: swiglu, kv_heads: 2, head_width: 10, qk_norm: true, tied: true, rotary_base: 100",
        "mlp: swiglu, kv_heads: 1, bias_qkv: true, norm_eps: 0.1, logit_cap: 2",
        "mlp: gelu, norm: layer, bias_norm: true, parallel: true, rotary: 0.5, bias_out: true,"
            + " rotary_base: 10000, bias_qkv: true",
        "mlp: relu2, positions: none, logit_cap: 3, qk_norm: true, parallel: true",
        "mlp: relu2, rotary_factor: 8, rotary_trained_context: 16, rotary_low_freq: 1,"
            + " rotary_high_freq: 4, rotary_base: 50, mlp_hidden: 7",
      })
  void tokensOneByOneInPiecesAndAtOnceGiveTheLogitsOfTheWholeText(String switches) {
    ModelConfig config = config(switches);
    TorchRuntime.prepareThread(1);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      Map<String, NDArray> weights = weights(manager, config);
      float[] expected = reference(manager, config, weights, TEXT);
      try (GptDecoder decoder = new GptDecoder(manager, config, path(config), weights)) {
        float[] whole = decoder.readAll(TEXT);
        requireClose(whole, expected);
        requireClose(whole, trained(manager, config, weights));
        decoder.reset();
        for (int t = 0; t < TEXT.length; t++) {
          requireClose(decoder.read(TEXT[t]), row(expected, t));
          assertThat(decoder.length()).isEqualTo(t + 1);
        }
        decoder.reset();
        requireClose(decoder.read(Arrays.copyOf(TEXT, 7)), row(expected, 6));
        requireClose(decoder.read(Arrays.copyOfRange(TEXT, 7, 9)), row(expected, 8));
        requireClose(decoder.read(TEXT[9]), row(expected, 9));
        requireClose(decoder.read(Arrays.copyOfRange(TEXT, 10, 24)), row(expected, 23));
        decoder.reset(9);
        requireClose(decoder.read(TEXT[9]), row(expected, 9));
        int[] behind = Arrays.copyOfRange(TEXT, 11, 24);
        float[] logs = decoder.logProbabilities(Arrays.copyOfRange(TEXT, 10, 23), behind);
        for (int i = 0; i < behind.length; i++) {
          assertThat((double) logs[i])
              .isCloseTo(logProbability(row(expected, 10 + i), behind[i]), within(2e-5));
        }
      }
    }
  }

  /** By the passes that train. */
  private static float[] trained(
      NDManager manager, ModelConfig config, Map<String, NDArray> weights) {
    try (Gpt model = new Gpt(manager, config, VOCABULARY, path(config), 1)) {
      model.named().forEach((name, weight) -> Autograd.copy(weights.get(name), weight.getArray()));
      long[] ids = Arrays.stream(TEXT).asLongStream().toArray();
      return model.logits(manager, manager.create(ids, new Shape(1, ids.length))).toFloatArray();
    }
  }

  private static double logProbability(float[] logits, int id) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return logits[id] - Math.log(sum);
  }

  private static float[] row(float[] logits, int position) {
    return Arrays.copyOfRange(logits, position * VOCABULARY, (position + 1) * VOCABULARY);
  }

  private static void requireClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      double limit = 1e-5 * Math.max(1, Math.abs(expected[i]));
      assertThat((double) found[i]).as("logit %s", i).isCloseTo(expected[i], within(limit));
    }
  }

  @Test
  void aModelInTrainingGivesTheSameLogits() {
    ModelConfig config = config("init_std: 0.3");
    TorchRuntime.prepareThread(1);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        Gpt model = new Gpt(manager, config, VOCABULARY, path(config), 3)) {
      Map<String, NDArray> weights = new LinkedHashMap<>();
      for (Map.Entry<String, Parameter> entry : model.named().entrySet()) {
        weights.put(entry.getKey(), entry.getValue().getArray());
      }
      long[] ids = Arrays.stream(TEXT).asLongStream().toArray();
      float[] expected =
          model.logits(manager, manager.create(ids, new Shape(1, ids.length))).toFloatArray();
      try (GptDecoder decoder = new GptDecoder(manager, config, path(config), weights)) {
        for (int t = 0; t < TEXT.length; t++) {
          requireClose(decoder.read(TEXT[t]), row(expected, t));
        }
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    ModelConfig config = config("kv_heads: 2");
    TorchRuntime.prepareThread(1);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      Map<String, NDArray> weights = weights(manager, config);
      try (GptDecoder decoder = new GptDecoder(manager, config, path(config), weights)) {
        decoder.read(TEXT);
        assertThatThrownBy(() -> decoder.read(1))
            .hasMessageContaining("1 tokens behind 24 of a context of 24");
        assertThatThrownBy(() -> decoder.reset().read(VOCABULARY)).hasMessageContaining("token 37");
        assertThatThrownBy(() -> decoder.read()).isInstanceOf(IllegalArgumentException.class);
      }
    }
  }
}
