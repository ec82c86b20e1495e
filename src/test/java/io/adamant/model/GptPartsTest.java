package io.adamant.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import io.adamant.tensor.TorchRuntime;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gradient of each part of {@code gpt_layers.py} against finite differences in float64. */
class GptPartsTest {

  private static final int HEADS = 4;
  private static final int KEYS = 2;
  private static final int D = 6;
  private static final double STEP = 1e-5;

  private final Random random = new Random(1);
  private NDManager manager;
  private Autograd.Mode off;

  @BeforeEach
  void prepare() {
    TorchRuntime.prepareThread(1);
    manager = NDManager.newBaseManager(Device.cpu());
    off = Autograd.noGrad();
  }

  @AfterEach
  void close() {
    off.close();
    manager.close();
  }

  private ScriptModule parts(Map<String, Object> switches) {
    Map<String, Object> constants =
        new HashMap<>(
            Map.of(
                "heads",
                (long) HEADS,
                "key_heads",
                (long) KEYS,
                "eps",
                1e-2,
                "fused",
                false,
                "chunk",
                4L,
                "centred",
                false,
                "mlp",
                "swiglu",
                "parallel",
                false,
                "cap",
                0.0));
    constants.putAll(switches);
    return new ScriptModule(
        manager,
        new ScriptArchive(
            ScriptModule.resource("matmul_torch.py")
                + ScriptModule.resource("gpt_parts.py")
                + ScriptModule.resource("gpt_layers.py"),
            constants));
  }

  private NDArray random(long... shape) {
    Shape size = new Shape(shape);
    double[] values = random.doubles(size.size(), -1, 1).toArray();
    return manager.create(values, size);
  }

  private NDArray zeros(NDArray like) {
    return like.zerosLike();
  }

  private NDList copies(NDList arrays) {
    NDList copies = new NDList();
    arrays.forEach(array -> copies.add(array.duplicate()));
    return copies;
  }

  /**
   * For a random dy and a random direction of each input, the part's gradient along it is the
   * central difference of the sum of dy and the result.
   */
  private void holds(
      NDList inputs,
      Function<NDList, NDArray> forward,
      BiFunction<NDList, NDArray, NDList> backward) {
    NDArray dy = random(forward.apply(copies(inputs)).getShape().getShape());
    NDList gradients = backward.apply(copies(inputs), dy.duplicate());
    assertThat(gradients).hasSameSizeAs(inputs);
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).size() == 0) {
        continue;
      }
      NDArray direction = random(inputs.get(i).getShape().getShape());
      double[] sums = new double[2];
      for (int side = 0; side < 2; side++) {
        NDList moved = copies(inputs);
        moved.set(i, moved.get(i).add(direction.mul(side == 0 ? STEP : -STEP)));
        sums[side] = forward.apply(moved).mul(dy).sum().getDouble();
      }
      double expected = (sums[0] - sums[1]) / (2 * STEP);
      double actual = gradients.get(i).mul(direction).sum().getDouble();
      assertThat(actual)
          .as("input %d", i)
          .isCloseTo(expected, within(1e-7 * (1 + Math.abs(expected))));
    }
  }

  private NDArray none() {
    return manager.create(new Shape(0), DataType.FLOAT64);
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "true, true"})
  void norms(boolean centred, boolean biased) {
    try (ScriptModule parts = parts(Map.of("centred", centred))) {
      holds(
          new NDList(random(5, 8), random(8), biased ? random(8) : none()),
          in -> parts.call(manager, "norm", in.get(0), in.get(1), in.get(2)).head(),
          (in, dy) -> {
            NDList n = parts.call(manager, "norm", in.get(0), in.get(1), in.get(2));
            NDList d = new NDList(zeros(in.get(0)), zeros(in.get(1)), zeros(in.get(2)));
            parts.call(
                manager,
                "add_norm_gradient",
                d.get(0),
                dy,
                in.get(0),
                n.get(1),
                n.get(2),
                in.get(1),
                in.get(2),
                d.get(1),
                d.get(2));
            return d;
          });
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void linearLayers(boolean biased) {
    try (ScriptModule parts = parts(Map.of())) {
      NDArray bias = biased ? random(3) : none();
      BiFunction<NDList, NDArray, NDList> gradient =
          (in, dy) -> {
            NDArray dw = zeros(in.get(1));
            NDArray db = zeros(in.get(2));
            NDArray dx =
                parts
                    .call(manager, "linear_gradient", dy, in.get(0), in.get(1), dw, db)
                    .singletonOrThrow();
            return new NDList(dx, dw, db);
          };
      NDList inputs = new NDList(random(5, 4), random(3, 4), bias);
      holds(
          inputs,
          in -> parts.call(manager, "linear", in.get(0), in.get(1), in.get(2)).head(),
          gradient);
      NDArray residual = random(5, 3);
      holds(
          inputs,
          in ->
              parts.call(manager, "linear_added", residual, in.get(0), in.get(1), in.get(2)).head(),
          gradient);
    }
  }

  @Test
  void normsOfQueriesAndKeys() {
    try (ScriptModule parts = parts(Map.of())) {
      holds(
          new NDList(random(2, 5, HEADS + 2L * KEYS, D), random(D), random(D)),
          in -> parts.call(manager, "head_norm", in.get(0), in.get(1), in.get(2)).head(),
          (in, dy) -> {
            NDArray r = parts.call(manager, "head_norm", in.get(0), in.get(1), in.get(2)).get(1);
            NDArray dq = zeros(in.get(1));
            NDArray dk = zeros(in.get(2));
            parts.call(
                manager, "head_norm_gradient", dy, in.get(0), r, in.get(1), in.get(2), dq, dk);
            return new NDList(dy, dq, dk);
          });
    }
  }

  @ParameterizedTest(name = "rotary pairs {0}, separator {1}, fused {2}, key heads {3}")
  @CsvSource({
    "3, -1, false, 2",
    "2, -1, true, 2",
    "0, 1, false, 1",
    "2, 1, true, 1",
    "3, 1, false, 4"
  })
  void groupedAttentionWithRotaryPositions(int half, int separator, boolean fused, int keys) {
    int time = 70; // more than a block of queries
    Map<String, Object> switches =
        Map.of("fused", fused, "separator", (long) separator, "key_heads", (long) keys);
    try (ScriptModule parts = parts(switches)) {
      NDArray tokens = manager.create(random.longs(2L * time, 0, 20).toArray(), new Shape(2, time));
      NDArray angles = random(time, half);
      NDList places = parts.differentiate(manager, "places", tokens, angles.cos(), angles.sin());
      NDArray cos = places.get(1);
      NDArray sin = places.get(2);
      Function<NDList, NDList> attention =
          in -> parts.differentiate(manager, "attention", in.head(), cos, sin, places.get(3));
      holds(
          new NDList(random(2, time, HEADS + 2L * keys, D)),
          in -> attention.apply(in).head(),
          (in, dy) -> {
            try (Autograd.Mode on = Autograd.recording()) {
              return parts.differentiate(
                  manager, "attention_gradient", dy, attention.apply(in), cos, sin);
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"swiglu", "gelu", "gelu_tanh", "relu2"})
  void activations(String mlp) {
    try (ScriptModule parts = parts(Map.of("mlp", mlp))) {
      holds(
          new NDList(random(5, 8).mul(3)),
          in -> parts.call(manager, "activation", in.head()).head(),
          (in, dy) -> {
            NDArray s = parts.call(manager, "activation", in.head()).get(1);
            return parts.call(manager, "activation_gradient", dy, in.head(), s);
          });
    }
  }

  @Test
  void aCapOfLogits() {
    try (ScriptModule parts = parts(Map.of("cap", 1.5))) {
      holds(
          new NDList(random(5, 8).mul(3)),
          in -> parts.call(manager, "capped", in.head()).head(),
          (in, dy) ->
              parts.call(
                  manager, "capped_gradient", dy, parts.call(manager, "capped", in.head()).head()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 2})
  void embeddingsWithPositions(long separator) {
    try (ScriptModule parts = parts(Map.of("separator", separator))) {
      NDArray tokens = manager.create(new long[] {0, 2, 3, 2, 2, 1, 1, 0, 2, 3});
      NDArray table = random(6, 0);
      NDArray at =
          parts.differentiate(manager, "places", tokens.reshape(2, 5), table, table).head();
      holds(
          new NDList(random(4, 3), random(6, 3)),
          in -> parts.call(manager, "embed_places", tokens, at, in.get(0), in.get(1)).head(),
          (in, dy) -> {
            NDList d = new NDList(zeros(in.get(0)), zeros(in.get(1)));
            parts.call(manager, "embed_places_gradient", dy, tokens, at, d.get(0), d.get(1));
            return d;
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"false, 0", "true, 2.5"})
  void outputHeads(boolean centred, double cap) {
    try (ScriptModule parts = parts(Map.of("centred", centred, "cap", cap))) {
      NDArray targets = manager.create(random.longs(9, 0, 7).toArray()); // three chunks of 4 rows
      double weight = 0.3;
      holds(
          new NDList(random(9, 8), random(8), centred ? random(8) : none(), random(7, 8)),
          in -> {
            NDList w = new NDList(in.subList(1, 4));
            return parts
                .call(manager, "head_loss", in.head(), w, targets, new NDList(), 0.0)
                .head()
                .mul(weight)
                .reshape(1);
          },
          (in, dy) -> {
            NDList w = new NDList(in.subList(1, 4));
            NDList d = new NDList(zeros(w.get(0)), zeros(w.get(1)), zeros(w.get(2)));
            double times = weight * dy.toDoubleArray()[0];
            NDArray dx = parts.call(manager, "head_loss", in.head(), w, targets, d, times).get(1);
            return new NDList(dx, d.get(0), d.get(1), d.get(2));
          });
    }
  }
}
